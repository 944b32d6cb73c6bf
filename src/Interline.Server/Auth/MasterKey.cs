using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Interline.Core.Configuration;

namespace Interline.Server.Auth;

/// <summary>The key that may do everything.</summary>
public sealed class MasterKey
{
    private Secret _key;

    /// <summary>Over a key.</summary>
    /// <param name="key">The key.</param>
    public MasterKey(Secret key) => _key = key;

    /// <summary>Takes another key from now on.</summary>
    /// <param name="key">The key.</param>
    public void Use(Secret key) => Volatile.Write(ref _key, key);

    /// <summary>Whether this is the key; takes as long for a near miss as for any other of its length.</summary>
    /// <param name="given">What a caller sent.</param>
    public bool Matches(ReadOnlySpan<char> given) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(given), MemoryMarshal.AsBytes(Volatile.Read(ref _key).Reveal().AsSpan()));
}
