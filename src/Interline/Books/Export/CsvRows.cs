using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Interline.Books.Export;

/// <summary>
/// Rows as CSV in UTF-8 by RFC 4180. A text that a spreadsheet would take for a formula (it begins with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a
/// carriage return) gets an apostrophe in front: callers choose the names of customers and tags, and somebody opens the file.
/// </summary>
public static class CsvRows
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");
    private static readonly SearchValues<char> Formula = SearchValues.Create("=+-@\t\r");

    /// <summary>Writes the line of names.</summary>
    /// <typeparam name="T">What a row is made of.</typeparam>
    /// <param name="output">Where it goes.</param>
    /// <param name="columns">The columns.</param>
    public static void WriteHead<T>(IBufferWriter<byte> output, ImmutableArray<Column<T>> columns)
    {
        for (int i = 0; i < columns.Length; i++)
        {
            Separate(output, i);
            Cell(output, columns[i].Name);
        }

        output.Write("\r\n"u8);
    }

    /// <summary>Writes a row.</summary>
    /// <typeparam name="T">What a row is made of.</typeparam>
    /// <param name="output">Where it goes.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="row">The row.</param>
    public static void Write<T>(IBufferWriter<byte> output, ImmutableArray<Column<T>> columns, T row)
    {
        for (int i = 0; i < columns.Length; i++)
        {
            Separate(output, i);
            if (columns[i].Text(row) is { } text)
            {
                Cell(output, columns[i].Kind is ColumnKind.Text or ColumnKind.List && text.Length > 0 && Formula.Contains(text[0]) ? "'" + text : text);
            }
        }

        output.Write("\r\n"u8);
    }

    private static void Separate(IBufferWriter<byte> output, int index)
    {
        if (index > 0)
        {
            output.Write(","u8);
        }
    }

    private static void Cell(IBufferWriter<byte> output, string text)
    {
        if (text.AsSpan().ContainsAny(Quoted))
        {
            text = '"' + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
        }

        Encoding.UTF8.GetBytes(text, output);
    }
}
