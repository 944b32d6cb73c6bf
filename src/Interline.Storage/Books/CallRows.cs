using System.Globalization;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;
using SQLitePCL;

namespace Interline.Storage.Books;

/// <summary>Inserts many rows at once, past the usual commands: for each call it is this that costs.</summary>
internal static class CallRows
{
    private const string Copy = "copy interline_call (" + CallRow.Columns + ") from stdin (format binary)";

    private static readonly string Insert = $"insert into interline_call ({CallRow.Columns}) values ({string.Join(',', Enumerable.Repeat('?', CallRow.Count))})";

    /// <summary>Inserts the chosen calls of a batch.</summary>
    /// <param name="session">In a transaction.</param>
    /// <param name="batch">The calls.</param>
    /// <param name="chosen">Places of those to insert, and their marks.</param>
    /// <param name="names">Numbers of the batch's texts.</param>
    /// <param name="segment">Stretch of the chain.</param>
    /// <param name="seq">Place of the first in it.</param>
    public static void Write(SqlSession session, JournalBatch batch, List<(int Place, int Mark)> chosen, IReadOnlyList<CallNames> names, long segment, int seq)
    {
        if (session.Connection is NpgsqlConnection postgres)
        {
            using NpgsqlBinaryImporter importer = postgres.BeginBinaryImport(Copy);
            var sink = new PostgresSink(importer);
            foreach ((int i, int mark) in chosen)
            {
                importer.StartRow();
                CallRow.Write(ref sink, in batch.Calls[i], names[i], segment, seq++, mark);
            }

            importer.Complete();
            return;
        }

        SqliteSink.ForEach(session, Insert, chosen, (ref SqliteSink to, (int Place, int Mark) one) => CallRow.Write(ref to, in batch.Calls[one.Place], names[one.Place], segment, seq++, one.Mark));
    }

    private readonly struct PostgresSink(NpgsqlBinaryImporter importer) : IRowSink
    {
        public void Long(long value) => importer.Write(value, NpgsqlDbType.Bigint);

        public void Long(long? value)
        {
            if (value is { } known)
            {
                importer.Write(known, NpgsqlDbType.Bigint);
            }
            else
            {
                importer.WriteNull();
            }
        }

        public void Integer(int value) => importer.Write(value, NpgsqlDbType.Integer);

        public void Small(int value) => importer.Write((short)value, NpgsqlDbType.Smallint);

        public void Name(int value)
        {
            if (value != 0)
            {
                importer.Write(value, NpgsqlDbType.Integer);
            }
            else
            {
                importer.WriteNull();
            }
        }

        public void Money(decimal? value)
        {
            if (value is { } known)
            {
                importer.Write(known, NpgsqlDbType.Numeric);
            }
            else
            {
                importer.WriteNull();
            }
        }
    }
}

/// <summary>
/// The parameters of a statement of SQLite, in their order. Past the usual commands, which make an object of every number. A parameter keeps its value from row to row, and most
/// columns of neighbours are alike: only what differs is given again.
/// </summary>
internal struct SqliteSink(sqlite3_stmt statement, SqliteSink.Given[] given) : IRowSink
{
    private int _at;

    /// <summary>Does a statement once for each of some rows.</summary>
    /// <param name="session">The session.</param>
    /// <param name="sql">A constant statement.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="write">Gives the parameters of a row.</param>
    public static void ForEach<T>(SqlSession session, string sql, List<T> rows, SqliteRow<T> write)
    {
        sqlite3 handle = ((SqliteConnection)session.Connection).Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(handle, sql, out sqlite3_stmt statement), handle);
        using (statement)
        {
            var given = new Given[raw.sqlite3_bind_parameter_count(statement)];
            foreach (T row in rows)
            {
                var sink = new SqliteSink(statement, given);
                write(ref sink, row);
                int result = raw.sqlite3_step(statement);
                SqliteException.ThrowExceptionForRC(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result, handle);
                raw.sqlite3_reset(statement);
            }
        }
    }

    public void Long(long value)
    {
        ref Given last = ref given[_at++];
        if (last.Kind != Kind.Number || last.Number != value)
        {
            (last.Kind, last.Number) = (Kind.Number, value);
            raw.sqlite3_bind_int64(statement, _at, value);
        }
    }

    public void Long(long? value)
    {
        if (value is { } known)
        {
            Long(known);
        }
        else
        {
            Null();
        }
    }

    public void Integer(int value) => Long(value);

    public void Small(int value) => Long(value);

    public void Name(int value) => Long(value == 0 ? null : value);

    public void Money(decimal? value)
    {
        if (value is not { } known)
        {
            Null();
            return;
        }

        ref Given last = ref given[_at++];
        if (last.Kind == Kind.Money && last.Money == known)
        {
            return;
        }

        (last.Kind, last.Money) = (Kind.Money, known);
        Span<byte> utf8 = stackalloc byte[40];
        known.TryFormat(utf8, out int length, "", CultureInfo.InvariantCulture);
        raw.sqlite3_bind_text(statement, _at, utf8[..length]);
    }

    private void Null()
    {
        // A parameter that was never given is null.
        ref Given last = ref given[_at++];
        if (last.Kind != Kind.Null)
        {
            last.Kind = Kind.Null;
            raw.sqlite3_bind_null(statement, _at);
        }
    }

    internal enum Kind : byte
    {
        Null,
        Number,
        Money,
    }

    internal struct Given
    {
        public Kind Kind;
        public long Number;
        public decimal Money;
    }
}

/// <summary>Gives the parameters of a row.</summary>
internal delegate void SqliteRow<in T>(ref SqliteSink to, T row);
