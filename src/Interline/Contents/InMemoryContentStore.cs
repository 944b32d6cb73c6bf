namespace Interline.Contents;

/// <summary>Keeps the newest contents in memory, as many as fit. Thread-safe.</summary>
public sealed class InMemoryContentStore : IContentStore
{
    private readonly long _most;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StoredContent> _contents = new(StringComparer.Ordinal);
    private readonly Queue<StoredContent> _order = new();
    private long _size;

    /// <summary>Starts empty.</summary>
    /// <param name="mostBytes">Most bytes of text kept, from 1.</param>
    public InMemoryContentStore(long mostBytes = 64L << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostBytes, 1);
        _most = mostBytes;
    }

    /// <inheritdoc />
    public ValueTask WriteAsync(IReadOnlyList<StoredContent> batch, CancellationToken cancel)
    {
        lock (_lock)
        {
            foreach (StoredContent content in batch)
            {
                if (_contents.TryAdd(content.Id, content))
                {
                    _order.Enqueue(content);
                    _size += Size(content);
                }
            }

            while (_size > _most)
            {
                Drop();
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<StoredContent?> FindAsync(string id, CancellationToken cancel)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(_contents.GetValueOrDefault(id));
        }
    }

    /// <inheritdoc />
    public ValueTask PruneAsync(DateTimeOffset before, CancellationToken cancel)
    {
        lock (_lock)
        {
            // In the order of writing, which is nearly that of starting: a long call lets those behind it wait for the next time.
            while (_order.TryPeek(out StoredContent? oldest) && oldest.StartedAt < before)
            {
                Drop();
            }
        }

        return ValueTask.CompletedTask;
    }

    private static long Size(StoredContent content) => 2L * (content.Request.Length + content.Answer.Length) + 200;

    private void Drop()
    {
        StoredContent oldest = _order.Dequeue();
        _contents.Remove(oldest.Id);
        _size -= Size(oldest);
    }
}
