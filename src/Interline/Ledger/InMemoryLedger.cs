namespace Interline.Ledger;

/// <summary>Keeps the newest calls in memory; older ones give way. A call's number says where it stands, so there is no index to keep.</summary>
public sealed class InMemoryLedger : ILedger
{
    /// <summary>Default of how many calls are kept.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly CallRecord[] _records;
    private readonly Lock _lock = new();

    /// <summary>Starts empty.</summary>
    /// <param name="capacity">Calls kept, at least 1.</param>
    public InMemoryLedger(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _records = new CallRecord[capacity];
    }

    /// <inheritdoc />
    public void Settle(in CallRecord record)
    {
        lock (_lock)
        {
            _records[record.Number % _records.Length] = record;
        }
    }

    /// <inheritdoc />
    public CallRecord? Find(long number)
    {
        if (number <= 0)
        {
            return null;
        }

        lock (_lock)
        {
            CallRecord record = _records[number % _records.Length];
            return record.Number == number ? record : null;
        }
    }
}
