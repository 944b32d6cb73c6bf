using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Accounts.Documents;
using Interline.Core.Budgets;

namespace Interline.Server.Accounts;

/// <summary>What of a key goes beyond what its granter has, and what it has to take over from it.</summary>
/// <param name="Excess">Field and why it is too much.</param>
/// <param name="Inherited">Fields the key did not limit and its granter does.</param>
internal readonly record struct Fit(List<(string Field, string Reason)> Excess, Dictionary<string, JsonNode> Inherited)
{
    /// <summary>Whether the key is within what the granter has as it is.</summary>
    public bool IsWithin => Excess.Count == 0 && Inherited.Count == 0;
}

/// <summary>
/// Holds a key to what its granter's own key may: models, budgets, limits, routes, expiry, tags. What teams and users may holds for each of their keys at every call and need not be
/// compared here. Routes hold for admins too: a key that may only make keys must not make one that may do more.
/// </summary>
internal sealed class Grants(AccountBook book, DateTimeOffset now)
{
    /// <summary>Compares a key with its granter.</summary>
    /// <param name="document">The key as it would be.</param>
    /// <param name="who">The granter.</param>
    public Fit Check(JsonObject document, Principal who)
    {
        var fit = new Fit([], new(StringComparer.Ordinal));
        if (who.KeyId is null || book.Read(AccountKinds.Key, who.KeyId, AccountJson.Default.KeyDocument) is not { } own)
        {
            return fit;
        }

        KeyDocument key = document.Deserialize(AccountJson.Default.KeyDocument)!;
        Routes(fit, key, who);
        if (who.Role == Role.Admin)
        {
            return fit;
        }

        Models(fit, key, who);
        BudgetDocument? template = own.BudgetId is { } id ? book.Read(AccountKinds.Budget, id, AccountJson.Default.BudgetDocument) : null;
        BudgetDocument? shared = key.BudgetId is { } other ? book.Read(AccountKinds.Budget, other, AccountJson.Default.BudgetDocument) : null;
        Number(fit, "rpm_limit", key.RpmLimit ?? shared?.RpmLimit, own.RpmLimit ?? template?.RpmLimit);
        Number(fit, "tpm_limit", key.TpmLimit ?? shared?.TpmLimit, own.TpmLimit ?? template?.TpmLimit);
        Number(fit, "max_parallel_requests", key.MaxParallelRequests ?? shared?.MaxParallelRequests, own.MaxParallelRequests ?? template?.MaxParallelRequests);
        Budget(fit, (key.MaxBudget ?? shared?.MaxBudget, key.BudgetDuration ?? shared?.BudgetDuration), (own.MaxBudget ?? template?.MaxBudget, own.BudgetDuration ?? template?.BudgetDuration));
        Budgets(fit, key.BudgetLimits, own.BudgetLimits ?? template?.BudgetLimits);
        ByModel(fit, "model_rpm_limit", key.ModelRpmLimit, own.ModelRpmLimit ?? template?.ModelRpmLimit);
        ByModel(fit, "model_tpm_limit", key.ModelTpmLimit, own.ModelTpmLimit ?? template?.ModelTpmLimit);
        ModelBudgets(fit, key, own.ModelMaxBudget ?? template?.ModelMaxBudget);
        Expiry(fit, key, own);
        Tags(fit, key, own);
        return fit;
    }

