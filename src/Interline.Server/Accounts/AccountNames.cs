using Interline.Accounts;
using Interline.Accounts.Documents;
using Interline.Books;

namespace Interline.Server.Accounts;

/// <summary>Names for people of what usage is counted by.</summary>
internal sealed class AccountNames(AccountBook book)
{
    /// <summary>The name of an id in a dimension; null if it has none.</summary>
    /// <param name="dimension">Dimension.</param>
    /// <param name="id">Id.</param>
    public string? Of(UsageDimension dimension, string id) => dimension switch
    {
        UsageDimension.Key => book.FindKey(id)?.Alias,
        UsageDimension.Team => book.Read(AccountKinds.Team, id, AccountJson.Default.TeamDocument)?.TeamAlias,
        UsageDimension.User => book.Read(AccountKinds.User, id, AccountJson.Default.UserDocument)?.UserAlias,
        UsageDimension.Customer => book.Read(AccountKinds.Customer, id, AccountJson.Default.CustomerDocument)?.Alias,
        _ => null,
    };
}
