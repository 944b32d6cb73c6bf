using Interline.Calls;
using Interline.Core.Routing;

namespace Interline.Decisions;

/// <summary>
/// Keeps the inputs of the newest decisions in memory, bounded by calls and by readings; older ones give way and are used again. Thread-safe: some of the calls
/// under a lock of their own, so that threads that settle at once mostly meet different ones.
/// </summary>
internal sealed class DecisionLog
{
    /// <summary>Most calls kept.</summary>
    public const int MaxCalls = 10_000;

    /// <summary>Most health readings kept.</summary>
    public const int MaxReadings = 131_072;

    private const int Stripes = 8;

    private readonly Stripe[] _stripes;
    private readonly DecisionTrace?[] _free = new DecisionTrace?[64];

    public DecisionLog(int maxCalls = MaxCalls, int maxReadings = MaxReadings) =>
        _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Stripe(this, maxCalls / Stripes, maxReadings / Stripes))];

    /// <summary>An empty trace.</summary>
    public DecisionTrace Rent()
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (_free[i] is not null && Interlocked.Exchange(ref _free[i], null) is { } trace)
            {
                return trace;
            }
        }

        return new DecisionTrace();
    }

    /// <summary>Keeps a call's inputs.</summary>
    public void Keep(DecisionTrace trace) => Of(trace.Number).Keep(trace);

    /// <summary>The inputs of a call, and the attempts that were made; null if they are not kept.</summary>
    public (DecisionInputs Inputs, DecidedStep[] Taken)? Find(long number) => number > 0 ? Of(number).Find(number) : null;

    /// <summary>Forgets all decisions of a configuration, so that it can be collected.</summary>
    public void Forget(ActiveSnapshot snapshot)
    {
        foreach (Stripe stripe in _stripes)
        {
            stripe.Forget(snapshot);
        }
    }

    private Stripe Of(long number) => _stripes[number % Stripes];

    private void Return(DecisionTrace trace)
    {
        trace.Clear();
        for (int i = 0; i < _free.Length; i++)
        {
            if (_free[i] is null && Interlocked.CompareExchange(ref _free[i], trace, null) is null)
            {
                return;
            }
        }
    }

    private sealed class Stripe(DecisionLog log, int maxCalls, int maxReadings)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<long, DecisionTrace> _byNumber = [];
        private Queue<DecisionTrace> _oldestFirst = new();
        private int _readings;

        public void Keep(DecisionTrace trace)
        {
            lock (_lock)
            {
                while (_oldestFirst.Count > 0 && (_oldestFirst.Count >= maxCalls || _readings + trace.ReadingCount > maxReadings))
                {
                    Drop(_oldestFirst.Dequeue());
                }

                _oldestFirst.Enqueue(trace);
                _byNumber[trace.Number] = trace;
                _readings += trace.ReadingCount;
            }
        }

        public (DecisionInputs Inputs, DecidedStep[] Taken)? Find(long number)
        {
            lock (_lock)
            {
                return _byNumber.TryGetValue(number, out DecisionTrace? trace) ? (trace.Inputs(), trace.Taken()) : null;
            }
        }

        public void Forget(ActiveSnapshot snapshot)
        {
            lock (_lock)
            {
                var left = new Queue<DecisionTrace>();
                foreach (DecisionTrace trace in _oldestFirst)
                {
                    if (ReferenceEquals(trace.Snapshot, snapshot))
                    {
                        Drop(trace);
                    }
                    else
                    {
                        left.Enqueue(trace);
                    }
                }

                _oldestFirst = left;
            }
        }

        private void Drop(DecisionTrace trace)
        {
            _byNumber.Remove(trace.Number);
            _readings -= trace.ReadingCount;
            log.Return(trace);
        }
    }
}
