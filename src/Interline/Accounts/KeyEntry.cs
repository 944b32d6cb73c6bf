using Interline.Accounts.Documents;

namespace Interline.Accounts;

/// <summary>A key in memory: its row, what lists are filtered by, and what it stands for, once somebody has called with it.</summary>
public sealed class KeyEntry
{
    internal KeyEntry(AccountRow row)
    {
        Row = row;
        KeyDocument? key = PrincipalReader.Document(row, AccountJson.Default.KeyDocument);
        Alias = key?.KeyAlias;
        UserId = key?.UserId;
        TeamId = key?.TeamId;
        List<(KeyDigest, DateTimeOffset)> digests = [];
        if (KeyDigest.Read(key?.Digest) is { } current)
        {
            digests.Add((current, DateTimeOffset.MaxValue));
        }

        if (KeyDigest.Read(key?.PreviousDigest) is { } previous && digests.TrueForAll(x => x.Item1 != previous))
        {
            digests.Add((previous, DateTimeOffset.MaxValue));
        }

        foreach (EarlierDigest earlier in key?.EarlierDigests ?? [])
        {
            if (KeyDigest.Read(earlier.Digest) is { } digest && digests.TrueForAll(x => x.Item1 != digest))
            {
                digests.Add((digest, earlier.Until));
            }
        }

        Digests = digests;
    }

    /// <summary>Its row; without a document if the key was deleted.</summary>
    public AccountRow Row { get; }

    /// <summary>Its id.</summary>
    public string Id => Row.Id;

    /// <summary>Its alias.</summary>
    public string? Alias { get; }

    /// <summary>Its user.</summary>
    public string? UserId { get; }

    /// <summary>Its team.</summary>
    public string? TeamId { get; }

    internal IReadOnlyList<(KeyDigest Digest, DateTimeOffset Until)> Digests { get; }

    internal PreparedKey? Prepared { get; set; }
}
