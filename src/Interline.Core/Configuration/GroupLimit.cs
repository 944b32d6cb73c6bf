namespace Interline.Core.Configuration;

/// <summary>How many calls a model group takes at once on each node, and who may wait for a place.</summary>
/// <param name="MaxParallelRequests">Calls at once; null is no limit but those of the deployments.</param>
/// <param name="MaxQueue">Calls that may wait; 0 lets none wait.</param>
/// <param name="QueueTimeout">How long one waits.</param>
public sealed record GroupLimit(int? MaxParallelRequests, int MaxQueue, TimeSpan QueueTimeout)
{
    /// <summary>Calls that may wait where nothing is said.</summary>
    public const int DefaultMaxQueue = 100;

    /// <summary>How long one waits where nothing is said.</summary>
    public static readonly TimeSpan DefaultQueueTimeout = TimeSpan.FromSeconds(30);
}
