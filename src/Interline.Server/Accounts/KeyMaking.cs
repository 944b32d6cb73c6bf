using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Accounts.Documents;
using Interline.Core.Budgets;
using Interline.Protocols.Errors;
using Interline.Server.Auth;

namespace Interline.Server.Accounts;

/// <summary>Makes keys, changes them and makes them anew. A key is shown once, in the answer that made it.</summary>
internal sealed class KeyMaking(Desk desk, KeyEndpoints keys)
{
    private const int ShortestCustomKey = 16;
    private const int MostEarlier = 10;
    private const int MostAtOnce = 500;

    /// <summary>Makes a key.</summary>
    /// <param name="call">The request.</param>
    /// <param name="serviceAccount">Whether it belongs to a team and to no user.</param>
    public async ValueTask<Answer> GenerateAsync(ManagementCall call, bool serviceAccount = false)
    {
        var warnings = new List<string>();
        JsonObject document = [];
        ApiError? error = Own(call, document, serviceAccount)
            ?? FieldTable.Key.Lay(call.Body, Ownership.RightOn(call.Who, Text(document, "team_id")), document, warnings);
        if (error is null && serviceAccount)
        {
            document.Remove("user_id");
        }

        error ??= Owner(call, document) ?? Special(call, document) ?? Alias(document, null);
        if (error is not null)
        {
            return error;
        }

        if (Grants.Multiplies(Text(document, "team_id"), Text(document, "user_id"), call.Who))
        {
            return Authorization.Refuse("`max_budget`: a key with a budget makes keys only where its user or team has a budget too, which holds over all of them together: an admin sets `max_budget` of the user or the team.") with { Param = "max_budget" };
        }

        Fit fit = new Grants(desk.Book, desk.Now).Check(document, call.Who);
        if (fit.Excess.Count > 0)
        {
            return Refuse(fit.Excess[0]);
        }

        foreach ((string field, JsonNode value) in fit.Inherited)
        {
            document[field] = value;
        }

        return await AddAsync(call, document, call.Text("key"), warnings);
    }

    /// <summary>Changes a key.</summary>
    public async ValueTask<Answer> UpdateAsync(ManagementCall call)
    {
        KeyEntry? key = call.Text("key") is { } named ? keys.Find(named) : null;
        if (keys.Changeable(call, key) is { } refusal)
        {
            return refusal;
        }

        var warnings = new List<string>();
        (JsonObject? document, ApiError? error) = await desk.ChangeAsync(call, AccountKinds.Key, key!.Id, "key", x => Edit(call, key, x, warnings, everything: false));
        return error is not null ? error : Desk.Warned(KeyViews.Of(key.Id, document!), warnings);
    }

    /// <summary>Changes several keys, each for itself.</summary>
    public async ValueTask<Answer> UpdateManyAsync(ManagementCall call)
    {
        if (call.Body.ValueKind != JsonValueKind.Object || !call.Body.TryGetProperty("keys", out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MostAtOnce)
        {
            return Answer.Bad("keys", $"expected a list of 1 to {MostAtOnce} objects, each with a key and what is to change");
        }

        JsonArray done = [];
        JsonArray failed = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            ManagementCall one = call.With(item);
            Answer answer = item.ValueKind == JsonValueKind.Object ? await UpdateAsync(one) : Answer.Bad("keys", "expected objects");
            string? id = one.Text("key") is { } named ? keys.Find(named)?.Id : null;
            if (answer.Error is { } error)
            {
                failed.Add((JsonNode)new JsonObject { ["key"] = id, ["failed_reason"] = error.Message });
            }
            else
            {
                done.Add((JsonNode)new JsonObject { ["key"] = id, ["key_info"] = answer.Body });
            }
        }

        return new JsonObject { ["total_requested"] = list.GetArrayLength(), ["successful_updates"] = done, ["failed_updates"] = failed };
    }

    /// <summary>Makes a key anew: budgets and spend stay, the old one ends now or after <c>grace_period</c>.</summary>
    public async ValueTask<Answer> RegenerateAsync(ManagementCall call)
    {
        KeyEntry? key = (call.Parameter ?? call.Text("key") ?? call.Who.KeyId) is { } named ? keys.Find(named) : null;
        if (keys.Changeable(call, key) is { } refusal)
        {
            return refusal;
        }

        string text = "";
        KeyDigest digest = default;
        ApiError? wrong = Grace(call, out DateTimeOffset until);
        wrong ??= NewKey(call, call.Text("new_key"), "new_key", out text, out digest);
        if (wrong is not null)
        {
            return wrong;
        }

        var warnings = new List<string>();
        (JsonObject? document, ApiError? error) = await desk.ChangeAsync(call, AccountKinds.Key, key!.Id, "key", x =>
        {
            ApiError? refused = Edit(call, key, x, warnings, everything: true);
            Rotate(x, text, digest, until);
            return refused;
        });
        if (error is not null)
        {
            return error;
        }

        JsonObject view = KeyViews.Of(key.Id, document!);
        view["key"] = text;
        view["token_id"] = key.Id;
        return Desk.Warned(view, warnings);
    }

