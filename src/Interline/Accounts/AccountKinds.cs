namespace Interline.Accounts;

/// <summary>Kinds of accounts, as in <see cref="AccountRow.Kind"/>.</summary>
public static class AccountKinds
{
    /// <summary>Virtual key.</summary>
    public const string Key = "key";

    /// <summary>Team.</summary>
    public const string Team = "team";

    /// <summary>User.</summary>
    public const string User = "user";

    /// <summary>Customer (end user).</summary>
    public const string Customer = "customer";

    /// <summary>Budget that accounts share.</summary>
    public const string Budget = "budget";

    /// <summary>Tag with terms.</summary>
    public const string Tag = "tag";

    /// <summary>Deployment added at run time.</summary>
    public const string Model = "model";

    /// <summary>Longest id of any kind, in characters.</summary>
    public const int LongestId = 256;
}
