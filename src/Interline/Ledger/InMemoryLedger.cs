using Interline.Calls;

namespace Interline.Ledger;

/// <summary>Keeps the newest calls in memory; older ones give way. Lock-free: a call's number says where it stands.</summary>
public sealed class InMemoryLedger : ILedger
{
    /// <summary>Default of how many calls are kept.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly CallRecord?[] _records;
    private readonly CallIds _ids;

    /// <summary>Starts empty.</summary>
    /// <param name="ids">The node's call ids.</param>
    /// <param name="capacity">Calls kept, at least 1.</param>
    public InMemoryLedger(CallIds ids, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _ids = ids;
        _records = new CallRecord?[capacity];
    }

    /// <inheritdoc />
    public void Settle(CallRecord record) => Volatile.Write(ref _records[record.Number % _records.Length], record);

    /// <inheritdoc />
    public CallRecord? Find(string id)
    {
        if (!_ids.TryParse(id, out long number) || number < 0)
        {
            return null;
        }

        CallRecord? record = Volatile.Read(ref _records[number % _records.Length]);
        return record?.Number == number ? record : null;
    }
}
