using System.Collections.Immutable;

namespace Interline.Books.Export;

/// <summary>Kinds of columns.</summary>
public enum ColumnKind
{
    /// <summary>Text, perhaps a caller's own.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>USD; in JSON a string, so that no reader rounds it.</summary>
    Money,

    /// <summary>Texts; in CSV joined by semicolons.</summary>
    List,
}

/// <summary>A column of an export.</summary>
/// <typeparam name="T">What a row is made of.</typeparam>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">Its value in invariant notation; null is no value.</param>
/// <param name="Items">The texts of a list.</param>
public sealed record Column<T>(string Name, ColumnKind Kind, Func<T, string?> Text, Func<T, ImmutableArray<string>>? Items = null);
