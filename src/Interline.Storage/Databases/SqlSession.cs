using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Interline.Storage.Databases;

/// <summary>
/// One connection, lent for one piece of work. Parameters are <c>$1</c>, <c>$2</c>, … in both dialects, in the order of the values. Statements are constants of the
/// program: they are prepared once for a connection and kept.
/// </summary>
public sealed class SqlSession
{
    private const int MostKept = 300;

    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    internal SqlSession(DbConnection connection, SqlDialect dialect) => (Connection, Dialect) = (connection, dialect);

    /// <summary>Which database.</summary>
    public SqlDialect Dialect { get; }

    /// <summary>The connection itself, for what the helper does not do: an import by COPY, a batch.</summary>
    public DbConnection Connection { get; }

    /// <summary>The transaction of a write; null in a read.</summary>
    public DbTransaction? Transaction { get; internal set; }

    /// <summary>Seconds a statement may take; null is the usual 30, 0 is for ever.</summary>
    public int? Timeout { get; set; }

    /// <summary>Does something.</summary>
    /// <param name="sql">A constant statement; without parameters also several.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="values">Its parameters' values.</param>
    /// <returns>Rows changed.</returns>
    public async Task<int> ExecuteAsync(string sql, CancellationToken cancel, params SqlValue[] values)
    {
        DbCommand command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Reads all rows.</summary>
    /// <param name="sql">A constant statement.</param>
    /// <param name="read">Reads one row.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="values">Its parameters' values.</param>
    public async Task<List<T>> ListAsync<T>(string sql, Func<DbDataReader, T> read, CancellationToken cancel, params SqlValue[] values)
    {
        await using DbDataReader reader = await Command(sql, values).ExecuteReaderAsync(cancel);
        List<T> rows = [];
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Reads the first row.</summary>
    /// <param name="sql">A constant statement.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="values">Its parameters' values.</param>
    /// <returns>What was read; the default if there is no row.</returns>
    public async Task<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> read, CancellationToken cancel, params SqlValue[] values)
    {
        await using DbDataReader reader = await Command(sql, values).ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? read(reader) : default;
    }

    /// <summary>Reads rows as they come, for what is too much to hold.</summary>
    /// <param name="sql">A constant statement.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="values">Its parameters' values.</param>
    public Task<DbDataReader> ReaderAsync(string sql, CancellationToken cancel, params SqlValue[] values) => Command(sql, values).ExecuteReaderAsync(cancel);

    /// <summary>The statement with its values.</summary>
    /// <param name="sql">A constant statement.</param>
    /// <param name="values">Its parameters' values.</param>
    public DbCommand Command(string sql, params ReadOnlySpan<SqlValue> values)
    {
        DbCommand command = Connection is NpgsqlConnection postgres ? Command(postgres, sql, values) : Command((SqliteConnection)Connection, sql, values);
        command.CommandTimeout = Timeout ?? 30;
        return command;
    }

    internal void Close()
    {
        foreach (SqliteCommand command in _prepared.Values)
        {
            command.Dispose();
        }

        _prepared.Clear();
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, ReadOnlySpan<SqlValue> values)
    {
        // The rule that would have us check the text for parts from outside cannot see that every caller gives a constant.
#pragma warning disable CA2100
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (SqlValue value in values)
        {
            command.Parameters.Add(value.ForPostgres());
        }

        return command;
    }

    private SqliteCommand Command(SqliteConnection connection, string sql, ReadOnlySpan<SqlValue> values)
    {
        if (!_prepared.TryGetValue(sql, out SqliteCommand? command))
        {
            if (_prepared.Count >= MostKept)
            {
                Close();
            }

            command = connection.CreateCommand();
#pragma warning disable CA2100
            command.CommandText = sql;
#pragma warning restore CA2100
            for (int i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = "$" + (i + 1).ToString(CultureInfo.InvariantCulture) });
            }

            _prepared[sql] = command;
        }

        command.Transaction = (SqliteTransaction?)Transaction;
        for (int i = 0; i < values.Length; i++)
        {
            values[i].Into(command.Parameters[i]);
        }

        return command;
    }
}
