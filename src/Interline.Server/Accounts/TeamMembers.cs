using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Protocols.Errors;
using Interline.Server.Auth;

namespace Interline.Server.Accounts;

/// <summary>LiteLLM's <c>/team/member_*</c>. A user that is named needs no document of its own.</summary>
internal sealed class TeamMembers(Desk desk, TeamEndpoints teams)
{
    private const int Most = 5000;

    /// <summary>Adds a member or several.</summary>
    public async ValueTask<Answer> AddAsync(ManagementCall call)
    {
        if (teams.Manageable(call, out string id) is { } refusal)
        {
            return refusal;
        }

        if (!call.Body.TryGetProperty("member", out JsonElement member))
        {
            return Answer.Bad("member", "expected {user_id, role}, or a list of them");
        }

        return await ChangeAsync(call, id, members =>
        {
            foreach (JsonElement one in member.ValueKind == JsonValueKind.Array ? member.EnumerateArray().ToArray() : [member])
            {
                if (Member(one, call.Body, out JsonObject added) is { } wrong)
                {
                    return wrong;
                }

                if (IsSelf(call, added))
                {
                    return Authorization.Refuse("What holds for yourself is up to others.");
                }

                Remove(members, Id(added)!);
                members.Add((JsonNode)added);
            }

            return members.Count > Most ? Answer.Bad("member", $"a team has {Most} members at most") : null;
        });
    }

    /// <summary>Changes a member's role or limits.</summary>
    public async ValueTask<Answer> UpdateAsync(ManagementCall call)
    {
        if (teams.Manageable(call, out string id) is { } refusal)
        {
            return refusal;
        }

        return await ChangeAsync(call, id, members =>
        {
            JsonObject? member = members.OfType<JsonObject>().FirstOrDefault(x => Id(x) == call.Text("user_id"));
            if (member is null)
            {
                return Answer.Missing("member", "user_id");
            }

            return IsSelf(call, member) ? Authorization.Refuse("What holds for yourself is up to others.") : FieldTable.Member.Lay(call.Body, FieldRight.Admin, member, []) ?? SetRole(call.Text("role"), member);
        });
    }

    /// <summary>Takes a member out of a team; its keys of that team go with it.</summary>
    public async ValueTask<Answer> DeleteAsync(ManagementCall call)
    {
        if (teams.Manageable(call, out string id) is { } refusal)
        {
            return refusal;
        }

        string user = call.Text("user_id") ?? "";
        if (call.Who.Role != Role.Admin && user == call.Who.UserId)
        {
            return Authorization.Refuse("What holds for yourself is up to others.");
        }

        Answer answer = await ChangeAsync(call, id, members => Remove(members, user) ? null : Answer.Missing("member", "user_id"));
        ApiError? error = answer.Error ?? await desk.DeleteAsync(call, [.. desk.Book.Keys.Where(x => x.TeamId == id && x.UserId == user).Select(static x => (AccountKinds.Key, x.Id))]);
        return error is not null ? error : answer;
    }

    /// <summary>Members given with a whole team: <c>members_with_roles</c>, or <c>members</c> and <c>admins</c>.</summary>
    public static ApiError? Read(ManagementCall call, JsonObject team)
    {
        if (call.Body.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        JsonArray members = [];
        bool given = false;
        if (call.Body.TryGetProperty("members_with_roles", out JsonElement list) && list.ValueKind != JsonValueKind.Null)
        {
            given = true;
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > Most)
            {
                return Answer.Bad("members_with_roles", $"expected a list of at most {Most} objects {{user_id, role}}");
            }

            foreach (JsonElement one in list.EnumerateArray())
            {
                if (Member(one, default, out JsonObject member) is { } wrong)
                {
                    return wrong;
                }

                Remove(members, Id(member)!);
                members.Add((JsonNode)member);
            }
        }

        foreach ((string field, string role) in (ReadOnlySpan<(string, string)>)[("members", "user"), ("admins", "admin")])
        {
            foreach (string user in call.Texts(field) ?? [])
            {
                if (Field.IdReason(user) is { } reason)
                {
                    return Answer.Bad(field, reason);
                }

                given = true;
                Remove(members, user);
                members.Add((JsonNode)new JsonObject { ["user_id"] = user, ["role"] = role });
            }
        }

        if (given)
        {
            team["members_with_roles"] = members;
        }

        return null;
    }

    /// <summary>A member as it is kept, with the limits that stand beside it in a request.</summary>
    private static ApiError? Member(JsonElement from, JsonElement beside, out JsonObject member)
    {
        member = [];
        if (from.ValueKind != JsonValueKind.Object)
        {
            return Answer.Bad("member", "expected {user_id, role}");
        }

        // The fields of the request around it are those of a member too, but for whose they are.
        ApiError? error = FieldTable.Member.Lay(beside, FieldRight.Admin, member, []);
        member.Remove("user_id");
        error ??= FieldTable.Member.Lay(from, FieldRight.Admin, member, []);
        if (error is not null)
        {
            return error;
        }

        string? role = from.TryGetProperty("role", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : "user";
        return Id(member) is null ? Answer.Bad("user_id", "expected the member's user_id") : SetRole(role, member);
    }

    private static ApiError? SetRole(string? role, JsonObject member)
    {
        if (role is not (null or "admin" or "user"))
        {
            return Answer.Bad("role", "expected admin or user");
        }

        member["role"] = role ?? member["role"]?.GetValue<string>() ?? "user";
        return null;
    }

    /// <summary>An admin of a team must not lift the limits an admin has set for it.</summary>
    private static bool IsSelf(ManagementCall call, JsonObject member) => call.Who.Role != Role.Admin && Id(member) == call.Who.UserId;

    private static string? Id(JsonObject member) => member["user_id"] is JsonValue value && value.TryGetValue(out string? id) ? id : null;

    private static bool Remove(JsonArray members, string user)
    {
        JsonNode? known = members.FirstOrDefault(x => x is JsonObject member && Id(member) == user);
        return known is not null && members.Remove(known);
    }

    private async ValueTask<Answer> ChangeAsync(ManagementCall call, string id, Func<JsonArray, ApiError?> change)
    {
        (JsonObject? document, ApiError? error) = await desk.ChangeAsync(call, AccountKinds.Team, id, "team_id", x =>
        {
            if (x["members_with_roles"] is not JsonArray members)
            {
                x["members_with_roles"] = members = [];
            }

            return change(members);
        });
        return error is not null ? error : TeamEndpoints.View(id, document!);
    }
}