    /// <summary>Keeps a new key and shows it.</summary>
    public async ValueTask<Answer> AddAsync(ManagementCall call, JsonObject document, string? custom, List<string> warnings)
    {
        if (NewKey(call, custom, "key", out string text, out KeyDigest digest) is { } error)
        {
            return error;
        }

        string id = digest.ToString();
        document["digest"] = id;
        document["key_name"] = NameOf(text);
        if (await desk.AddAsync(call, AccountKinds.Key, id, document, "key") is { } failed)
        {
            return failed;
        }

        JsonObject view = KeyViews.Of(id, document);
        view["key"] = text;
        view["token_id"] = id;
        view["spend"] = 0m;
        return Desk.Warned(view, warnings);
    }

    /// <summary>What a key is told apart by, for people.</summary>
    public static string NameOf(string key) => "sk-..." + key[^4..];

    private ApiError? Edit(ManagementCall call, KeyEntry key, JsonObject document, List<string> warnings, bool everything)
    {
        warnings.Clear();
        (string? user, string? team) = (Text(document, "user_id"), Text(document, "team_id"));
        ApiError? error = FieldTable.Key.Lay(call.Body, Ownership.RightOn(call.Who, key.TeamId), document, warnings) ?? Special(call, document) ?? Alias(document, key);
        if (error is not null)
        {
            return error;
        }

        if (call.Who.Role != Role.Admin && (Text(document, "user_id") != user || Text(document, "team_id") != team))
        {
            return Authorization.Refuse("A key is given to another user or team by an admin only.");
        }

        if (Owner(call, document) is { } owner)
        {
            return owner;
        }

        // Whoever holds another key of the same user may not get more by it: neither by changing it, nor, made anew, by using it.
        Fit fit = new Grants(desk.Book, desk.Now).Check(document, call.Who);
        (string Field, string Reason)[] excess = [.. fit.Excess, .. fit.Inherited.Keys.Select(static x => (x, "your own key is limited there"))];
        (string Field, string Reason) found = excess.FirstOrDefault(x => everything || IsGiven(call, x.Field));
        return found.Field is null ? null : Refuse(found);
    }

    private static bool IsGiven(ManagementCall call, string field) =>
        call.Body.ValueKind == JsonValueKind.Object
        && (call.Body.TryGetProperty(field, out _) || (field is "expires" or "duration" && call.Body.TryGetProperty("duration", out _)) || (field == "allowed_routes" && call.Body.TryGetProperty("key_type", out _)));

    private static ApiError Refuse((string Field, string Reason) excess) => Authorization.Refuse($"`{excess.Field}`: a key cannot be given more than its giver has: {excess.Reason}.") with { Param = excess.Field };

    /// <summary>Whose the key will be where the request does not say.</summary>
    private static ApiError? Own(ManagementCall call, JsonObject document, bool serviceAccount)
    {
        string? team = call.Text("team_id") ?? (call.Who.Role == Role.Admin ? null : call.Who.TeamId);
        if (team is not null)
        {
            document["team_id"] = team;
        }

        if (call.Who.Role != Role.Admin && !serviceAccount && !(call.Body.ValueKind == JsonValueKind.Object && call.Body.TryGetProperty("user_id", out _)))
        {
            document["user_id"] = call.Who.UserId;
        }

        return serviceAccount && team is null ? Answer.Bad("team_id", "a service account needs a team") : null;
    }

    /// <summary>Whether the caller may give a key to this user and team.</summary>
    private ApiError? Owner(ManagementCall call, JsonObject document)
    {
        string? user = Text(document, "user_id");
        string? team = Text(document, "team_id");
        if (team is not null && desk.Book.Find(AccountKinds.Team, team) is null)
        {
            return Answer.Missing("team", "team_id");
        }

        if (call.Who.Role == Role.Admin)
        {
            return null;
        }

        bool manages = Ownership.IsAdminOf(call.Who, team);
        if (team != call.Who.TeamId && !manages)
        {
            return Authorization.Refuse("`team_id`: keys of a team are made with a key of it, or by its admins.") with { Param = "team_id" };
        }

        if (user != call.Who.UserId && !(manages && (user is null || desk.Book.TeamsOf(user).Contains(team))))
        {
            return Authorization.Refuse("`user_id`: keys for others are made by admins, and by admins of a team both belong to.") with { Param = "user_id" };
        }

        return new Grants(desk.Book, desk.Now).IsRoleAbove(user, call.Who) ? Authorization.Refuse("`user_id`: this user may do more than you.") with { Param = "user_id" } : null;
    }

