using System.Buffers.Text;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Interline.Storage.Databases;

/// <summary>
/// Exact sums of money in SQLite, whose own numbers are binary fractions: money is text there, and <c>interline_add(text, text)</c> and the aggregate
/// <c>interline_sum(text)</c> add it. A view of a month sums many thousand of them, so they work on the bytes, past the layer that makes a string of each.
/// </summary>
internal static class ExactNumbers
{
    private const int Flags = raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC;

    /// <summary>Teaches them to a connection.</summary>
    public static void Teach(sqlite3 connection)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_create_function(connection, "interline_add", 2, Flags, null, Add), connection);
        SqliteException.ThrowExceptionForRC(raw.sqlite3_create_function(connection, "interline_sum", 1, Flags, null, Step, End), connection);
    }

    private static void Add(sqlite3_context context, object data, sqlite3_value[] values)
    {
        if (TryRead(context, values[0], out decimal a) && TryRead(context, values[1], out decimal b))
        {
            Give(context, a, b);
        }
    }

    private static void Step(sqlite3_context context, object data, sqlite3_value[] values)
    {
        var sum = (Total)(context.state ??= new Total());
        if (raw.sqlite3_value_type(values[0]) != raw.SQLITE_NULL && TryRead(context, values[0], out decimal value))
        {
            sum.Add(value);
        }
    }

    private static void End(sqlite3_context context, object data)
    {
        var sum = context.state as Total;
        if (sum is { TooLarge: true })
        {
            raw.sqlite3_result_error(context, "interline_sum: the sum is too large");
            return;
        }

        Give(context, sum?.Value ?? 0, 0);
    }

    /// <summary>No exception may leave a function that SQLite calls.</summary>
    private static bool TryRead(sqlite3_context context, sqlite3_value value, out decimal number)
    {
        // The bytes of a text are the text.
        ReadOnlySpan<byte> text = raw.sqlite3_value_blob(value);
        if (Utf8Parser.TryParse(text, out number, out int read) && read == text.Length)
        {
            return true;
        }

        raw.sqlite3_result_error(context, "interline: an amount of money is no number");
        return false;
    }

    private static void Give(sqlite3_context context, decimal a, decimal b)
    {
        decimal sum;
        try
        {
            // Without the zeros at its end.
            sum = (a + b) / 1.0000000000000000000000000000m;
        }
        catch (OverflowException)
        {
            raw.sqlite3_result_error(context, "interline_add: the sum is too large");
            return;
        }

        Span<byte> utf8 = stackalloc byte[40];
        sum.TryFormat(utf8, out int length, "", CultureInfo.InvariantCulture);
        raw.sqlite3_result_text(context, utf8[..length]);
    }

    private sealed class Total
    {
        public decimal Value { get; private set; }

        public bool TooLarge { get; private set; }

        public void Add(decimal value)
        {
            try
            {
                Value += value;
            }
            catch (OverflowException)
            {
                TooLarge = true;
            }
        }
    }
}
