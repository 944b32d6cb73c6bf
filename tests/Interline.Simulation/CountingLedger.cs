using Interline.Ledger;

namespace Interline.Simulation;

/// <summary>A ledger that counts how often each call was opened and booked.</summary>
public sealed class CountingLedger : ILedger
{
    private readonly Dictionary<long, int> _opened = [];
    private readonly Dictionary<long, List<CallRecord>> _settled = [];
    private readonly Lock _lock = new();

    public void Open(in OpenCall call)
    {
        lock (_lock)
        {
            _opened[call.Number] = _opened.GetValueOrDefault(call.Number) + 1;
        }
    }

    public void Settle(in CallRecord record)
    {
        lock (_lock)
        {
            if (!_settled.TryGetValue(record.Number, out List<CallRecord>? records))
            {
                _settled[record.Number] = records = [];
            }

            records.Add(record);
        }
    }

    public CallRecord? Find(long number)
    {
        lock (_lock)
        {
            return _settled.TryGetValue(number, out List<CallRecord>? records) ? records[0] : null;
        }
    }

    /// <summary>What is wrong with the books of a call that has ended; null if nothing is.</summary>
    public string? Problem(long number)
    {
        lock (_lock)
        {
            int times = _settled.TryGetValue(number, out List<CallRecord>? records) ? records.Count : 0;
            return times != 1 ? $"booked {times} times" : !_opened.ContainsKey(number) ? "never opened" : null;
        }
    }
}
