using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Interline.Proofs;

/// <summary>The gateway as a process of its own, that can be killed.</summary>
internal sealed class GatewayProcess : IDisposable
{
    public const string MasterKey = "sk-master-of-the-proofs-0123456789";

    private readonly string _config;
    private readonly string _data;
    private readonly int _port;
    private readonly StringBuilder _errors = new();
    private Process? _process;

    public GatewayProcess(string config, string data)
    {
        _config = config;
        _data = data;
        _port = FreePort();
        Http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1), MaxConnectionsPerServer = 2000 }) { BaseAddress = new Uri($"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}"), Timeout = TimeSpan.FromMinutes(3) };
    }

    public HttpClient Http { get; }

    /// <summary>What it wrote on standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Starts it and waits until it takes calls.</summary>
    public async Task StartAsync()
    {
        string program = Path.Combine(Root(), "artifacts", "bin", "Interline.Cli", "release", "Interline.Cli.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--config", _config, "--port", _port.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["INTERLINE_DATA"] = _data;
        start.Environment["INTERLINE_MASTER_KEY"] = MasterKey;
        start.Environment["INTERLINE_SALT_KEY"] = "salt-of-the-proofs-0123456789abcdef";
        start.Environment.Remove("DATABASE_URL");
        _process = Process.Start(start)!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                if (line.Data is not null && _errors.Length < 1 << 20)
                {
                    _errors.AppendLine(line.Data);
                }
            }
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException("The gateway did not start: " + Errors);
            }

            try
            {
                using HttpResponseMessage ready = await Http.GetAsync(new Uri("/health/readiness", UriKind.Relative));
                if (ready.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            if (waited.Elapsed > TimeSpan.FromSeconds(60))
            {
                throw new InvalidOperationException("The gateway was not ready after a minute: " + Errors);
            }

            await Task.Delay(10);
        }
    }

    /// <summary>Memory it has in use (RSS), in MB.</summary>
    public double ResidentMegabytes
    {
        get
        {
            string status = File.ReadAllText($"/proc/{_process!.Id.ToString(CultureInfo.InvariantCulture)}/status");
            string line = status.Split('\n').First(x => x.StartsWith("VmRSS:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            Kill();
        }

        Http.Dispose();
    }

    /// <summary>Asks as the administrator.</summary>
    public async Task<JsonElement> AdminAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", MasterKey);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path} answered {(int)response.StatusCode}: {text}");
        }

        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>Lines of an export.</summary>
    public async IAsyncEnumerable<JsonElement> LinesAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", MasterKey);
        using HttpResponseMessage response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    public static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Interline.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("This runs in the repository only.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
