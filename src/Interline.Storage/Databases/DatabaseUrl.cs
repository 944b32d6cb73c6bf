using System.Globalization;

namespace Interline.Storage.Databases;

/// <summary>
/// Where a database is, as it stands in <c>database_url</c> or <c>DATABASE_URL</c>: <c>postgresql://user:password@host:port/name?sslmode=require</c>, or a file for
/// SQLite: <c>sqlite:///var/lib/interline/ledger.db</c> or the path alone.
/// </summary>
internal sealed class DatabaseUrl
{
    private static readonly string[] PostgresSchemes = ["postgresql://", "postgres://"];
    private readonly Dictionary<string, string> _options = new(StringComparer.OrdinalIgnoreCase);

    private DatabaseUrl(SqlDialect dialect, string shown) => (Dialect, Shown) = (dialect, shown);

    /// <summary>Which database.</summary>
    public SqlDialect Dialect { get; }

    /// <summary>The URL without its password.</summary>
    public string Shown { get; }

    /// <summary>File of SQLite.</summary>
    public string File { get; private init; } = "";

    /// <summary>Host of the server.</summary>
    public string Host { get; private init; } = "";

    /// <summary>Port of the server.</summary>
    public int Port { get; private init; } = 5432;

    /// <summary>User.</summary>
    public string? User { get; private init; }

    /// <summary>Password.</summary>
    public string? Password { get; private init; }

    /// <summary>Name of the database.</summary>
    public string Name { get; private init; } = "";

    /// <summary>What stands behind the question mark, decoded.</summary>
    public IReadOnlyDictionary<string, string> Options => _options;

    /// <summary>Reads a URL.</summary>
    /// <param name="url">The URL or path.</param>
    /// <exception cref="DatabaseException">It is none; the message does not quote it, since it may hold a password.</exception>
    public static DatabaseUrl Parse(string url)
    {
        string? scheme = PostgresSchemes.FirstOrDefault(x => url.StartsWith(x, StringComparison.OrdinalIgnoreCase));
        return scheme is null ? Sqlite(url) : Postgres(url[scheme.Length..]);
    }

    private static DatabaseUrl Sqlite(string url)
    {
        string path = url.StartsWith("sqlite:///", StringComparison.OrdinalIgnoreCase) ? url["sqlite://".Length..]
            : url.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase) ? url["sqlite:".Length..]
            : url.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? url["file:".Length..]
            : url;
        if (path.Contains("://", StringComparison.Ordinal))
        {
            throw new DatabaseException("The database's URL is of no kind that is known. Give `postgresql://user:password@host:5432/name`, or a file: `sqlite:///path/ledger.db`.");
        }

        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            throw new DatabaseException("A SQLite URL has three slashes and then the path: `sqlite:///var/lib/interline/ledger.db`; a path alone will do too.");
        }

        if (path.Length == 0 || path.Contains(":memory:", StringComparison.Ordinal) || path.Contains('?', StringComparison.Ordinal))
        {
            throw new DatabaseException("A SQLite database is a file: give its path, such as `sqlite:///var/lib/interline/ledger.db`, without options. What is only in memory would not outlive a crash.");
        }

        return new DatabaseUrl(SqlDialect.Sqlite, "sqlite:" + path) { File = path };
    }

    // By hand and not with Uri: passwords with an unescaped / or # are common, and Uri would take a piece of them for the host and show it.
    private static DatabaseUrl Postgres(string rest)
    {
        int question = rest.IndexOf('?', StringComparison.Ordinal);
        string query = question < 0 ? "" : rest[(question + 1)..];
        string before = question < 0 ? rest : rest[..question];
        int at = before.LastIndexOf('@');
        string account = at < 0 ? "" : before[..at];
        string place = before[(at + 1)..];
        int slash = place.IndexOf('/', StringComparison.Ordinal);
        string name = slash < 0 ? "" : Decode(place[(slash + 1)..]);
        string authority = slash < 0 ? place : place[..slash];
        if (authority.Length == 0 || name.Length == 0 || name.Contains('/', StringComparison.Ordinal) || authority.Contains(',', StringComparison.Ordinal))
        {
            throw new DatabaseException("The database's URL needs one host and a name: `postgresql://user:password@host:5432/name`. Signs like ? in a password have to be written %3F.");
        }

        (string host, int port) = HostAndPort(authority);
        int colon = account.IndexOf(':', StringComparison.Ordinal);
        string? user = account.Length == 0 ? null : Decode(colon < 0 ? account : account[..colon]);
        string shownUser = user is null ? "" : user + (colon < 0 ? "@" : ":***@");
        var url = new DatabaseUrl(SqlDialect.Postgres, string.Create(CultureInfo.InvariantCulture, $"postgresql://{shownUser}{host}:{port}/{name}"))
        {
            Host = host.Trim('[', ']'),
            Port = port,
            User = user,
            Password = colon < 0 ? null : Decode(account[(colon + 1)..]),
            Name = name,
        };
        url.ReadOptions(query);
        return url;
    }

    private static (string Host, int Port) HostAndPort(string authority)
    {
        int colon = authority.LastIndexOf(':');
        if (colon < 0 || authority.EndsWith(']'))
        {
            return (authority, 5432);
        }

        return int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and < 65536
            ? (authority[..colon], port)
            : throw new DatabaseException("The port in the database's URL is no number from 1 to 65535. Signs like @ and / in a password have to be percent-encoded (%40, %2F).");
    }

    private void ReadOptions(string query)
    {
        foreach (string part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            _options[Decode(equals < 0 ? part : part[..equals])] = equals < 0 ? "" : Decode(part[(equals + 1)..]);
        }
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text);
}
