using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Interline.Server.Tests.Cli;

/// <summary>The built program as a process of its own, with an environment that holds nothing of the machine's.</summary>
internal sealed partial class CliProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _errors = [];
    private readonly Task<string> _output;
    private readonly Task _reading;

    private CliProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _reading = ReadErrorsAsync();
    }

    /// <summary>What it has said on standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    public static CliProcess Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Interline.Cli.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in start.Environment.Keys.Where(x => x is not ("PATH" or "HOME" or "DOTNET_ROOT" or "TMPDIR")).ToList())
        {
            start.Environment.Remove(name);
        }

        // Many short processes on few cores: the quick tier is what a start costs.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new CliProcess(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Exit, string Output, string Errors)> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        await using CliProcess process = Start(arguments, environment);
        int exit = await process.EndAsync();
        return (exit, await process._output, process.Errors);
    }

    /// <summary>The address its banner names; fails with what it said if it ends instead.</summary>
    public async Task<Uri> AddressAsync()
    {
        Task first = await Task.WhenAny(_address.Task, _reading).WaitAsync(Waiting.Limit);
        return first == _reading && !_address.Task.IsCompleted ? throw new InvalidOperationException("it ended: " + Errors) : await _address.Task;
    }

    public async Task<HttpClient> ClientAsync(string key)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = await AddressAsync(), Timeout = Waiting.Limit };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Waiting.Limit);
        await _reading.WaitAsync(Waiting.Limit);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>Sends a signal by its name.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync().WaitAsync(Waiting.Limit);
        kill.ExitCode.ShouldBe(0);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                _errors.Add(line);
            }

            if (Address().Match(line) is { Success: true } match)
            {
                _address.TrySetResult(new Uri(match.Groups["url"].Value));
            }
        }
    }

    [GeneratedRegex("^ *address +(?<url>http[^ ]+)/v1$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();
}
