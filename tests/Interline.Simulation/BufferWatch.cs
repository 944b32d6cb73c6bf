using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Interline.Simulation;

/// <summary>Watches the shared array pool: which buffers were rented on a thread and never given back, on whichever thread. From the pool's own events.</summary>
public sealed class BufferWatch : EventListener
{
    private const int Rented = 1;
    private const int Returned = 3;

    private readonly ConcurrentDictionary<int, int> _rented = new();
    private readonly ConcurrentDictionary<int, bool> _watched = new();

    /// <summary>Begins to watch what the calling thread rents.</summary>
    public void Start()
    {
        Forget();
        _watched[Environment.CurrentManagedThreadId] = true;
    }

    /// <summary>Ends watching the calling thread.</summary>
    /// <returns>How many of its buffers were not given back.</returns>
    public int Stop()
    {
        _watched.TryRemove(Environment.CurrentManagedThreadId, out _);
        return Forget();
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "System.Buffers.ArrayPoolEventSource")
        {
            EnableEvents(eventSource, EventLevel.Verbose);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId is not (Rented or Returned) || eventData.Payload is not [int buffer, ..])
        {
            return;
        }

        if (eventData.EventId == Returned)
        {
            _rented.TryRemove(buffer, out _);
        }
        else if (_watched.ContainsKey(Environment.CurrentManagedThreadId))
        {
            _rented[buffer] = Environment.CurrentManagedThreadId;
        }
    }

    private int Forget()
    {
        int count = 0;
        foreach ((int buffer, int thread) in _rented)
        {
            count += thread == Environment.CurrentManagedThreadId && _rented.TryRemove(buffer, out _) ? 1 : 0;
        }

        return count;
    }
}
