using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Accounts.Documents;
using Interline.Core.Budgets;
using Interline.Protocols.Errors;
using Interline.Server.Auth;

namespace Interline.Server.Accounts;

/// <summary>LiteLLM's <c>/team/*</c>. Members: <see cref="TeamMembers"/>.</summary>
internal sealed class TeamEndpoints(Desk desk)
{
    private const int MostAtOnce = 100;

    /// <summary>Makes a team.</summary>
    public async ValueTask<Answer> NewAsync(ManagementCall call)
    {
        string id = call.Text("team_id") ?? Desk.NewId();
        var warnings = new List<string>();
        JsonObject document = [];
        ApiError? error = IdReason(id) is { } reason ? Answer.Bad("team_id", reason) : null;
        error ??= FieldTable.Team.Lay(call.Body, FieldRight.Admin, document, warnings);
        error ??= TeamMembers.Read(call, document);
        error ??= await desk.AddAsync(call, AccountKinds.Team, id, document, "team_id");
        return error is not null ? error : Desk.Warned(View(id, document), warnings);
    }

    /// <summary>Changes a team. Its own admins may change its name and metadata; what it is limited to is up to admins.</summary>
    public async ValueTask<Answer> UpdateAsync(ManagementCall call)
    {
        if (Manageable(call, out string id) is { } refusal)
        {
            return refusal;
        }

        var warnings = new List<string>();
        (JsonObject? document, ApiError? error) = await desk.ChangeAsync(call, AccountKinds.Team, id, "team_id", x =>
        {
            warnings.Clear();
            return FieldTable.Team.Lay(call.Body, call.Who.Role == Role.Admin ? FieldRight.Admin : FieldRight.Owner, x, warnings) ?? (call.Who.Role == Role.Admin ? TeamMembers.Read(call, x) : null);
        });
        return error is not null ? error : Desk.Warned(new JsonObject { ["team_id"] = id, ["data"] = View(id, document!) }, warnings);
    }

    /// <summary>Deletes teams and their keys.</summary>
    public async ValueTask<Answer> DeleteAsync(ManagementCall call)
    {
        if (call.Texts("team_ids") is not { Length: > 0 and <= MostAtOnce } ids)
        {
            return Answer.Bad("team_ids", $"expected a list of 1 to {MostAtOnce} teams");
        }

        if (ids.Any(id => desk.Book.Find(AccountKinds.Team, id) is null))
        {
            return Answer.Missing("team", "team_ids");
        }

        IEnumerable<(string, string)> keys = desk.Book.Keys.Where(x => x.TeamId is { } team && ids.Contains(team)).Select(static x => (AccountKinds.Key, x.Id));
        ApiError? error = await desk.DeleteAsync(call, [.. ids.Distinct(StringComparer.Ordinal).Select(static x => (AccountKinds.Team, x)), .. keys]);
        return error is not null ? error : new JsonObject { ["deleted_teams"] = Desk.Texts(ids) };
    }

    /// <summary>One team with its keys, as far as the caller may see them.</summary>
    public async ValueTask<Answer> InfoAsync(ManagementCall call)
    {
        string? id = call.Query("team_id") ?? call.Who.TeamId;
        if (id is null || desk.Book.Find(AccountKinds.Team, id) is not { } row || !Ownership.MaySee(call.Who, id, desk.Book))
        {
            return Answer.Missing("team", "team_id");
        }

        JsonObject view = View(id, Desk.Parse(row));
        await desk.ShowSpendAsync(view, new Scope(ScopeKind.Team, id), call.Cancel);
        JsonArray keys = [.. desk.Book.Keys.Where(x => x.TeamId == id && Ownership.MaySee(call.Who, x)).Take(MostAtOnce).Select(static x => (JsonNode)KeyViews.Of(x.Id, Desk.Parse(x.Row)))];
        return new JsonObject { ["team_id"] = id, ["team_info"] = view, ["keys"] = keys, ["team_memberships"] = await MembershipsAsync(call, id) };
    }

