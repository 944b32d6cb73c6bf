namespace Interline.Queues;

/// <summary>
/// The calls of one model group that are under way on this node, and those that wait for a place, first in first out. Two things are waited for: that fewer calls are under way
/// than the group takes, and that a deployment is free again where all have as many as they take. Outlives reloads of the configuration. Thread-safe; short locks.
/// </summary>
public sealed class GroupGate
{
    private readonly Lock _lock = new();
    private readonly LinkedList<QueueTicket> _waiting = new();
    private int _running;
    private int _freed;
    private long _order;
    private long _version;
    private long _refused;
    private long _queued;

    /// <summary>Calls that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Calls under way.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Calls that found no place to wait or waited too long, since start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Calls that have had to wait, since start.</summary>
    public long Queued => Interlocked.Read(ref _queued);

    /// <summary>How often a place on a deployment has become free.</summary>
    internal long Version => Volatile.Read(ref _version);

    /// <summary>A call comes.</summary>
    /// <returns>True if it is in, or waits now; false if there is no room to wait.</returns>
    internal bool TryCome(QueueTicket ticket)
    {
        lock (_lock)
        {
            ticket.Order = ++_order;
            if (_waiting.Count == 0 && HasRoom(ticket))
            {
                Admit(ticket);
                return true;
            }

            return TryWait(ticket);
        }
    }

    /// <summary>A call that is in has found every deployment busy: it waits, before all that came after it.</summary>
    /// <returns>False if there is no room to wait.</returns>
    internal bool TryWaitForPlace(QueueTicket ticket)
    {
        lock (_lock)
        {
            ticket.NeedsPlace = true;
            if (_version == ticket.Version)
            {
                return ticket.Node is null ? TryWait(ticket) : ticket.Renew();
            }

            // One has become free since it looked.
            ticket.Wake();
            return true;
        }
    }

    /// <summary>A place on a deployment of the group has become free.</summary>
    internal void PlaceFreed()
    {
        lock (_lock)
        {
            Free();
        }
    }

    /// <summary>A call that was in the queue has what it waited for.</summary>
    internal void Done(QueueTicket ticket)
    {
        lock (_lock)
        {
            Remove(ticket);
            Pump();
        }
    }

    /// <summary>A call is through with the group, or gives up waiting for it.</summary>
    internal void Leave(QueueTicket ticket)
    {
        lock (_lock)
        {
            if (ticket is { Node: not null, NeedsPlace: true, IsWoken: true })
            {
                // It was told of a place that it does not take.
                _freed++;
            }

            Remove(ticket);
            if (!ticket.IsIn)
            {
                Pump();
                return;
            }

            ticket.IsIn = false;
            Volatile.Write(ref _running, _running - 1);
            Free();
        }
    }

    /// <summary>How soon it is worth trying again: as long as the first in the queue has waited by now, 1 to 30 s.</summary>
    internal TimeSpan Refuse()
    {
        Interlocked.Increment(ref _refused);
        lock (_lock)
        {
            double seconds = _waiting.First?.Value.Waited.TotalSeconds ?? 0;
            return TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(seconds), 1, 30));
        }
    }

    private static void Remove(QueueTicket ticket)
    {
        if (ticket.Node is { } node)
        {
            node.List!.Remove(node);
            ticket.Node = null;
        }
    }

    private bool HasRoom(QueueTicket ticket) => ticket.Limit.MaxParallelRequests is not { } most || _running < most;

    private void Admit(QueueTicket ticket)
    {
        ticket.IsIn = true;
        Volatile.Write(ref _running, _running + 1);
    }

    private void Free()
    {
        Volatile.Write(ref _version, _version + 1);
        if (_waiting.Count > 0)
        {
            _freed++;
            Pump();
        }

        if (_waiting.Count == 0)
        {
            _freed = 0;
        }
    }

    private bool TryWait(QueueTicket ticket)
    {
        if (_waiting.Count >= ticket.Limit.MaxQueue)
        {
            return false;
        }

        ticket.Renew();
        LinkedListNode<QueueTicket>? after = _waiting.Last;
        while (after is not null && after.Value.Order > ticket.Order)
        {
            after = after.Previous;
        }

        ticket.Node = after is null ? _waiting.AddFirst(ticket) : _waiting.AddAfter(after, ticket);
        if (ticket.Place == 0)
        {
            ticket.Place = _waiting.Count;
            Interlocked.Increment(ref _queued);
        }

        return true;
    }

    /// <summary>Wakes those whose turn it is. Whoever waits for a deployment stays in the queue until an attempt has begun, so that nobody comes before it meanwhile.</summary>
    private void Pump()
    {
        LinkedListNode<QueueTicket>? next;
        for (LinkedListNode<QueueTicket>? at = _waiting.First; at is not null; at = next)
        {
            next = at.Next;
            QueueTicket ticket = at.Value;
            if (ticket.IsWoken)
            {
                continue;
            }

            if (ticket.NeedsPlace ? _freed == 0 : !HasRoom(ticket))
            {
                return;
            }

            if (ticket.NeedsPlace)
            {
                _freed--;
            }
            else
            {
                Admit(ticket);
                Remove(ticket);
            }

            ticket.Wake();
        }
    }
}
