using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>
/// The meters of all scopes on this node. Thread-safe. Bounded, for callers name customers and tags: beyond <see cref="Capacity"/> those asked for longest ago give way, if
/// nothing is set aside in them; what they had spent is read from the books when they come back.
/// </summary>
public sealed class MeterBook : IDisposable
{
    /// <summary>Scopes kept.</summary>
    public const int Capacity = 50_000;

    private const int MostAlerts = 100;

    /// <summary>Terms whose meters are known without looking for them, a power of two. A place for each of so many hashes; who comes last has it.</summary>
    private const int Shortcuts = 8192;

    private readonly ConcurrentDictionary<Scope, ScopeMeters> _scopes = new();
    private readonly Shortcut?[] _shortcuts = new Shortcut?[Shortcuts];
    private readonly ConcurrentQueue<SoftLimitPassed> _alerts = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly MeterSources _sources;
    private readonly ITimer? _upkeep;
    private readonly int _capacity;
    private Action<SoftLimitPassed>? _told;
    private int _count;

    /// <summary>Starts empty.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="leases">Where this node's share comes from.</param>
    /// <param name="history">What was spent before.</param>
    /// <param name="capacity">Scopes kept, at least 1.</param>
    public MeterBook(TimeProvider time, ILeaseSource leases, ISpendHistory history, int capacity = Capacity)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(leases);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _sources = new MeterSources(time, leases, history, Counters, Tell, _ended.Token);
        if (leases.IsShared)
        {
            leases.OnWanted(GiveBack);
            _upkeep = time.CreateTimer(static book => ((MeterBook)book!).Upkeep(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>How often limits could not be held as they are meant to.</summary>
    public BudgetCounters Counters { get; } = new();

    /// <summary>The newest soft limits that were passed, oldest first; at most a hundred.</summary>
    public ImmutableArray<SoftLimitPassed> Alerts => [.. _alerts];

    internal MeterSources Sources => _sources;

    /// <summary>Asks to be told of soft limits passed, on the thread that settles: it must not block.</summary>
    /// <param name="told">What to call.</param>
    public void OnSoftLimitPassed(Action<SoftLimitPassed> told) => _told = told;

    /// <summary>How a scope stands: one reading for each budget and limit; null if this node has no meters of it.</summary>
    /// <param name="scope">The scope.</param>
    public ImmutableArray<MeterReading>? Read(Scope scope) => _scopes.TryGetValue(scope, out ScopeMeters? meters) ? meters.Read() : null;

    /// <summary>
    /// Those of <see cref="Alerts"/> that still hold, oldest first, with what is spent by now: the window has not ended, the limit is what it was, and spend in a window that
    /// rolls is not below it again.
    /// </summary>
    public ImmutableArray<SoftLimitPassed> SoftLimitsPassed()
    {
        DateTimeOffset now = _sources.Time.GetUtcNow();
        var told = new HashSet<(Scope, decimal, DateTimeOffset?)>();
        return [.. _alerts.Where(x => told.Add((x.Scope, x.SoftLimit, x.ResetsAt))).Select(x => AsOfNow(x, now)).OfType<SoftLimitPassed>()];
    }

    internal ScopeMeters? Find(Scope scope) => _scopes.GetValueOrDefault(scope);

    /// <summary>The meters of a scope, by its terms as they are now.</summary>
    /// <param name="terms">Scope and terms.</param>
    public ScopeMeters Of(ScopedTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);

        // By reference: a key's terms are the same object on each call, and its scope is a long text to be hashed.
        ref Shortcut? place = ref _shortcuts[RuntimeHelpers.GetHashCode(terms) & (Shortcuts - 1)];
        if (Volatile.Read(ref place) is { } shortcut && ReferenceEquals(shortcut.Asked, terms) && shortcut.Holds)
        {
            return shortcut.Meters;
        }

        ScopeMeters meters = Meters(terms);
        Volatile.Write(ref place, new Shortcut(terms, meters, meters.Use(terms.Terms)));
        return meters;
    }

    /// <summary>Reads what scopes have spent before any call asks: at start, and when terms change. Failures are counted and tried again by the first call.</summary>
    /// <param name="terms">Scopes and terms.</param>
    public async Task PreloadAsync(IEnumerable<ScopedTerms> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        foreach (ScopedTerms scoped in terms)
        {
            if (_ended.IsCancellationRequested)
            {
                return;
            }

            foreach (CountingMeter<decimal> budget in Of(scoped).Budgets)
            {
                await budget.LearnAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gives all leases back and stops.</summary>
    public void Dispose()
    {
        if (_ended.IsCancellationRequested)
        {
            return;
        }

        _upkeep?.Dispose();
        foreach (ScopeMeters scope in _scopes.Values)
        {
            foreach (Meter meter in scope.Kept)
            {
                meter.GiveBack();
            }
        }

        // Not disposed: a read that is under way still links to it.
        _ended.Cancel();
    }

    private ScopeMeters Meters(ScopedTerms terms)
    {
        if (_scopes.TryGetValue(terms.Scope, out ScopeMeters? known))
        {
            return known;
        }

        var made = new ScopeMeters(terms, _sources);
        ScopeMeters kept = _scopes.GetOrAdd(terms.Scope, made);
        if (ReferenceEquals(kept, made) && Interlocked.Increment(ref _count) > _capacity)
        {
            Evict();
        }

        return kept;
    }

    private void GiveBack(MeterId wanted)
    {
        if (_scopes.TryGetValue(wanted.Scope, out ScopeMeters? scope))
        {
            foreach (Meter meter in scope.Kept)
            {
                meter.GiveBack(wanted);
            }
        }
    }

    private void Upkeep()
    {
        long now = _sources.Now;
        foreach ((_, ScopeMeters scope) in _scopes)
        {
            foreach (Meter meter in scope.Kept)
            {
                meter.Upkeep(now);
            }

            scope.Tidy(now);
        }
    }

    private SoftLimitPassed? AsOfNow(SoftLimitPassed passed, DateTimeOffset now)
    {
        if (Read(passed.Scope) is not { } readings)
        {
            // Its meters gave way to others; all that is known is when the window ends.
            return passed.ResetsAt > now ? passed : null;
        }

        foreach (MeterReading reading in readings)
        {
            if (reading.Unit == MeterUnit.Usd && reading.SoftLimit == passed.SoftLimit && reading.ResetsAt == passed.ResetsAt && reading.Spent >= passed.SoftLimit)
            {
                return passed with { Spent = reading.Spent };
            }
        }

        return null;
    }

    private void Tell(SoftLimitPassed passed)
    {
        _alerts.Enqueue(passed);
        while (_alerts.Count > MostAlerts)
        {
            _alerts.TryDequeue(out _);
        }

        _told?.Invoke(passed);
    }

    /// <summary>Makes room for a tenth, so that the search is rare. What is set aside bounds what cannot go.</summary>
    private void Evict()
    {
        long now = _sources.Now;
        foreach (ScopeMeters idle in _scopes.Values.Where(x => IsNamedByCallers(x.Scope.Kind) && x.IsIdleSince(now)).OrderBy(x => x.LastUse).Take((_capacity / 10) + 1))
        {
            if (_scopes.TryRemove(new KeyValuePair<Scope, ScopeMeters>(idle.Scope, idle)))
            {
                idle.IsGone = true;
                Interlocked.Decrement(ref _count);
                foreach (Meter meter in idle.Kept)
                {
                    meter.GiveBack();
                }
            }
        }
    }

    /// <summary>What the configuration names is few, and a meter of a provider is held by its deployments for good.</summary>
    private static bool IsNamedByCallers(ScopeKind kind) => kind is not (ScopeKind.Everything or ScopeKind.Provider or ScopeKind.Deployment);

    /// <summary>The meters of terms that were asked for before.</summary>
    /// <param name="Asked">The terms.</param>
    /// <param name="Meters">The meters of their scope.</param>
    /// <param name="Held">The terms the meters had then; they say the same.</param>
    private sealed record Shortcut(ScopedTerms Asked, ScopeMeters Meters, ScopeTerms Held)
    {
        public bool Holds => ReferenceEquals(Meters.Terms, Held) && !Meters.IsGone;
    }
}
