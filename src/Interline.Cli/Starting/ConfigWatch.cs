using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Interline.Cli.Commands;
using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Cli.Starting;

/// <summary>
/// Takes a changed configuration into use without a restart: looks at the file and those it includes from time to time, and at once on SIGHUP. Calls under way
/// keep the configuration they began with. A file that cannot be used is told once, and the configuration in use stays.
/// </summary>
/// <remarks>It looks, and does not wait for the system to report: reports do not come over network mounts, and where a folder behind a link is swapped they name another file.</remarks>
internal sealed class ConfigWatch : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly ICatalog _catalog;
    private readonly Action<Snapshot> _use;
    private readonly TextWriter _errors;
    private ImmutableArray<string> _files;
    private string _seen;
    private string _taken;
    private string _version;
    private TimeSpan _interval;
    private ITimer? _timer;
    private PosixSignalRegistration? _signal;

    /// <summary>A watch over what has been read.</summary>
    /// <param name="file">The main file, as it was given.</param>
    /// <param name="read">What was read and is in use; it has a snapshot.</param>
    /// <param name="catalog">Providers and models.</param>
    /// <param name="use">Takes a new configuration into use.</param>
    /// <param name="errors">Where problems are told.</param>
    public ConfigWatch(string file, ConfigResult read, ICatalog catalog, Action<Snapshot> use, TextWriter errors)
    {
        _file = file;
        _catalog = catalog;
        _use = use;
        _errors = errors;
        _files = read.Files;
        _version = read.Snapshot!.Version;
        _interval = read.Snapshot.General.ReloadInterval;
        _taken = _seen = Stamp();
    }

    /// <summary>Begins to look, and to listen to SIGHUP.</summary>
    /// <param name="time">The clock.</param>
    public void Start(TimeProvider time)
    {
        _timer = time.CreateTimer(static self => ((ConfigWatch)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Period, Period);
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            // Left to itself the signal ends the process.
            context.Cancel = true;
            Reload(asked: true);
        });
    }

    /// <summary>Looks once. A change is taken when two looks in a row have seen the same, so that a file is not read while it is written.</summary>
    public void Look()
    {
        lock (_gate)
        {
            string now = Stamp();
            bool settled = now == _seen;
            _seen = now;
            if (settled && now != _taken)
            {
                Reload(asked: false);
            }
        }
    }

    /// <summary>Reads the files and takes them into use, if they can be.</summary>
    /// <param name="asked">Whether somebody asked for it, and so wants an answer even where nothing has changed.</param>
    public void Reload(bool asked)
    {
        lock (_gate)
        {
            _taken = _seen = Stamp();
            ConfigResult? result = ConfigFiles.Read(_file, _catalog, out string? error);
            if (result is not null && !result.Files.SequenceEqual(_files))
            {
                _files = result.Files;
                _taken = _seen = Stamp();
            }

            if (result?.Snapshot is not { } snapshot)
            {
                Tell(result);
                _errors.WriteLine($"interline: {error ?? $"{_file} cannot be used as it is now"}; configuration {_version} stays in use");
            }
            else if (snapshot.Version != _version)
            {
                Tell(result);
                _use(snapshot);
                _version = snapshot.Version;
                _interval = snapshot.General.ReloadInterval;
                _timer?.Change(Period, Period);
                _errors.WriteLine($"interline: configuration {_version} is in use: {result.Listed.Select(static x => x.Name).Distinct(StringComparer.Ordinal).Count()} groups, {result.Listed.Length} deployments");
            }
            else if (asked)
            {
                _errors.WriteLine($"interline: {_file} has not changed; configuration {_version} stays in use");
            }
        }
    }

    public void Dispose()
    {
        _signal?.Dispose();
        _timer?.Dispose();
    }

    private TimeSpan Period => _interval > TimeSpan.Zero ? _interval : Timeout.InfiniteTimeSpan;

    private void Tell(ConfigResult? result) =>
        ProblemLines.Write(_errors, (result?.Problems ?? []).Where(static x => x.Severity is ConfigSeverity.Error or ConfigSeverity.Warning), Terminal.Error);

    private string Stamp() => string.Join('\n', _files.Select(Stamp));

    private static string Stamp(string file)
    {
        try
        {
            // What a link points to changes, the link does not.
            FileSystemInfo found = File.ResolveLinkTarget(file, returnFinalTarget: true) ?? new FileInfo(file);
            return found is FileInfo { Exists: true } info ? $"{info.FullName} {info.LastWriteTimeUtc.Ticks} {info.Length}" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }
}