    /// <summary>Fields that become others: <c>duration</c>, <c>expires</c>, <c>key_type</c>; and what is to be true of routes.</summary>
    private ApiError? Special(ManagementCall call, JsonObject document)
    {
        if (call.Body.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (call.Text("key_type") is { } type)
        {
            if (RouteGrants.OfType(type) is not { } routes)
            {
                return Answer.Bad("key_type", "expected default, llm_api, management or read_only");
            }

            if (!call.Body.TryGetProperty("allowed_routes", out _))
            {
                document["allowed_routes"] = Desk.Texts(routes);
            }

            document["key_type"] = type;
        }

        string? route = (document["allowed_routes"] as JsonArray)?.Select(static x => x!.GetValue<string>()).FirstOrDefault(static x => !RouteGrants.IsRoute(x));
        if (route is not null)
        {
            return Answer.Bad("allowed_routes", $"{route} is neither a path nor one of llm_api_routes, openai_routes, anthropic_routes, management_routes, info_routes");
        }

        return Expiry(call, document);
    }

    private ApiError? Expiry(ManagementCall call, JsonObject document)
    {
        foreach (string field in (ReadOnlySpan<string>)["duration", "expires"])
        {
            if (!call.Body.TryGetProperty(field, out JsonElement value))
            {
                continue;
            }

            if (value.ValueKind == JsonValueKind.Null || call.Text(field) is "-1")
            {
                document.Remove("expires");
                continue;
            }

            DateTimeOffset? end = field == "expires" ? Field.Moment(call.Text(field)) : BudgetWindowText.Read(call.Text(field)) is { Rolling: false } window ? window.After(desk.Now) : null;
            if (end is null)
            {
                return Answer.Bad(field, field == "expires" ? "expected a moment such as 2027-01-31T12:00:00Z" : "expected a duration such as 30s, 30m, 24h, 30d or 1mo, or null for a key without an end");
            }

            document["expires"] = JsonValue.Create(end.Value);
        }

        return null;
    }

    private ApiError? Alias(JsonObject document, KeyEntry? itself) =>
        Text(document, "key_alias") is { } alias && alias != itself?.Alias && desk.Book.Keys.Any(x => x.Alias == alias && x.Id != itself?.Id) ? Answer.Exists("key", "key_alias") : null;

    private ApiError? NewKey(ManagementCall call, string? custom, string field, out string text, out KeyDigest digest)
    {
        text = custom ?? "sk-" + Base64Url.EncodeToString(desk.Services.Randomness());
        digest = default;
        if (custom is not null && call.Who.Role != Role.Admin)
        {
            return Authorization.Refuse($"`{field}`: a key of one's own choice is given by admins only.") with { Param = field };
        }

        if (custom is not null && (custom.Length is < ShortestCustomKey or > KeyHasher.LongestKey || custom.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            return Answer.Bad(field, $"expected {ShortestCustomKey} to {KeyHasher.LongestKey} printable ASCII characters without spaces");
        }

        digest = desk.Book.Hasher.Hash(text)!.Value;

        // That a key of this text exists is told to admins only, who alone come here with one.
        return desk.Book.FindKeyByText(text) is not null || desk.Book.FindKey(digest.ToString()) is not null ? Answer.Exists("key", field) : null;
    }

    private ApiError? Grace(ManagementCall call, out DateTimeOffset until)
    {
        until = desk.Now;
        string? text = call.Text("grace_period");
        if (text is null or "" or "0" or "0s")
        {
            return null;
        }

        DateTimeOffset? end = BudgetWindowText.Read(text) is { Rolling: false } window ? window.After(desk.Now) : null;
        until = end ?? until;
        return end is null ? Answer.Bad("grace_period", "expected a duration such as 30m, 24h or 7d") : null;
    }

    private void Rotate(JsonObject document, string text, KeyDigest digest, DateTimeOffset until)
    {
        KeyDocument before = document.Deserialize(AccountJson.Default.KeyDocument)!;
        List<EarlierDigest> earlier = [.. (before.EarlierDigests ?? []).Where(x => x.Until > desk.Now)];
        if (until > desk.Now)
        {
            earlier.AddRange(new[] { before.PreviousDigest, before.Digest }.OfType<string>().Select(x => new EarlierDigest(x, until)));
        }

        // It is of the key that ends here, and would open for good.
        document.Remove("previous_digest");

        document["earlier_digests"] = new JsonArray([.. earlier.TakeLast(MostEarlier).Select(static x => new JsonObject { ["digest"] = x.Digest, ["until"] = JsonValue.Create(x.Until) })]);
        document["digest"] = digest.ToString();
        document["key_name"] = NameOf(text);
        document["rotation_count"] = (document["rotation_count"]?.GetValue<int>() ?? 0) + 1;
    }

    private static string? Text(JsonObject document, string name) => document[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
