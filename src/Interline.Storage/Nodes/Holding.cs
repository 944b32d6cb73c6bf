namespace Interline.Storage.Nodes;

/// <summary>
/// What this node holds of one meter, in all since the window began. The node alone knows it and the database's row follows: after a failure with an unknown end the row
/// says too much for a moment, never too little.
/// </summary>
internal sealed class Holding
{
    private readonly Lock _lock = new();
    private decimal _mine;
    private bool _dirty;

    /// <summary>Held while the database's row is being written, so that an older amount cannot be written over a newer one.</summary>
    public SemaphoreSlim Writing { get; } = new(1);

    /// <summary>Timestamp others were last told that this node wants more; 0 is never. Written while <see cref="Writing"/> is held.</summary>
    public long ToldAt { get; set; }

    /// <summary>Whether it was forgotten: whoever still has it looks for the new one. Written while <see cref="Writing"/> is held.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>How much.</summary>
    public decimal Mine
    {
        get
        {
            lock (_lock)
            {
                return _mine;
            }
        }
    }

    /// <summary>Whether the row may say something else.</summary>
    public bool IsDirty
    {
        get
        {
            lock (_lock)
            {
                return _dirty;
            }
        }
    }

    /// <summary>More was granted.</summary>
    public void Add(decimal amount)
    {
        lock (_lock)
        {
            _mine += amount;
        }
    }

    /// <summary>Something is given back.</summary>
    /// <returns>Whether the row has to be written and nobody was told so yet.</returns>
    public bool Take(decimal amount)
    {
        lock (_lock)
        {
            // More than is held cannot be given: others would get what nobody has.
            _mine = Math.Max(0, _mine - amount);
            return MarkCore();
        }
    }

    /// <summary>The row may say something else.</summary>
    /// <returns>Whether nobody was told so yet.</returns>
    public bool Mark()
    {
        lock (_lock)
        {
            return MarkCore();
        }
    }

    /// <summary>The row is about to be written.</summary>
    /// <param name="wasDirty">Whether it has to be.</param>
    /// <returns>What it has to say.</returns>
    public decimal BeginWrite(out bool wasDirty)
    {
        lock (_lock)
        {
            wasDirty = _dirty;
            _dirty = false;
            return _mine;
        }
    }

    private bool MarkCore()
    {
        bool first = !_dirty;
        _dirty = true;
        return first;
    }
}
