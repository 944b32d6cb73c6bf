using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Interline.Core.Configuration;

namespace Interline.Accounts;

/// <summary>Digest of a virtual key: HMAC-SHA-256, all 32 bytes of it.</summary>
/// <param name="A">Bytes 0 to 7.</param>
/// <param name="B">Bytes 8 to 15.</param>
/// <param name="C">Bytes 16 to 23.</param>
/// <param name="D">Bytes 24 to 31.</param>
public readonly record struct KeyDigest(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>The digest is uniform already: any 32 bits of it will do. Equality compares all of it.</summary>
    public override int GetHashCode() => (int)A;

    /// <summary>Reads a hex digest.</summary>
    /// <param name="hex">64 hex digits.</param>
    /// <returns>Null if it is none.</returns>
    public static KeyDigest? Read(string? hex)
    {
        Span<byte> bytes = stackalloc byte[32];
        return hex?.Length == 64 && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? Of(bytes) : null;
    }

    /// <summary>The digest of 32 bytes.</summary>
    /// <param name="bytes">32 bytes.</param>
    public static KeyDigest Of(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> parts = MemoryMarshal.Cast<byte, ulong>(bytes[..32]);
        return new(Big(parts[0]), Big(parts[1]), Big(parts[2]), Big(parts[3]));
    }

    /// <summary>64 hex digits.</summary>
    public override string ToString() => $"{A:x16}{B:x16}{C:x16}{D:x16}";

    private static ulong Big(ulong part) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(part) : part;
}

/// <summary>Makes the digests keys are kept and found by. Without the installation's secret a stolen table of digests tells nothing, not even of a weak key.</summary>
public sealed class KeyHasher
{
    /// <summary>Longest key, in characters.</summary>
    public const int LongestKey = 256;

    private readonly byte[] _secret;

    /// <summary>Over a secret.</summary>
    /// <param name="secret">The installation's secret.</param>
    public KeyHasher(Secret secret) =>
        _secret = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), "interline virtual keys 1"u8);

    /// <summary>The digest of a key. Does not allocate.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Null if no key is so long, or it is empty.</returns>
    public KeyDigest? Hash(ReadOnlySpan<char> key)
    {
        if (key.Length is 0 or > LongestKey)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[LongestKey * 3];
        int length = Encoding.UTF8.GetBytes(key, text);
        Span<byte> digest = stackalloc byte[32];
        HMACSHA256.HashData(_secret, text[..length], digest);
        return KeyDigest.Of(digest);
    }
}
