namespace Interline.Books.Export;

/// <summary>Amounts as they are shown.</summary>
public static class Money
{
    /// <summary>The same amount without zeros behind its last digit: sums and databases leave them there, and bills are read.</summary>
    /// <param name="amount">The amount.</param>
    public static decimal Shortest(decimal amount) => amount / 1.0000000000000000000000000000m;
}
