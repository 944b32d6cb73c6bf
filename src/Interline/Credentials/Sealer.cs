using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Interline.Accounts;
using Interline.Core.Configuration;

namespace Interline.Credentials;

/// <summary>
/// Seals by AES-256-GCM (NIST SP 800-38D) in an envelope: each secret has a random key of its own, which is sealed by a key derived from the master secret. The text is
/// <c>v1:key id:sealed key:nonce:ciphertext:tag</c>, parts in base64url. What the secret is bound to is authenticated with it and not kept: copied to another row it does
/// not open. Thread-safe.
/// </summary>
/// <remarks>
/// To change the master secret: give the new one beside the old one to all nodes, then make it the current one on all, then <see cref="Rewrap"/> what is kept, then drop
/// the old one. Sealing the own keys anew needs neither what a secret is bound to nor the secret.
/// </remarks>
public sealed class Sealer : ISealer
{
    /// <summary>Shortest master secret, in characters.</summary>
    public const int ShortestSecret = 16;

    private const string Version = "v1";
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Rounds = 100_000;

    private readonly FrozenDictionary<string, byte[]> _keys;

    /// <summary>Derives the keys; takes some 50 ms for each.</summary>
    /// <param name="current">Master secret that seals, and opens what it sealed.</param>
    /// <param name="others">Others that only open: the one before it, or the one to come.</param>
    /// <exception cref="ArgumentException">A secret is shorter than <see cref="ShortestSecret"/>.</exception>
    public Sealer(Secret current, params IReadOnlyList<Secret> others)
    {
        Dictionary<string, byte[]> keys = new(StringComparer.Ordinal);
        foreach (Secret secret in others)
        {
            (string id, byte[] key) = Derive(secret);
            keys[id] = key;
        }

        (KeyId, byte[] own) = Derive(current);
        keys[KeyId] = own;
        _keys = keys.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Names the current master secret without telling anything of it: 16 hexadecimal digits.</summary>
    public string KeyId { get; }

    /// <inheritdoc />
    public string Seal(string plaintext, string boundTo)
    {
        byte[] key = RandomNumberGenerator.GetBytes(KeySize);
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceSize);
        byte[] content = Encoding.UTF8.GetBytes(plaintext);
        byte[] sealedContent = new byte[content.Length];
        byte[] tag = new byte[TagSize];
        using (var cipher = new AesGcm(key, TagSize))
        {
            cipher.Encrypt(nonce, content, sealedContent, tag, Bound(boundTo));
        }

        string text = string.Join(':', Version, KeyId, Wrap(KeyId, key), Base64Url.EncodeToString(nonce), Base64Url.EncodeToString(sealedContent), Base64Url.EncodeToString(tag));
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(content);
        return text;
    }

    /// <inheritdoc />
    public string? Unseal(string sealedText, string boundTo)
    {
        if (Split(sealedText) is not { } parts || Unwrap(parts) is not { } key || Bytes(parts[3], NonceSize) is not { } nonce || Bytes(parts[4], null) is not { } content || Bytes(parts[5], TagSize) is not { } tag)
        {
            return null;
        }

        byte[] plain = new byte[content.Length];
        try
        {
            using var cipher = new AesGcm(key, TagSize);
            cipher.Decrypt(nonce, content, tag, plain, Bound(boundTo));
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Seals the key of a sealed secret by the current master secret.</summary>
    /// <param name="sealedText">What <see cref="Seal"/> gave, perhaps by an earlier master secret.</param>
    /// <returns>The text to keep instead, the same one if nothing is to be done; null if no master secret that is known opens it.</returns>
    public string? Rewrap(string sealedText)
    {
        if (Split(sealedText) is not { } parts || Unwrap(parts) is not { } key)
        {
            return null;
        }

        string text = parts[1] == KeyId ? sealedText : string.Join(':', parts[0], KeyId, Wrap(KeyId, key), parts[3], parts[4], parts[5]);
        CryptographicOperations.ZeroMemory(key);
        return text;
    }

    private static (string Id, byte[] Key) Derive(Secret secret)
    {
        string value = secret.Reveal();
        if (value.Length < ShortestSecret)
        {
            throw new ArgumentException($"The master secret that seals credentials needs at least {ShortestSecret} characters; `openssl rand -base64 32` makes one.", nameof(secret));
        }

        byte[] root = Rfc2898DeriveBytes.Pbkdf2(value, "interline sealing v1"u8, Rounds, HashAlgorithmName.SHA256, KeySize);
        byte[] id = HKDF.Expand(HashAlgorithmName.SHA256, root, 8, "id"u8.ToArray());
        byte[] key = HKDF.Expand(HashAlgorithmName.SHA256, root, KeySize, "key"u8.ToArray());
        CryptographicOperations.ZeroMemory(root);
        return (Convert.ToHexStringLower(id), key);
    }

    private string Wrap(string id, byte[] key)
    {
        byte[] wrapped = new byte[NonceSize + KeySize + TagSize];
        Span<byte> nonce = wrapped.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_keys[id], TagSize);
        cipher.Encrypt(nonce, key, wrapped.AsSpan(NonceSize, KeySize), wrapped.AsSpan(NonceSize + KeySize), Bound("key " + id));
        return Base64Url.EncodeToString(wrapped);
    }

    private byte[]? Unwrap(string[] parts)
    {
        if (!_keys.TryGetValue(parts[1], out byte[]? master) || Bytes(parts[2], NonceSize + KeySize + TagSize) is not { } wrapped)
        {
            return null;
        }

        byte[] key = new byte[KeySize];
        try
        {
            using var cipher = new AesGcm(master, TagSize);
            cipher.Decrypt(wrapped.AsSpan(0, NonceSize), wrapped.AsSpan(NonceSize, KeySize), wrapped.AsSpan(NonceSize + KeySize), key, Bound("key " + parts[1]));
            return key;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static string[]? Split(string text) => text.Split(':') is { Length: 6 } parts && parts[0] == Version ? parts : null;

    // Only the one way of writing the bytes: base64url has bits to spare at its end, and two texts for one secret are one too many.
    private static byte[]? Bytes(string part, int? length)
    {
        if (!Base64Url.IsValid(part))
        {
            return null;
        }

        byte[] bytes = Base64Url.DecodeFromChars(part);
        return (length is null || bytes.Length == length) && Base64Url.EncodeToString(bytes) == part ? bytes : null;
    }

    private static byte[] Bound(string boundTo) => Encoding.UTF8.GetBytes(Version + "\n" + boundTo);
}
