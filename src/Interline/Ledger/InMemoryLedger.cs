namespace Interline.Ledger;

/// <summary>Keeps the calls that were settled last in memory; older ones give way. Thread-safe.</summary>
public sealed class InMemoryLedger : ILedger
{
    /// <summary>Default of how many calls are kept.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly CallRecord[] _records;
    private readonly Dictionary<long, int> _places;
    private readonly Lock _lock = new();
    private int _next;

    /// <summary>Starts empty.</summary>
    /// <param name="capacity">Calls kept, at least 1.</param>
    public InMemoryLedger(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _records = new CallRecord[capacity];
        _places = new Dictionary<long, int>(capacity + 1);
    }

    /// <inheritdoc />
    public void Settle(in CallRecord record)
    {
        lock (_lock)
        {
            // In the order of settlement, not of arrival: a long stream that ends now must not push out a call that ended a moment ago.
            int place = _next;
            _next = (place + 1) % _records.Length;
            _places.Remove(_records[place].Number);
            _places[record.Number] = place;
            _records[place] = record;
        }
    }

    /// <inheritdoc />
    public CallRecord? Find(long number)
    {
        lock (_lock)
        {
            return number > 0 && _places.TryGetValue(number, out int place) ? _records[place] : null;
        }
    }
}
