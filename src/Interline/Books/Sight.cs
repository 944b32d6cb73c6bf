using Interline.Accounts;
using Interline.Ledger;

namespace Interline.Books;

/// <summary>Whose calls somebody may see: everybody's, a team's, a user's, a key's, or nobody's.</summary>
/// <param name="Whose">Kind of the owner; <see cref="UsageDimension.Everything"/> sees all calls.</param>
/// <param name="Id">Id of the owner; null with an owner that is not <see cref="UsageDimension.Everything"/> sees nothing.</param>
public readonly record struct Sight(UsageDimension Whose, string? Id)
{
    /// <summary>Whether it sees all calls.</summary>
    public bool IsWhole => Whose == UsageDimension.Everything;

    /// <summary>Whether it sees no call at all.</summary>
    public bool IsNothing => !IsWhole && Id is null;

    /// <summary>
    /// What a caller may see. Admins and viewers all; a team's admin its team; a user its own calls with whatever key; a key that stands for nobody its own.
    /// </summary>
    /// <param name="principal">Who asks.</param>
    public static Sight Of(Principal principal) => principal switch
    {
        { Role: Role.Admin or Role.Viewer } => default,
        { Role: Role.TeamAdmin, TeamId: { } team } => new(UsageDimension.Team, team),
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
    public bool Sees(string? key, string? team, string? user) => IsWhole || (Id is { } id && id == Whose switch
    {
        UsageDimension.Team => team,
        UsageDimension.User => user,
        _ => key,
    });

    /// <summary>A question to the call log, narrowed to what may be seen.</summary>
    /// <param name="query">The question.</param>
    /// <returns>Null if nothing of what it asks for may be seen.</returns>
    public CallQuery? Narrow(CallQuery query)
    {
        if (IsWhole)
        {
            return query;
        }

        string? asked = Whose switch { UsageDimension.Team => query.TeamId, UsageDimension.User => query.UserId, _ => query.KeyId };
        return IsNothing || (asked is not null && asked != Id) ? null : Whose switch
        {
            UsageDimension.Team => query with { TeamId = Id },
            UsageDimension.User => query with { UserId = Id },
            _ => query with { KeyId = Id },
        };
    }
}
