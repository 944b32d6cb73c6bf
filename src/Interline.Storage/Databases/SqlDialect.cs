namespace Interline.Storage.Databases;

/// <summary>Databases that are spoken to.</summary>
public enum SqlDialect
{
    /// <summary>SQLite: a file of this program alone.</summary>
    Sqlite,

    /// <summary>PostgreSQL: a server that several nodes share.</summary>
    Postgres,
}