    /// <summary>
    /// Whether a key has a budget and nothing that it shares with the new key does: each key counts for itself, so as many as it likes would multiply its budget.
    /// </summary>
    /// <param name="team">Team of the new key.</param>
    /// <param name="user">User of the new key.</param>
    /// <param name="who">The granter.</param>
    public static bool Multiplies(string? team, string? user, Principal who)
    {
        bool sameTeam = team is not null && team == who.TeamId;
        bool sameUser = user is not null && user == who.UserId;
        return who.Role != Role.Admin
            && who.Scopes.Any(own => own.Scope.Kind == ScopeKind.Key && IsBudgeted(own.Terms) && !who.Scopes.Any(x => IsBudgeted(x.Terms) && (x.Scope.Model is null || x.Scope.Model == own.Scope.Model) && x.Scope.Kind switch
            {
                ScopeKind.Team => sameTeam,
                ScopeKind.User => sameUser,
                ScopeKind.TeamMember => sameTeam && sameUser,
                _ => false,
            }));

        static bool IsBudgeted(ScopeTerms terms) => terms.Budgets.Any(static x => x.Limit is not null);
    }

    /// <summary>Whether somebody's key would give its holder a higher role, or teams to manage, than the granter has.</summary>
    public bool IsRoleAbove(string? userId, Principal who)
    {
        if (who.Role == Role.Admin || userId is null || userId == who.UserId)
        {
            return false;
        }

        string? role = book.Read(AccountKinds.User, userId, AccountJson.Default.UserDocument)?.UserRole;
        return role is "proxy_admin" or "proxy_admin_viewer" || book.TeamsOf(userId, adminOnly: true).Any(team => !who.AdminOf.Contains(team));
    }

    private static void Routes(Fit fit, KeyDocument key, Principal who)
    {
        if (who.Routes is not { } own)
        {
            return;
        }

        if (key.AllowedRoutes is null or { Count: 0 })
        {
            fit.Inherited["allowed_routes"] = Desk.Texts(own.Routes);
        }
        else if (key.AllowedRoutes.FirstOrDefault(x => !own.Covers(x)) is { } more)
        {
            fit.Excess.Add(("allowed_routes", $"{more} is not among your own: {string.Join(", ", own.Routes.Take(20))}"));
        }
    }

    private static void Models(Fit fit, KeyDocument key, Principal who)
    {
        if (who.Models is not { } own)
        {
            return;
        }

        // A list that all keys of the new key's team have holds for it at every call.
        ModelList[] lists = [.. own.Lists.Where(x => !(x.Owner == "team" && key.TeamId == who.TeamId) && !(x.Owner == "user" && key.TeamId is null && key.UserId == who.UserId))];
        if (lists.Length == 0)
        {
            return;
        }

        ModelList? asked = ModelList.Of("key", key.Models, inTeam: key.TeamId is not null);
        if (asked is not null)
        {
            string? more = asked.Names.FirstOrDefault(name => !lists.All(list => list.Has(name)));
            if (more is not null)
            {
                fit.Excess.Add(("models", $"{more} is not among what you may use yourself"));
            }
        }
        else if (key.Models is { Count: > 0 })
        {
            fit.Excess.Add(("models", "you may not use every model yourself, so name those the key may use"));
        }
        else
        {
            string[] common = [.. lists[0].Names.Where(name => lists.All(list => list.Has(name)))];
            fit.Inherited["models"] = Desk.Texts(common.Length > 0 ? common : [ModelList.None]);
        }
    }

    private static void Number(Fit fit, string field, long? asked, long? own)
    {
        if (own is { } most && asked is null)
        {
            fit.Inherited[field] = JsonValue.Create(most);
        }
        else if (asked > own)
        {
            fit.Excess.Add((field, $"{asked} is more than your own {own}"));
        }
    }

    /// <summary>As much in as long a time at most.</summary>
    private static bool IsWithin((decimal? Limit, string? Duration) asked, (decimal? Limit, string? Duration) own) =>
        asked.Limit <= own.Limit && (asked.Duration == own.Duration || BudgetWindowText.Read(asked.Duration) is not { } window || (BudgetWindowText.Read(own.Duration) is { } most && window.Length >= most.Length));

