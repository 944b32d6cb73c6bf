namespace Interline.Ledger;

/// <summary>Keeps the calls that were settled last in memory; older ones give way. Thread-safe.</summary>
public sealed class InMemoryLedger : ILedger
{
    /// <summary>Default of how many calls are kept.</summary>
    public const int DefaultCapacity = 10_000;

    private const int Stripes = 8;

    private readonly Stripe[] _stripes;

    /// <summary>Starts empty.</summary>
    /// <param name="capacity">Calls kept, at least 1.</param>
    public InMemoryLedger(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);

        // A small one has a single stripe, so that it keeps exactly as many calls as it says.
        int stripes = capacity % Stripes == 0 ? Stripes : 1;
        _stripes = [.. Enumerable.Range(0, stripes).Select(_ => new Stripe(capacity / stripes))];
        Capacity = capacity;
    }

    /// <summary>Calls kept.</summary>
    public int Capacity { get; }

    /// <inheritdoc />
    public void Open(in OpenCall call)
    {
        // What lives only in memory dies with the process: there is nothing to come back to.
    }

    /// <inheritdoc />
    public void Settle(in CallRecord record) => Of(record.Number).Settle(record);

    /// <inheritdoc />
    public CallRecord? Find(long number) => number > 0 ? Of(number).Find(number) : null;

    /// <summary>A copy of the calls that are kept, newest first.</summary>
    public IReadOnlyList<CallRecord> Newest() => [.. _stripes.SelectMany(x => x.Kept()).OrderByDescending(x => x.StartedAt).ThenByDescending(x => x.Number)];

    private Stripe Of(long number) => _stripes[number % _stripes.Length];

    /// <summary>Some of the calls under a lock of their own: threads that settle at once mostly meet different ones.</summary>
    private sealed class Stripe(int capacity)
    {
        private readonly CallRecord[] _records = new CallRecord[capacity];
        private readonly Lock _lock = new();
        private int _next;

        public void Settle(in CallRecord record)
        {
            lock (_lock)
            {
                // In the order of settlement, not of arrival: a long stream that ends now must not push out a call that ended a moment ago.
                _records[_next] = record;
                _next = _next + 1 == _records.Length ? 0 : _next + 1;
            }
        }

        public CallRecord[] Kept()
        {
            lock (_lock)
            {
                return [.. _records.Where(x => x.Number > 0)];
            }
        }

        public CallRecord? Find(long number)
        {
            lock (_lock)
            {
                // Looked for one by one: somebody asks now and then, and an index would be kept up with every call.
                foreach (ref readonly CallRecord record in _records.AsSpan())
                {
                    if (record.Number == number)
                    {
                        return record;
                    }
                }

                return null;
            }
        }
    }
}
