using System.Text.RegularExpressions;
using Interline.Accounts;
using Interline.Credentials;
using Interline.Storage.Databases;

namespace Interline.Storage.Credentials;

/// <summary>Seals everything in the account store by the current master secret, so that the one before it can be dropped. Nodes may go on meanwhile.</summary>
public static partial class Resealing
{
    private const int AtOnce = 500;

    /// <summary>Seals all rows anew.</summary>
    /// <param name="store">The accounts.</param>
    /// <param name="database">The database they are in.</param>
    /// <param name="sealer">Knows the current master secret and the one before it.</param>
    /// <param name="cancel">Gives up; what was sealed anew stays so.</param>
    public static async Task<ResealResult> RunAsync(IAccountStore store, Database database, Sealer sealer, CancellationToken cancel)
    {
        ResealResult result = default;
        long after = 0;
        while (await store.ReadAsync(after, AtOnce, cancel) is { Count: > 0 } rows)
        {
            foreach (AccountRow row in rows)
            {
                after = row.Revision;
                result = await RowAsync(store, row, sealer, result, cancel);
            }
        }

        if (result.Unopened == 0)
        {
            await new SealCheck(database, sealer).RewrapAsync(cancel);
        }

        return result;
    }

    private static async Task<ResealResult> RowAsync(IAccountStore store, AccountRow row, Sealer sealer, ResealResult result, CancellationToken cancel)
    {
        int secrets = 0;
        int unopened = 0;
        string? document = row.Document is null ? null : Sealed().Replace(
            row.Document,
            match =>
            {
                string text = match.Value[1..^1];
                string? anew = sealer.Rewrap(text);
                unopened += anew is null ? 1 : 0;
                secrets += anew is null || anew == text ? 0 : 1;
                return $"\"{anew ?? text}\"";
            });

        // Whoever changed the row meanwhile sealed by the current secret, or left the old one in it: then it comes again with a newer revision.
        bool written = secrets > 0 && await store.WriteAsync([new AccountChange(row.Kind, row.Id, document, row.Revision)], cancel) is not null;
        return new ResealResult(result.Secrets + (written ? secrets : 0), result.Unopened + unopened);
    }

    // Sealed texts hold nothing that JSON would write in another way.
    [GeneratedRegex("\"v1:[0-9a-f]{16}(?::[A-Za-z0-9_-]*){4}\"", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Sealed();
}

/// <summary>What was sealed anew.</summary>
/// <param name="Secrets">Secrets sealed anew.</param>
/// <param name="Unopened">Secrets no known master secret opens; they stay as they are.</param>
public readonly record struct ResealResult(int Secrets, int Unopened);
