namespace Interline.Health;

/// <summary>
/// Learns from a deployment's newest streams how long their first event takes, and so how long it is worth waiting for. Thread-safe, of a fixed size;
/// looked through once in a few measurements, so that a stream pays for little more than noting a number.
/// </summary>
public sealed class FirstEvents
{
    /// <summary>Measurements kept.</summary>
    public const int Kept = 64;

    /// <summary>Measurements before anything is said: of fewer, the slowest says nothing.</summary>
    public const int Fewest = 16;

    private const int Between = 8;
    private const double Share = 0.95;
    private const int Multiple = 4;

    private readonly Lock _lock = new();
    private long[]? _newest;
    private int _count;
    private int _next;
    private long _usual;

    /// <summary>Limits that are learned lie within this and <see cref="Longest"/>.</summary>
    public static TimeSpan Shortest { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest limit that is learned.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromSeconds(60);

    /// <summary>What all but a twentieth of the newest first events took at most; null as long as too few were seen.</summary>
    public TimeSpan? Usual => Volatile.Read(ref _usual) is > 0 and var ticks ? new TimeSpan(ticks) : null;

    /// <summary>How long to wait for a first event: four times <see cref="Usual"/>, from 5 to 60 s; null as long as too few were seen.</summary>
    public TimeSpan? Limit => Usual is { } usual ? TimeSpan.FromTicks(Math.Clamp(usual.Ticks * Multiple, Shortest.Ticks, Longest.Ticks)) : null;

    /// <summary>Notes how long a first event took, or how long it was waited for in vain.</summary>
    /// <param name="took">From the attempt's start, above zero.</param>
    public void Add(TimeSpan took)
    {
        lock (_lock)
        {
            _newest ??= new long[Kept];
            _newest[_next] = Math.Clamp(took.Ticks, 1, TimeSpan.TicksPerDay);
            _next = (_next + 1) % Kept;
            _count = Math.Min(_count + 1, Kept);
            if (_count < Fewest || _next % Between != 0)
            {
                return;
            }

            Span<long> sorted = stackalloc long[Kept];
            sorted = sorted[.._count];
            _newest.AsSpan(0, _count).CopyTo(sorted);
            sorted.Sort();
            Volatile.Write(ref _usual, sorted[(int)Math.Ceiling(Share * _count) - 1]);
        }
    }
}
