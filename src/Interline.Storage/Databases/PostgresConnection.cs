using System.Globalization;
using Npgsql;

namespace Interline.Storage.Databases;

/// <summary>Makes the pool of connections from a URL and its options, libpq's and Prisma's (which LiteLLM's users have in theirs).</summary>
internal static class PostgresConnection
{
    private const string KnownOptions = "sslmode, sslrootcert, sslcert, sslkey, sslaccept, connect_timeout, connection_limit, application_name, schema, pgbouncer";

    /// <summary>The pool; nothing is connected yet.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="connections">Most connections of the pool; the URL's <c>connection_limit</c> goes before it. Returned as it came to be.</param>
    public static NpgsqlDataSource Open(DatabaseUrl url, ref int connections)
    {
        var builder = new NpgsqlSlimDataSourceBuilder();
        NpgsqlConnectionStringBuilder settings = builder.ConnectionStringBuilder;
        settings.Host = url.Host;
        settings.Port = url.Port;
        settings.Username = url.User;
        settings.Password = url.Password;
        settings.Database = url.Name;
        settings.ApplicationName = "interline";
        settings.Timeout = 5;
        settings.CommandTimeout = 30;
        settings.CancellationTimeout = 500;
        settings.KeepAlive = 20;
        settings.MaxAutoPrepare = 100;
        settings.AutoPrepareMinUsages = 2;
        settings.IncludeErrorDetail = false;
        settings.SslMode = SslMode.Prefer;
        foreach ((string name, string value) in url.Options)
        {
            Apply(settings, name, value, ref connections);
        }

        connections = Math.Max(connections, 4);
        settings.MaxPoolSize = connections;
        builder.EnableTransportSecurity();
        builder.EnableArrays();
        return builder.Build();
    }

    private static void Apply(NpgsqlConnectionStringBuilder settings, string name, string value, ref int connections)
    {
        switch (name.ToLowerInvariant())
        {
            case "sslmode":
                settings.SslMode = Mode(value);
                break;
            case "sslrootcert":
                settings.RootCertificate = value;
                break;
            case "sslcert":
                settings.SslCertificate = value;
                break;
            case "sslkey":
                settings.SslKey = value;
                break;
            case "sslaccept":
                settings.SslMode = value == "strict" ? SslMode.VerifyFull : settings.SslMode;
                break;
            case "connect_timeout":
                settings.Timeout = Number(name, value);
                break;
            case "connection_limit":
                connections = Number(name, value);
                break;
            case "application_name":
                settings.ApplicationName = value;
                break;
            case "schema":
                settings.SearchPath = value;
                break;
            case "pgbouncer":
                // Prepared statements live on one server connection; a pooler in transaction mode changes it underneath.
                settings.MaxAutoPrepare = value == "true" ? 0 : settings.MaxAutoPrepare;
                break;
            case "pool_timeout" or "socket_timeout" or "statement_cache_size" or "channel_binding":
                break;
            default:
                throw new DatabaseException($"The database's URL has an option that is not known: {name}. Known are {KnownOptions}.");
        }
    }

    private static SslMode Mode(string value) => value switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw new DatabaseException("sslmode in the database's URL is one of disable, allow, prefer, require, verify-ca and verify-full."),
    };

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 1000
            ? number
            : throw new DatabaseException($"{name} in the database's URL is a whole number from 1 to 1000.");
}
