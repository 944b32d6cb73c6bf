using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Core.Budgets;
using Interline.Protocols.Errors;
using Interline.Server.Auth;

namespace Interline.Server.Accounts;

/// <summary>LiteLLM's <c>/user/*</c>.</summary>
internal sealed class UserEndpoints(Desk desk, KeyMaking making)
{
    private const int MostAtOnce = 100;

    private static readonly string[] Roles = ["proxy_admin", "proxy_admin_viewer", "internal_user", "internal_user_viewer"];

    /// <summary>Makes a user, and, unless <c>auto_create_key</c> is false, a key for it.</summary>
    public async ValueTask<Answer> NewAsync(ManagementCall call)
    {
        string id = call.Text("user_id") ?? Desk.NewId();
        var warnings = new List<string>();
        JsonObject document = [];
        ApiError? error = Field.IdReason(id) is { } reason ? Answer.Bad("user_id", reason) : null;
        error ??= FieldTable.User.Lay(call.Body, FieldRight.Admin, document, warnings);
        error ??= SetRole(call, document, usual: "internal_user");
        (List<string> teams, ApiError? wrong) = Teams(call);
        error ??= wrong;
        error ??= await desk.AddAsync(call, AccountKinds.User, id, document, "user_id");
        foreach (string team in error is null ? teams : [])
        {
            error ??= await JoinAsync(call, team, id);
        }

        if (error is not null)
        {
            return error;
        }

        JsonObject view = View(id, document);
        bool makesKey = !(call.Body.ValueKind == JsonValueKind.Object && call.Body.TryGetProperty("auto_create_key", out JsonElement auto) && auto.ValueKind == JsonValueKind.False);
        if (makesKey)
        {
            Answer key = await KeyAsync(call, id);
            if (key.Error is not null)
            {
                return key;
            }

            view["key"] = key.Body!["key"]!.GetValue<string>();
            view["token"] = key.Body["token"]!.GetValue<string>();
        }

        return Desk.Warned(view, warnings);
    }

    /// <summary>Changes a user. Users themselves may change their name, mail address and metadata.</summary>
    public async ValueTask<Answer> UpdateAsync(ManagementCall call)
    {
        string id = call.Text("user_id") ?? call.Who.UserId ?? "";
        if (call.Who.Role != Role.Admin && id != call.Who.UserId)
        {
            return Answer.Missing("user", "user_id");
        }

        var warnings = new List<string>();
        (JsonObject? document, ApiError? error) = await desk.ChangeAsync(call, AccountKinds.User, id, "user_id", x =>
        {
            warnings.Clear();
            FieldRight right = call.Who.Role == Role.Admin ? FieldRight.Admin : FieldRight.Owner;
            return FieldTable.User.Lay(call.Body, right, x, warnings) ?? SetRole(call, x, usual: null);
        });
        return error is not null ? error : Desk.Warned(new JsonObject { ["user_id"] = id, ["data"] = View(id, document!) }, warnings);
    }

    /// <summary>Deletes users, their keys and memberships.</summary>
    public async ValueTask<Answer> DeleteAsync(ManagementCall call)
    {
        if (call.Texts("user_ids") is not { Length: > 0 and <= MostAtOnce } ids)
        {
            return Answer.Bad("user_ids", $"expected a list of 1 to {MostAtOnce} users");
        }

        if (ids.Any(id => desk.Book.Find(AccountKinds.User, id) is null))
        {
            return Answer.Missing("user", "user_ids");
        }

        IEnumerable<(string, string)> keys = desk.Book.Keys.Where(x => x.UserId is { } user && ids.Contains(user)).Select(static x => (AccountKinds.Key, x.Id));
        ApiError? error = await desk.DeleteAsync(call, [.. ids.Distinct(StringComparer.Ordinal).Select(static x => (AccountKinds.User, x)), .. keys]);
        foreach ((string user, string team) in error is null ? ids.SelectMany(user => desk.Book.TeamsOf(user).ToArray().Select(team => (user, team))).ToArray() : [])
        {
            error ??= await LeaveAsync(call, team, user);
        }

        return error is not null ? error : new JsonObject { ["deleted_users"] = Desk.Texts(ids) };
    }

    /// <summary>One user with its keys and teams; without naming one, the caller's.</summary>
    public async ValueTask<Answer> InfoAsync(ManagementCall call)
    {
        string? id = call.Query("user_id") ?? call.Who.UserId;
        if (id is null || (call.Who.Role < Role.Viewer && id != call.Who.UserId) || desk.Book.Find(AccountKinds.User, id) is not { } row)
        {
            return Answer.Missing("user", "user_id");
        }

        JsonObject view = View(id, Desk.Parse(row));
        await desk.ShowSpendAsync(view, new Scope(ScopeKind.User, id), call.Cancel);
        return new JsonObject
        {
            ["user_id"] = id,
            ["user_info"] = view,
            ["keys"] = new JsonArray([.. desk.Book.Keys.Where(x => x.UserId == id && Ownership.MaySee(call.Who, x)).Take(MostAtOnce).Select(static x => (JsonNode)KeyViews.Of(x.Id, Desk.Parse(x.Row)))]),
            ["teams"] = Desk.Texts(desk.Book.TeamsOf(id).Order(StringComparer.Ordinal)),
        };
    }