    private static void Budget(Fit fit, (decimal? Limit, string? Duration) asked, (decimal? Limit, string? Duration) own)
    {
        if (own.Limit is null)
        {
            return;
        }

        if (asked.Limit is null)
        {
            fit.Inherited["max_budget"] = JsonValue.Create(own.Limit.Value);
            if (own.Duration is not null)
            {
                fit.Inherited["budget_duration"] = JsonValue.Create(own.Duration);
            }
        }
        else if (!IsWithin(asked, own))
        {
            string reason = $"{asked.Limit} in {asked.Duration ?? "all"} is more than your own {own.Limit} in {own.Duration ?? "all"}";
            fit.Excess.AddRange([("max_budget", reason), ("budget_duration", reason)]);
        }
    }

    private static void Budgets(Fit fit, IReadOnlyList<BudgetLimit>? asked, IReadOnlyList<BudgetLimit>? own)
    {
        if (own is null or { Count: 0 })
        {
            return;
        }

        if (asked is null)
        {
            fit.Inherited["budget_limits"] = new JsonArray([.. own.Select(static x => new JsonObject { ["budget_duration"] = x.BudgetDuration, ["max_budget"] = x.MaxBudget })]);
        }
        else if (!own.All(mine => asked.Any(x => IsWithin((x.MaxBudget, x.BudgetDuration), (mine.MaxBudget, mine.BudgetDuration)))))
        {
            fit.Excess.Add(("budget_limits", "each of your own budgets needs one that is no larger"));
        }
    }

    private static void ByModel(Fit fit, string field, IReadOnlyDictionary<string, long>? asked, IReadOnlyDictionary<string, long>? own)
    {
        if (own is null or { Count: 0 })
        {
            return;
        }

        if (asked is null)
        {
            fit.Inherited[field] = new JsonObject([.. own.Select(static x => KeyValuePair.Create(x.Key, (JsonNode?)JsonValue.Create(x.Value)))]);
        }
        else if (own.FirstOrDefault(x => !asked.TryGetValue(x.Key, out long limit) || limit > x.Value) is { Key: { } model })
        {
            fit.Excess.Add((field, $"{model} has a limit of {own[model]} for yourself"));
        }
    }

    private static void ModelBudgets(Fit fit, KeyDocument key, IReadOnlyDictionary<string, JsonElement>? own)
    {
        if (own is null or { Count: 0 })
        {
            return;
        }

        if (key.ModelMaxBudget is not { } asked)
        {
            fit.Inherited["model_max_budget"] = new JsonObject([.. own.Select(static x => KeyValuePair.Create(x.Key, JsonNode.Parse(x.Value.GetRawText())))]);
            return;
        }

        foreach ((string model, JsonElement value) in own)
        {
            if (KeyBudget(value) is { } mine && !(asked.TryGetValue(model, out JsonElement other) && KeyBudget(other) is { } theirs && IsWithin(theirs, mine)))
            {
                fit.Excess.Add(("model_max_budget", $"{model} has a budget of {mine.Limit} for yourself"));
            }
        }
    }

    private static (decimal? Limit, string? Duration)? KeyBudget(JsonElement value) => ModelBudget.Read(value) is { } budget ? (budget.MaxBudget, budget.BudgetDuration) : null;

    private void Expiry(Fit fit, KeyDocument key, KeyDocument own)
    {
        if (own.Expires is not { } end)
        {
            return;
        }

        if (key.Expires is null)
        {
            fit.Inherited["expires"] = JsonValue.Create(end);
        }
        else if (key.Expires > end && key.Expires > now)
        {
            fit.Excess.Add(("duration", $"it would end after your own key, which ends at {end.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        }
    }

    private static void Tags(Fit fit, KeyDocument key, KeyDocument own)
    {
        string[] all = [.. (key.Tags ?? []).Concat(own.Tags ?? []).Distinct(StringComparer.Ordinal)];
        if (all.Length > (key.Tags?.Distinct(StringComparer.Ordinal).Count() ?? 0))
        {
            fit.Inherited["tags"] = Desk.Texts(all);
        }
    }
}
