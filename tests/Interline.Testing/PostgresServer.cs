using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Interline.Testing;

/// <summary>
/// A real PostgreSQL server of the tests' own: made in a folder under the temporary one, listening on loopback alone, gone at the end. It can be stopped and started
/// again, and killed, as an outage would.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly Lazy<PostgresServer> Common = new(() => new PostgresServer(), LazyThreadSafetyMode.ExecutionAndPublication);
    private static int databases;

    private readonly string _folder;
    private readonly string _bin;

    /// <summary>Makes and starts a server.</summary>
    public PostgresServer()
    {
        _bin = FindBinaries();
        _folder = Directory.CreateTempSubdirectory("interline-pg-").FullName;
        Port = FreePort();
        if (Environment.UserName == "root")
        {
            // The server refuses to run as root; Debian's package brings this user.
            Run("chown", ["postgres", _folder], asServer: false);
        }

        string data = Path.Combine(_folder, "data");
        Run(Path.Combine(_bin, "initdb"), ["-D", data, "-U", "interline", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]);
        Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    /// <summary>One server for the tests of a process that need no server of their own.</summary>
    public static PostgresServer Shared => Common.Value;

    /// <summary>Port it listens on.</summary>
    public int Port { get; }

    /// <summary>Makes an empty database and gives its URL, as it would stand in <c>DATABASE_URL</c>.</summary>
    public string CreateDatabase()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref databases)}_{Environment.ProcessId}");
        Run(Path.Combine(_bin, "psql"), ["-h", "127.0.0.1", "-p", PortText, "-U", "interline", "-d", "postgres", "-q", "-c", $"create database {name}"], asServer: false);
        return $"postgresql://interline@127.0.0.1:{PortText}/{name}";
    }

    /// <summary>Stops it at once, breaking every connection.</summary>
    public void Stop() => Run(Path.Combine(_bin, "pg_ctl"), ["-D", Path.Combine(_folder, "data"), "-m", "immediate", "-w", "stop"]);

    /// <summary>Starts it (again), on the same port with the same data.</summary>
    public void Start() => Run(
        Path.Combine(_bin, "pg_ctl"),
        ["-D", Path.Combine(_folder, "data"), "-l", Path.Combine(_folder, "log"), "-w", "-o", $"-p {PortText} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=100", "start"]);

    /// <inheritdoc />
    public void Dispose()
    {
        if (!Directory.Exists(_folder))
        {
            return;
        }

        try
        {
            Stop();
        }
        catch (InvalidOperationException)
        {
            // It was stopped by its test.
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string PortText => Port.ToString(CultureInfo.InvariantCulture);

    private static string FindBinaries()
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), .. Debian()];
        return folders.FirstOrDefault(x => x.Length > 0 && File.Exists(Path.Combine(x, "initdb")) && File.Exists(Path.Combine(x, "pg_ctl")) && File.Exists(Path.Combine(x, "psql")))
            ?? folders.FirstOrDefault(x => x.Length > 0 && File.Exists(Path.Combine(x, "initdb")) && File.Exists(Path.Combine(x, "psql")))
            ?? throw new InvalidOperationException("These tests need PostgreSQL (initdb, pg_ctl and psql): install it, in Debian `apt-get install postgresql`, or put its bin folder on PATH.");

        static IEnumerable<string> Debian() =>
            Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(x => Path.Combine(x, "bin")).OrderDescending(StringComparer.Ordinal) : [];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Run(string program, string[] arguments, bool asServer = true)
    {
        bool asOther = asServer && Environment.UserName == "root";
        string[] all = asOther ? ["-u", "postgres", "--", program, .. arguments] : arguments;
        var start = new ProcessStartInfo(asOther ? "runuser" : program, all)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = program.EndsWith("psql", StringComparison.Ordinal),
            WorkingDirectory = "/",
        };

        // A server that is started keeps standard output open; only a client's may be read to its end.
        using Process process = Process.Start(start)!;
        if (!program.EndsWith("pg_ctl", StringComparison.Ordinal))
        {
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Check(process.ExitCode, error);
            return;
        }

        process.WaitForExit();
        Check(process.ExitCode, "");

        void Check(int status, string error)
        {
            if (status != 0)
            {
                throw new InvalidOperationException($"{Path.GetFileName(program)} {string.Join(' ', arguments)} ended with {status.ToString(CultureInfo.InvariantCulture)}: {error}");
            }
        }
    }
}
