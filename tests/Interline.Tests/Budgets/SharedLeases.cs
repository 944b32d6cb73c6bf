using Interline.Budgets;
using Interline.Core.Budgets;

namespace Interline.Tests.Budgets;

/// <summary>What several nodes share, in memory: the model of what a database does. What all nodes hold of a meter is never more than its limit.</summary>
internal sealed class SharedLeases
{
    private readonly Lock _lock = new();
    private readonly Dictionary<MeterId, decimal> _taken = [];
    private readonly List<Node> _nodes = [];

    /// <summary>Whether nobody reaches it.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether it never answers.</summary>
    public bool Hangs { get; set; }

    public int Takes { get; private set; }

    public ILeaseSource NewNode()
    {
        var node = new Node(this);
        _nodes.Add(node);
        return node;
    }

    public decimal Taken(MeterId meter)
    {
        lock (_lock)
        {
            return _taken.GetValueOrDefault(meter);
        }
    }

    public decimal TakenOf(MeterUnit unit)
    {
        lock (_lock)
        {
            return _taken.Where(x => x.Key.Unit == unit).Sum(x => x.Value);
        }
    }

    private async ValueTask<LeaseGrant> TakeAsync(Node asking, MeterId meter, decimal limit, decimal needed, decimal wished, CancellationToken cancel)
    {
        needed.ShouldBeGreaterThan(0);
        wished.ShouldBeGreaterThanOrEqualTo(needed);
        if (Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        }

        await Task.Yield();
        LeaseGrant grant = Take(meter, limit, needed, wished);
        if (grant.Outcome == LeaseOutcome.Exhausted)
        {
            foreach (Node node in _nodes)
            {
                if (node != asking)
                {
                    node.Wanted?.Invoke(meter);
                }
            }

            grant = Take(meter, limit, needed, wished);
        }

        return grant;
    }

    private LeaseGrant Take(MeterId meter, decimal limit, decimal needed, decimal wished)
    {
        lock (_lock)
        {
            Takes++;
            if (IsDown)
            {
                return new LeaseGrant(LeaseOutcome.Unavailable, 0, 0);
            }

            decimal taken = _taken.GetValueOrDefault(meter);
            if (limit - taken < needed)
            {
                return new LeaseGrant(LeaseOutcome.Exhausted, 0, taken);
            }

            decimal amount = Math.Min(wished, limit - taken);
            _taken[meter] = taken + amount;
            return new LeaseGrant(LeaseOutcome.Granted, amount, taken + amount);
        }
    }

    private sealed class Node(SharedLeases shared) : ILeaseSource
    {
        public Action<MeterId>? Wanted { get; private set; }

        public bool IsShared => true;

        public int Nodes => shared._nodes.Count;

        public ValueTask<bool?> SeedAsync(MeterId meter, decimal spent, CancellationToken cancel)
        {
            lock (shared._lock)
            {
                return ValueTask.FromResult<bool?>(shared.IsDown ? null : shared._taken.TryAdd(meter, spent));
            }
        }

        public ValueTask<LeaseGrant> TakeAsync(MeterId meter, decimal limit, decimal needed, decimal wished, CancellationToken cancel) => shared.TakeAsync(this, meter, limit, needed, wished, cancel);

        public void Return(MeterId meter, decimal amount)
        {
            lock (shared._lock)
            {
                amount.ShouldBeGreaterThan(0);
                (shared._taken[meter] -= amount).ShouldBeGreaterThanOrEqualTo(0);
            }
        }

        public void OnWanted(Action<MeterId> wanted) => Wanted = wanted;
    }
}
