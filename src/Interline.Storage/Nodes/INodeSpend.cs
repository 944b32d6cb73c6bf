using Interline.Core.Budgets;

namespace Interline.Storage.Nodes;

/// <summary>What the calls of one node cost. Asked when a node is gone, to know what of its lease it used up.</summary>
public interface INodeSpend
{
    /// <summary>USD spent by a scope's calls on one node in a stretch of time; null if that is not known whole, such as when a part of its rows was pruned.</summary>
    /// <param name="node">Id of the node, as <see cref="NodeRegistry.Id"/>: of one start of it.</param>
    /// <param name="scope">Scope.</param>
    /// <param name="from">Start, inclusive.</param>
    /// <param name="to">End, exclusive.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<decimal?> SpentAsync(string node, Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel);
}