    /// <summary>Teams the caller may see.</summary>
    public ValueTask<Answer> ListAsync(ManagementCall call)
    {
        string? user = call.Query("user_id");
        JsonArray teams = [.. desk.Book.All(AccountKinds.Team)
            .Where(x => Ownership.MaySee(call.Who, x.Id, desk.Book) && (user is null || desk.Book.TeamsOf(user).Contains(x.Id)))
            .OrderBy(static x => x.Id, StringComparer.Ordinal).Select(static x => (JsonNode)View(x.Id, Desk.Parse(x)))];
        return new(teams);
    }

    /// <summary>Blocks a team's keys, or unblocks them.</summary>
    public ValueTask<Answer> BlockAsync(ManagementCall call, bool blocked) => ChangeAsync(call, x => x["blocked"] = blocked);

    /// <summary>Adds models to a team's list, or takes some away.</summary>
    public ValueTask<Answer> ModelsAsync(ManagementCall call, bool add)
    {
        string[] models = call.Texts("models") ?? [];
        if (models.Length is 0 or > 1000)
        {
            return new(Answer.Bad("models", "expected a list of models"));
        }

        return ChangeAsync(call, x =>
        {
            string[] before = [.. (x["models"] as JsonArray ?? []).Select(static y => y!.GetValue<string>())];
            string[] after = [.. (add ? before.Except([ModelList.None]).Concat(models) : before.Except(models)).Distinct(StringComparer.Ordinal)];

            // An empty list is every model: taking the last one away must not give them all.
            x["models"] = Desk.Texts(after.Length == 0 && before.Length > 0 ? [ModelList.None] : after);
        });
    }

    /// <summary>Whether the caller manages the team that is named; its id.</summary>
    public ApiError? Manageable(ManagementCall call, out string id)
    {
        id = call.Text("team_id") ?? "";
        return desk.Book.Find(AccountKinds.Team, id) is null || !Ownership.MaySee(call.Who, id, desk.Book) ? Answer.Missing("team", "team_id")
            : call.Who.Role != Role.Admin && !Ownership.IsAdminOf(call.Who, id) ? Authorization.Refuse("You are no admin of this team.")
            : null;
    }

    /// <summary>A team's document as it is shown.</summary>
    public static JsonObject View(string id, JsonObject document)
    {
        document["team_id"] = id;
        foreach (string name in (ReadOnlySpan<string>)["team_alias", "max_budget", "budget_duration", "tpm_limit", "rpm_limit"])
        {
            document.TryAdd(name, null);
        }

        document.TryAdd("models", new JsonArray());
        document.TryAdd("members_with_roles", new JsonArray());
        document.TryAdd("metadata", new JsonObject());
        document.TryAdd("blocked", false);
        return document;
    }

    /// <summary>What is wrong with a team's id; null if nothing. A slash stands between team and user in a member's scope, so it can be in one of them only.</summary>
    private static string? IdReason(string id) => id.Contains('/', StringComparison.Ordinal) ? "expected an id without a slash" : Field.IdReason(id);

    private async ValueTask<Answer> ChangeAsync(ManagementCall call, Action<JsonObject> change)
    {
        string id = call.Text("team_id") ?? "";
        (JsonObject? document, ApiError? error) = await desk.ChangeAsync(call, AccountKinds.Team, id, "team_id", x =>
        {
            change(x);
            return null;
        });
        return error is not null ? error : View(id, document!);
    }

    private async ValueTask<JsonArray> MembershipsAsync(ManagementCall call, string id)
    {
        TeamDocument? team = desk.Book.Read(AccountKinds.Team, id, AccountJson.Default.TeamDocument);
        bool manages = call.Who.Role >= Role.Viewer || Ownership.IsAdminOf(call.Who, id);
        JsonArray memberships = [];
        foreach (TeamMember member in (team?.MembersWithRoles ?? []).Where(x => x.UserId is not null && (manages || x.UserId == call.Who.UserId)).Take(MostAtOnce))
        {
            var view = new JsonObject { ["user_id"] = member.UserId, ["team_id"] = id, ["max_budget_in_team"] = member.MaxBudgetInTeam ?? team!.TeamMemberBudget, ["budget_duration"] = member.BudgetDuration ?? team!.TeamMemberBudgetDuration };
            await desk.ShowSpendAsync(view, new Scope(ScopeKind.TeamMember, $"{id}/{member.UserId}"), call.Cancel);
            memberships.Add((JsonNode)view);
        }

        return memberships;
    }
}