    /// <summary>All users, by pages.</summary>
    public ValueTask<Answer> ListAsync(ManagementCall call)
    {
        int page = call.QueryNumber("page", 1, int.MaxValue);
        int size = call.QueryNumber("page_size", 25, MostAtOnce);
        string? role = call.Query("role");
        JsonObject[] all = [.. desk.Book.All(AccountKinds.User).OrderBy(static x => x.Id, StringComparer.Ordinal).Select(static x => View(x.Id, Desk.Parse(x))).Where(x => role is null || x["user_role"]?.GetValue<string>() == role)];
        JsonArray users = [.. all.Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size)];
        return new(new JsonObject { ["users"] = users, ["total"] = all.Length, ["page"] = page, ["page_size"] = size, ["total_pages"] = (all.Length + size - 1) / size });
    }

    /// <summary>Roles users can have.</summary>
    public static ValueTask<Answer> RolesAsync() => new(new JsonObject
    {
        ["proxy_admin"] = new JsonObject { ["description"] = "everything" },
        ["proxy_admin_viewer"] = new JsonObject { ["description"] = "sees everything, changes nothing" },
        ["internal_user"] = new JsonObject { ["description"] = "manages its own keys" },
        ["internal_user_viewer"] = new JsonObject { ["description"] = "sees its own keys and spend" },
    });

    private static ApiError? SetRole(ManagementCall call, JsonObject user, string? usual)
    {
        string? role = call.Text("user_role") ?? usual;
        if (role is null)
        {
            return null;
        }

        if (!Roles.Contains(role))
        {
            return Answer.Bad("user_role", $"expected {string.Join(", ", Roles)}");
        }

        user["user_role"] = role;
        return null;
    }

    private (List<string> Teams, ApiError? Error) Teams(ManagementCall call)
    {
        if (call.Body.ValueKind != JsonValueKind.Object || !call.Body.TryGetProperty("teams", out JsonElement list) || list.ValueKind == JsonValueKind.Null)
        {
            return ([], null);
        }

        var teams = new List<string>();
        foreach (JsonElement item in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Take(MostAtOnce) : [])
        {
            JsonElement named = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("team_id", out JsonElement inner) ? inner : item;
            if (named.ValueKind != JsonValueKind.String || desk.Book.Find(AccountKinds.Team, named.GetString()!) is null)
            {
                return ([], Answer.Missing("team", "teams"));
            }

            teams.Add(named.GetString()!);
        }

        return list.ValueKind == JsonValueKind.Array ? (teams, null) : ([], Answer.Bad("teams", "expected a list of teams"));
    }

    private async ValueTask<Answer> KeyAsync(ManagementCall call, string user)
    {
        var key = new JsonObject { ["user_id"] = user };
        foreach (string field in (ReadOnlySpan<string>)["duration", "key_alias"])
        {
            if (call.Text(field) is { } text)
            {
                key[field] = text;
            }
        }

        using var document = JsonDocument.Parse(key.ToJsonString());
        return await making.GenerateAsync(call.With(document.RootElement));
    }

    private async ValueTask<ApiError?> JoinAsync(ManagementCall call, string team, string user) => (await desk.ChangeAsync(call, AccountKinds.Team, team, "teams", x =>
    {
        if (x["members_with_roles"] is not JsonArray members)
        {
            x["members_with_roles"] = members = [];
        }

        if (!members.Any(y => y?["user_id"]?.GetValue<string>() == user))
        {
            members.Add((JsonNode)new JsonObject { ["user_id"] = user, ["role"] = "user" });
        }

        return null;
    })).Error;

    private async ValueTask<ApiError?> LeaveAsync(ManagementCall call, string team, string user) => (await desk.ChangeAsync(call, AccountKinds.Team, team, "user_ids", x =>
    {
        JsonArray members = x["members_with_roles"] as JsonArray ?? [];
        foreach (JsonNode? member in members.Where(y => y?["user_id"]?.GetValue<string>() == user).ToArray())
        {
            members.Remove(member);
        }

        return null;
    })).Error;

    private static JsonObject View(string id, JsonObject document)
    {
        document["user_id"] = id;
        foreach (string name in (ReadOnlySpan<string>)["user_email", "user_alias", "max_budget", "budget_duration", "tpm_limit", "rpm_limit"])
        {
            document.TryAdd(name, null);
        }

        document.TryAdd("models", new JsonArray());
        document.TryAdd("metadata", new JsonObject());
        return document;
    }
}
