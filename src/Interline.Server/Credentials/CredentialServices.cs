using Interline.Accounts;
using Interline.Credentials;

namespace Interline.Server.Credentials;

/// <summary>What the credential endpoints stand on.</summary>
public sealed record CredentialServices
{
    /// <summary>Finds the row of a credential by name; null if there is none.</summary>
    public required Func<string, AccountRow?> Find { get; init; }

    /// <summary>All rows of credentials.</summary>
    public required Func<IEnumerable<AccountRow>> All { get; init; }

    /// <summary>Makes changes, as <see cref="IAccountStore.WriteAsync"/>; whoever follows the store on this node knows them when it ends.</summary>
    public required Func<IReadOnlyList<AccountChange>, CancellationToken, ValueTask<IReadOnlyList<AccountRow>?>> WriteAsync { get; init; }

    /// <summary>Seals secrets; null where none can be kept.</summary>
    public ISealer? Sealer { get; init; }

    /// <summary>Over a book of accounts: models that name a credential follow its changes.</summary>
    /// <param name="book">The book.</param>
    /// <param name="sealer">Seals secrets; null where none can be kept.</param>
    public static CredentialServices Over(AccountBook book, ISealer? sealer)
    {
        ArgumentNullException.ThrowIfNull(book);
        return new() { Find = name => book.Find(CredentialBook.Kind, name), All = () => book.All(CredentialBook.Kind), WriteAsync = book.WriteAsync, Sealer = sealer };
    }
}
