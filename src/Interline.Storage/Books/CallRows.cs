using System.Globalization;
using System.Text;
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
    /// <param name="names">Their texts.</param>
    /// <param name="segment">Stretch of the chain.</param>
    /// <param name="seq">Place of the first in it.</param>
    public static void Write(SqlSession session, JournalBatch batch, List<(int Place, int Mark)> chosen, NameBook names, long segment, int seq)
    {
        if (session.Connection is NpgsqlConnection postgres)
        {
            using NpgsqlBinaryImporter importer = postgres.BeginBinaryImport(Copy);
            var sink = new PostgresSink(importer);
            foreach ((int i, int mark) in chosen)
            {
                importer.StartRow();
                CallRow.Write(ref sink, in batch.Calls[i], names, segment, seq++, mark);
            }

            importer.Complete();
            return;
        }

        sqlite3 handle = ((SqliteConnection)session.Connection).Handle!;
        Check(handle, raw.sqlite3_prepare_v2(handle, Insert, out sqlite3_stmt statement));
        using (statement)
        {
            foreach ((int i, int mark) in chosen)
            {
                var sink = new SqliteSink(statement);
                CallRow.Write(ref sink, in batch.Calls[i], names, segment, seq++, mark);
                int result = raw.sqlite3_step(statement);
                Check(handle, result == raw.SQLITE_DONE ? raw.SQLITE_OK : result);
                raw.sqlite3_reset(statement);
            }
        }
    }

    private static void Check(sqlite3 handle, int result) => SqliteException.ThrowExceptionForRC(result, handle);

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

    private struct SqliteSink(sqlite3_stmt statement) : IRowSink
    {
        private int _at;

        public void Long(long value) => raw.sqlite3_bind_int64(statement, ++_at, value);

        public void Long(long? value)
        {
            if (value is { } known)
            {
                Long(known);
            }
            else
            {
                raw.sqlite3_bind_null(statement, ++_at);
            }
        }

        public void Integer(int value) => Long(value);

        public void Small(int value) => Long(value);

        public void Name(int value) => Long(value == 0 ? null : value);

        public void Money(decimal? value)
        {
            if (value is not { } known)
            {
                raw.sqlite3_bind_null(statement, ++_at);
                return;
            }

            Span<char> text = stackalloc char[40];
            known.TryFormat(text, out int length, "", CultureInfo.InvariantCulture);
            Span<byte> utf8 = stackalloc byte[40];
            raw.sqlite3_bind_text(statement, ++_at, utf8[..Encoding.UTF8.GetBytes(text[..length], utf8)]);
        }
    }
}
