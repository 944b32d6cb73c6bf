using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Protocols.Errors;
using Interline.Server.Auth;

namespace Interline.Server.Accounts;

/// <summary>LiteLLM's <c>/key/*</c>: what shows and lists keys, blocks and deletes them. Making and changing: <see cref="KeyMaking"/>.</summary>
internal sealed class KeyEndpoints(Desk desk)
{
    private const int LargestPage = 100;
    private const int MostAtOnce = 500;

    /// <summary>One key; without naming one, the key that asks.</summary>
    public async ValueTask<Answer> InfoAsync(ManagementCall call)
    {
        if ((call.Query("key") ?? call.Who.KeyId) is not { } named)
        {
            return Answer.Bad("key", "name the key to be shown; the master key has no entry of its own");
        }

        return Find(named) is { } key && Ownership.MaySee(call.Who, key)
            ? new JsonObject { ["key"] = key.Id, ["info"] = await KeyViews.WithSpendAsync(desk, key, call.Cancel) }
            : Answer.Missing("key", "key");
    }

    /// <summary>Several keys; those that are not there or not the caller's are left out.</summary>
    public async ValueTask<Answer> ManyAsync(ManagementCall call)
    {
        if (call.Texts("keys") is not { Length: > 0 and <= LargestPage } named)
        {
            return Answer.Bad("keys", $"expected a list of 1 to {LargestPage} keys");
        }

        JsonArray info = [];
        foreach (KeyEntry key in named.Select(Find).OfType<KeyEntry>().Where(x => Ownership.MaySee(call.Who, x)).DistinctBy(static x => x.Id))
        {
            info.Add((JsonNode)await KeyViews.WithSpendAsync(desk, key, call.Cancel));
        }

        return new JsonObject { ["key"] = Desk.Texts(info.Select(static x => x!["token"]!.GetValue<string>())), ["info"] = info };
    }

    /// <summary>Keys the caller may see, by pages.</summary>
    public async ValueTask<Answer> ListAsync(ManagementCall call)
    {
        int page = call.QueryNumber("page", 1, int.MaxValue);
        int size = call.QueryNumber("size", 10, LargestPage);
        KeyEntry[] all = [.. Visible(call).OrderBy(static x => x.Id, StringComparer.Ordinal)];
        JsonArray keys = [];
        foreach (KeyEntry key in all.Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size))
        {
            keys.Add(call.Query("return_full_object") is "true" or "True" ? await KeyViews.WithSpendAsync(desk, key, call.Cancel) : JsonValue.Create(key.Id));
        }

        return new JsonObject { ["keys"] = keys, ["total_count"] = all.Length, ["current_page"] = page, ["total_pages"] = (all.Length + size - 1) / size };
    }

    /// <summary>Aliases of the keys the caller may see.</summary>
    public ValueTask<Answer> AliasesAsync(ManagementCall call) =>
        new(new JsonObject { ["aliases"] = Desk.Texts(Visible(call).Select(static x => x.Alias).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(10_000)) });

    /// <summary>Deletes keys by themselves or by alias: all or none.</summary>
    public async ValueTask<Answer> DeleteAsync(ManagementCall call)
    {
        string[] named = call.Texts("keys") ?? [];
        string[] aliases = call.Texts("key_aliases") ?? [];
        if (named.Length + aliases.Length is 0 or > MostAtOnce)
        {
            return Answer.Bad("keys", $"expected keys or key_aliases, 1 to {MostAtOnce} together");
        }

        var keys = new List<KeyEntry>();
        foreach (KeyEntry? key in named.Select(Find).Concat(aliases.Select(alias => desk.Book.Keys.FirstOrDefault(x => x.Alias == alias))))
        {
            if (Changeable(call, key) is { } refusal)
            {
                return refusal;
            }

            keys.Add(key!);
        }

        ApiError? error = await desk.DeleteAsync(call, [.. keys.DistinctBy(static x => x.Id).Select(static x => (AccountKinds.Key, x.Id))]);
        return error is not null ? error : new JsonObject { ["deleted_keys"] = Desk.Texts(keys.Select(static x => x.Id)) };
    }

    /// <summary>Blocks a key, or unblocks it.</summary>
    public async ValueTask<Answer> BlockAsync(ManagementCall call, bool blocked)
    {
        KeyEntry? key = call.Text("key") is { } named ? Find(named) : null;
        if (Changeable(call, key) is { } refusal)
        {
            return refusal;
        }

        if (Ownership.RightOn(call.Who, key!.TeamId) < FieldRight.TeamAdmin)
        {
            return Authorization.Refuse("Keys are blocked by admins and by admins of their team.");
        }

        (JsonObject? document, ApiError? error) = await desk.ChangeAsync(call, AccountKinds.Key, key.Id, "key", x =>
        {
            x["blocked"] = blocked;
            return null;
        });
        return error is not null ? error : KeyViews.Of(key.Id, document!);
    }

    /// <summary>A key by its id, or by itself.</summary>
    public KeyEntry? Find(string named) => desk.Book.FindKey(named) ?? desk.Book.FindKeyByText(named);

    /// <summary>Why a key may not be changed; null if it may.</summary>
    public ApiError? Changeable(ManagementCall call, KeyEntry? key) =>
        key is null || !Ownership.MaySee(call.Who, key) ? Answer.Missing("key", "key")
        : !Ownership.MayChange(call.Who, key) ? Authorization.Refuse("This key is not yours to change.")
        : new Grants(desk.Book, desk.Now).IsRoleAbove(key.UserId, call.Who) ? Authorization.Refuse("This key belongs to somebody who may do more than you.")
        : null;

    private IEnumerable<KeyEntry> Visible(ManagementCall call)
    {
        string? user = call.Query("user_id");
        string? team = call.Query("team_id");
        string? alias = call.Query("key_alias");
        string? hash = call.Query("key_hash");
        return desk.Book.Keys.Where(x =>
            Ownership.MaySee(call.Who, x) && (user is null || x.UserId == user) && (team is null || x.TeamId == team) && (alias is null || x.Alias == alias) && (hash is null || x.Id == hash));
    }
}
