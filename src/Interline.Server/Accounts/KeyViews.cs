using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Core.Budgets;

namespace Interline.Server.Accounts;

/// <summary>What is shown of keys. Never a digest a key is found by.</summary>
internal static class KeyViews
{
    /// <summary>A key's document as it is shown.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="document">Its document; is changed.</param>
    public static JsonObject Of(string id, JsonObject document)
    {
        document.Remove("digest");
        document.Remove("previous_digest");
        document.Remove("earlier_digests");
        document["token"] = id;
        foreach (string name in (ReadOnlySpan<string>)["key_alias", "user_id", "team_id", "expires", "max_budget", "budget_duration", "tpm_limit", "rpm_limit", "max_parallel_requests", "budget_id"])
        {
            document.TryAdd(name, null);
        }

        document.TryAdd("models", new JsonArray());
        document.TryAdd("metadata", new JsonObject());
        document.TryAdd("blocked", false);
        return document;
    }

    /// <summary>A key with what it has spent.</summary>
    public static async ValueTask<JsonObject> WithSpendAsync(Desk desk, KeyEntry key, CancellationToken cancel)
    {
        JsonObject view = Of(key.Id, Desk.Parse(key.Row));
        await desk.ShowSpendAsync(view, new Scope(ScopeKind.Key, key.Id), cancel);
        return view;
    }
}
