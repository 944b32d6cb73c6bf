using System.Text.Json.Nodes;

namespace Interline.Accounts;

/// <summary>How keys outlive a change of the installation's secret.</summary>
public sealed partial class AccountBook
{
    private static readonly TimeSpan KeepAgainAfter = TimeSpan.FromSeconds(10);

    private readonly KeyHasher[] _earlierHashers;
    private long _keepAfter;
    private int _keeping;

    private bool TryFind(ReadOnlySpan<char> key, LastKey? last, out KeySlot slot)
    {
        slot = default;
        return (last is null ? _hasher.Hash(key) : last.Digest(key, _hasher)) is { } digest && (_digests.TryGetValue(digest, out slot) || (_earlierHashers.Length > 0 && TryFindByEarlier(key, digest, out slot)));
    }

    /// <summary>By the digests under earlier secrets. They are made for keys alone that are unknown under the current one.</summary>
    private bool TryFindByEarlier(ReadOnlySpan<char> key, KeyDigest current, out KeySlot slot)
    {
        slot = default;
        foreach (KeyHasher hasher in _earlierHashers)
        {
            if (hasher.Hash(key) is { } digest && _digests.TryGetValue(digest, out slot))
            {
                if (slot.Until > _time.GetUtcNow().UtcTicks)
                {
                    KeepInBackground(slot.Entry.Row, digest, current);
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps a key's digest under the current secret, away from the call. One at a time: a key that finds the place taken comes again with its next call.</summary>
    private void KeepInBackground(AccountRow row, KeyDigest known, KeyDigest current)
    {
        if (_time.GetUtcNow().UtcTicks < Volatile.Read(ref _keepAfter) || Interlocked.Exchange(ref _keeping, 1) != 0)
        {
            return;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await WriteAsync([new(row.Kind, row.Id, WithDigest(row.Document!, known, current), row.Revision)], CancellationToken.None);
            }
            catch (Exception)
            {
                // The store is away; the key is valid all the same.
                Volatile.Write(ref _keepAfter, (_time.GetUtcNow() + KeepAgainAfter).UtcTicks);
            }
            finally
            {
                Volatile.Write(ref _keeping, 0);
            }
        });
    }

    /// <summary>The document of a key with another digest of the same key. The old one stays beside it: nodes that know only the earlier secret look for that.</summary>
    private static string WithDigest(string document, KeyDigest known, KeyDigest current)
    {
        JsonObject key = JsonNode.Parse(document)!.AsObject();
        JsonObject? rotated = (key["earlier_digests"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(x => Is(x["digest"], known));
        if (rotated is null || Is(key["digest"], known))
        {
            key["digest"] = current.ToString();
            key["previous_digest"] = known.ToString();
        }
        else
        {
            rotated.Parent!.AsArray().Add((JsonNode)new JsonObject { ["digest"] = current.ToString(), ["until"] = rotated["until"]?.DeepClone() });
        }

        return key.ToJsonString();
    }

    private static bool Is(JsonNode? node, KeyDigest digest) => node is JsonValue value && value.TryGetValue(out string? text) && KeyDigest.Read(text) == digest;
}
