using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Interline.Accounts.Documents;
using Interline.Core.Budgets;
using Interline.Protocols.Errors;

namespace Interline.Accounts;

/// <summary>What a key stands for, made of its document and those of its team, user and budgets.</summary>
/// <param name="Principal">Who calls; null if it is refused.</param>
/// <param name="Refusal">Why it is refused; null if it is not.</param>
/// <param name="Generation">Of the documents it was made of.</param>
/// <param name="Until">When it has to be made anew, in ticks of UTC.</param>
internal sealed record PreparedKey(Principal? Principal, ApiError? Refusal, long Generation, long Until);

/// <summary>Prepares keys.</summary>
/// <param name="book">Where the other documents are.</param>
internal sealed class PrincipalReader(AccountBook book)
{
    /// <summary>Prepares one.</summary>
    public PreparedKey Prepare(AccountRow row, long generation, DateTimeOffset now)
    {
        if (Document(row, AccountJson.Default.KeyDocument) is not { } key)
        {
            return new(null, AccountErrors.Broken, generation, long.MaxValue);
        }

        TeamDocument? team = key.TeamId is { } teamId ? book.Read(AccountKinds.Team, teamId, AccountJson.Default.TeamDocument) : null;
        UserDocument? user = key.UserId is { } userId ? book.Read(AccountKinds.User, userId, AccountJson.Default.UserDocument) : null;
        ApiError? refusal = Refusal(key, team, user, now);
        if (refusal is not null)
        {
            return new(null, refusal, generation, long.MaxValue);
        }

        DateTimeOffset until = key.Expires ?? DateTimeOffset.MaxValue;
        ImmutableArray<ScopedTerms> scopes = Scopes(row.Id, key, team, user, now, ref until);
        ImmutableArray<string> adminOf = key.UserId is { } member ? [.. book.TeamsOf(member, adminOnly: true)] : [];
        var principal = new Principal
        {
            Role = RoleOf(user, adminOf),
            KeyId = row.Id,
            KeyAlias = key.KeyAlias,
            TeamId = key.TeamId,
            UserId = key.UserId,
            Tags = [.. (key.Tags ?? []).Concat(team?.Tags ?? []).Distinct(StringComparer.Ordinal)],
            Scopes = scopes,
            Models = ModelGrants.Of(
                ModelList.Of("key", key.Models, inTeam: key.TeamId is not null), ModelList.Of("team", team?.Models), key.TeamId is null ? ModelList.Of("user", user?.Models) : null),
            Aliases = Aliases(key, team),
            Routes = RouteGrants.Of(key.AllowedRoutes),
            AdminOf = adminOf,
        };
        return new(principal, null, generation, until.UtcTicks);
    }

    /// <summary>The document of a row; null if it is not readable.</summary>
    public static T? Document<T>(AccountRow row, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return row.Document is null ? null : JsonSerializer.Deserialize(row.Document, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ApiError? Refusal(KeyDocument key, TeamDocument? team, UserDocument? user, DateTimeOffset now) =>
        key.Blocked == true ? AccountErrors.Blocked("key")
        : key.Expires is { } end && end <= now ? AccountErrors.Expired(end)
        : key.TeamId is not null && team is null ? AccountErrors.NoTeam
        : team?.Blocked == true ? AccountErrors.Blocked("key's team")
        : user?.Blocked == true ? AccountErrors.Blocked("key's user")
        : null;

    private static Role RoleOf(UserDocument? user, ImmutableArray<string> adminOf) => user?.UserRole switch
    {
        "proxy_admin" => Role.Admin,
        "proxy_admin_viewer" => Role.Viewer,
        "internal_user_viewer" => Role.UserViewer,
        _ when adminOf.Length > 0 => Role.TeamAdmin,
        _ => user is null ? Role.Caller : Role.User,
    };

    private static FrozenDictionary<string, string> Aliases(KeyDocument key, TeamDocument? team)
    {
        if (key.Aliases is null or { Count: 0 } && team?.ModelAliases is null or { Count: 0 })
        {
            return FrozenDictionary<string, string>.Empty;
        }

        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string target) in (team?.ModelAliases ?? FrozenDictionary<string, string>.Empty).Concat(key.Aliases ?? FrozenDictionary<string, string>.Empty))
        {
            aliases[name] = target;
        }

        return aliases.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private ImmutableArray<ScopedTerms> Scopes(string id, KeyDocument key, TeamDocument? team, UserDocument? user, DateTimeOffset now, ref DateTimeOffset until)
    {
        ImmutableArray<ScopedTerms>.Builder scopes = ImmutableArray.CreateBuilder<ScopedTerms>();
        TermsReader.Add(scopes, new Scope(ScopeKind.Key, id), key, book.Template(key), book.Zone, now, ref until);
        if (team is not null)
        {
            TermsReader.Add(scopes, new Scope(ScopeKind.Team, key.TeamId!), team, book.Template(team), book.Zone, now, ref until);
            if (key.UserId is not null)
            {
                TermsReader.Add(scopes, new Scope(ScopeKind.TeamMember, $"{key.TeamId}/{key.UserId}"), Member(team, key.UserId, book.Zone));
            }
        }

        if (user is not null)
        {
            TermsReader.Add(scopes, new Scope(ScopeKind.User, key.UserId!), user, book.Template(user), book.Zone, now, ref until);
        }

        return scopes.ToImmutable();
    }

    private static ScopeTerms Member(TeamDocument team, string userId, TimeZoneInfo? zone)
    {
        TeamMember? member = team.MembersWithRoles?.FirstOrDefault(x => x.UserId == userId);
        return new ScopeTerms
        {
            Budgets = member?.MaxBudgetInTeam is { } own
                ? TermsReader.Budget(own, member.BudgetDuration ?? team.TeamMemberBudgetDuration, zone)
                : TermsReader.Budget(team.TeamMemberBudget, team.TeamMemberBudgetDuration, zone),
            Rpm = member?.RpmLimit ?? team.TeamMemberRpmLimit,
            Tpm = member?.TpmLimit ?? team.TeamMemberTpmLimit,
        };
    }
}
