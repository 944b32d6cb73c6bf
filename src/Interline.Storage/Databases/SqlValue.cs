using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Interline.Storage.Databases;

/// <summary>
/// A value for a parameter. Made from the types that columns have: <c>bigint</c> and <c>integer</c> (also for times, which are kept as numbers since 1970),
/// <c>text</c>, <c>boolean</c> (0 and 1 in SQLite), <c>numeric</c> (text in SQLite, so that no digit is lost), <c>bytea</c>.
/// </summary>
public readonly struct SqlValue
{
    private readonly NpgsqlDbType _type;
    private readonly long _number;
    private readonly object? _object;

    private SqlValue(NpgsqlDbType type, long number, object? value) => (_type, _number, _object) = (type, number, value);

    /// <summary>A <c>bigint</c>.</summary>
    public static implicit operator SqlValue(long value) => new(NpgsqlDbType.Bigint, value, Present);

    /// <summary>A <c>bigint</c> or null.</summary>
    public static implicit operator SqlValue(long? value) => new(NpgsqlDbType.Bigint, value ?? 0, value is null ? null : Present);

    /// <summary>An <c>integer</c>.</summary>
    public static implicit operator SqlValue(int value) => new(NpgsqlDbType.Integer, value, Present);

    /// <summary>An <c>integer</c> or null.</summary>
    public static implicit operator SqlValue(int? value) => new(NpgsqlDbType.Integer, value ?? 0, value is null ? null : Present);

    /// <summary>A <c>boolean</c>.</summary>
    public static implicit operator SqlValue(bool value) => new(NpgsqlDbType.Boolean, value ? 1 : 0, Present);

    /// <summary>A <c>text</c> or null.</summary>
    public static implicit operator SqlValue(string? value) => new(NpgsqlDbType.Text, 0, value);

    /// <summary>A <c>numeric</c>.</summary>
    public static implicit operator SqlValue(decimal value) => new(NpgsqlDbType.Numeric, 0, value);

    /// <summary>A <c>numeric</c> or null.</summary>
    public static implicit operator SqlValue(decimal? value) => new(NpgsqlDbType.Numeric, 0, value);

    /// <summary>A <c>bytea</c> or null.</summary>
    public static implicit operator SqlValue(byte[]? value) => new(NpgsqlDbType.Bytea, 0, value);

    /// <summary>A <c>text[]</c>; PostgreSQL alone.</summary>
    public static implicit operator SqlValue(string?[] value) => new(NpgsqlDbType.Array | NpgsqlDbType.Text, 0, value);

    /// <summary>A <c>bigint[]</c>; PostgreSQL alone.</summary>
    public static implicit operator SqlValue(long[] value) => new(NpgsqlDbType.Array | NpgsqlDbType.Bigint, 0, value);

    /// <summary>A <c>numeric[]</c>; PostgreSQL alone.</summary>
    public static implicit operator SqlValue(decimal[] value) => new(NpgsqlDbType.Array | NpgsqlDbType.Numeric, 0, value);

    private static object Present { get; } = new();

    internal NpgsqlParameter ForPostgres()
    {
        if (_object is null)
        {
            return new NpgsqlParameter { NpgsqlDbType = _type, Value = DBNull.Value };
        }

        return _type switch
        {
            NpgsqlDbType.Bigint => new NpgsqlParameter<long> { NpgsqlDbType = _type, TypedValue = _number },
            NpgsqlDbType.Integer => new NpgsqlParameter<int> { NpgsqlDbType = _type, TypedValue = (int)_number },
            NpgsqlDbType.Boolean => new NpgsqlParameter<bool> { NpgsqlDbType = _type, TypedValue = _number != 0 },
            _ => new NpgsqlParameter { NpgsqlDbType = _type, Value = _object },
        };
    }

    internal void Into(SqliteParameter parameter)
    {
        parameter.ResetSqliteType();
        parameter.Value = ReferenceEquals(_object, Present) ? _number : _object ?? DBNull.Value;
    }
}
