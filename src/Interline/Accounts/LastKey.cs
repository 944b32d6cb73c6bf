using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Interline.Accounts;

/// <summary>
/// The key that came last on a connection, with its digest: SDKs send the same key with every request, and making the digest is most of what finding a caller costs. Whose
/// it is is not remembered: a key that is blocked, changed or rotated is so at its next request. Thread-safe.
/// </summary>
public sealed class LastKey
{
    private Known? _known;

    internal KeyDigest? Digest(ReadOnlySpan<char> key, KeyHasher hasher)
    {
        // In fixed time: behind a proxy the one before may be another caller's.
        Known? known = Volatile.Read(ref _known);
        if (known is not null && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(key), MemoryMarshal.AsBytes(known.Key.AsSpan())))
        {
            return known.Digest;
        }

        KeyDigest? digest = hasher.Hash(key);
        if (digest is { } made)
        {
            Volatile.Write(ref _known, new Known(key.ToString(), made));
        }

        return digest;
    }

    private sealed class Known(string key, KeyDigest digest)
    {
        public string Key => key;

        public KeyDigest Digest => digest;
    }
}
