using System.Collections.Immutable;
using Interline.Accounts;
using Interline.Ledger;

namespace Interline.Books;

/// <summary>Whose calls somebody may see: everybody's, those of some teams and its own, a user's, a key's, or nobody's.</summary>
/// <param name="Whose">Kind of the owner; <see cref="UsageDimension.Everything"/> sees all calls.</param>
/// <param name="Id">Id of the owner, where <see cref="Whose"/> is teams that of the user whose calls are seen besides; null sees nothing (besides).</param>
public readonly record struct Sight(UsageDimension Whose, string? Id)
{
    /// <summary>Teams whose calls are seen, if <see cref="Whose"/> is <see cref="UsageDimension.Team"/>.</summary>
    public ImmutableArray<string> Teams { get => field.IsDefault ? [] : field; init; }

    /// <summary>Whether it sees all calls.</summary>
    public bool IsWhole => Whose == UsageDimension.Everything;

    /// <summary>Whether it sees no call at all.</summary>
    public bool IsNothing => !IsWhole && Id is null && Teams.IsEmpty;

    /// <summary>
    /// What a caller may see. Admins and viewers all; a team's admin the teams it is an admin of (a key of another team, where it is only a member, shows it nothing of
    /// that one) and its own calls; a user its own calls with whatever key; a key that stands for nobody its own.
    /// </summary>
    /// <param name="principal">Who asks.</param>
    public static Sight Of(Principal principal) => principal switch
    {
        { Role: Role.Admin or Role.Viewer } => default,
        { Role: Role.TeamAdmin, AdminOf.IsDefaultOrEmpty: false } => new(UsageDimension.Team, principal.UserId) { Teams = principal.AdminOf },
        { Role: Role.TeamAdmin or Role.User or Role.UserViewer, UserId: { } user } => new(UsageDimension.User, user),
        { Role: Role.Anonymous } => new(UsageDimension.Key, null),
        _ => new(UsageDimension.Key, principal.KeyId),
    };

    /// <summary>Whether it sees a call.</summary>
    /// <param name="call">The call.</param>
    public bool Sees(in CallRecord call) => Sees(call.KeyId, call.TeamId, call.UserId);

    /// <summary>Whether it sees something of an owner.</summary>
    /// <param name="key">Id of the owner's key.</param>
    /// <param name="team">Its team.</param>
    /// <param name="user">Its user.</param>
    public bool Sees(string? key, string? team, string? user) =>
        IsWhole || (team is not null && Teams.Contains(team)) || (Id is { } id && id == (Whose == UsageDimension.Key ? key : user));

    /// <summary>
    /// A question to the call log, narrowed to what may be seen. Who sees teams and calls of its own gets the teams' unless it asks for itself: both at once are in no sum.
    /// </summary>
    /// <param name="query">The question.</param>
    /// <returns>Null if nothing of what it asks for may be seen.</returns>
    public CallQuery? Narrow(CallQuery query)
    {
        if (IsWhole || (query.TeamId is { } asked && Teams.Contains(asked)))
        {
            return query;
        }

        if (!Teams.IsEmpty && query.TeamId is null && (Id is null || query.UserId != Id))
        {
            return Teams.Length == 1 ? query with { TeamId = Teams[0] } : query with { TeamIds = Teams };
        }

        return Whose == UsageDimension.Key ? Narrow(query, query.KeyId, query with { KeyId = Id }) : Narrow(query, query.UserId, query with { UserId = Id });
    }

    private CallQuery? Narrow(CallQuery query, string? asked, CallQuery own) => Id is null || (asked is not null && asked != Id) ? null : asked is null ? own : query;
}
