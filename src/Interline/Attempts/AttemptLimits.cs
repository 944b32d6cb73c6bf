using Interline.Calls;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Upstream;

namespace Interline.Attempts;

/// <summary>How long an attempt may take, from the request, the deployment, the router, and what was learned of the deployment.</summary>
internal readonly struct AttemptLimits
{
    /// <summary>Limit of a stream's first event as long as nothing was learned, where somebody else could answer.</summary>
    public static readonly TimeSpan UsualFirstEvent = TimeSpan.FromSeconds(10);

    /// <summary>The limits of an attempt.</summary>
    /// <param name="call">The call.</param>
    /// <param name="target">Who is asked.</param>
    /// <param name="hasOther">Whether somebody else would be asked if it were not answered in time.</param>
    public AttemptLimits(Call call, Callable target, bool hasOther)
    {
        CallerOptions options = call.Options;
        Deployment deployment = target.Deployment;
        RouterSettings router = call.Snapshot.Snapshot.Router;
        Plain = options.Timeout ?? deployment.Timeout ?? router.Timeout;
        Total = router.StreamTotalTimeout;

        // The nearest that says something of either counts, as in LiteLLM: a deployment's timeout before the router's stream_timeout.
        TimeSpan? said = options.StreamTimeout ?? (options.Timeout is not null ? null : deployment.StreamTimeout ?? (deployment.Timeout is not null ? null : router.StreamTimeout));
        Gap = said ?? Plain;
        FirstEvent = said is null && hasOther && !MayReason(call, target) && (target.Health.FirstEvents.Limit ?? UsualFirstEvent) is var limit && limit < Gap ? limit : Gap;
    }

    /// <summary>A plain answer.</summary>
    public TimeSpan Plain { get; }

    /// <summary>A stream's first event.</summary>
    public TimeSpan FirstEvent { get; }

    /// <summary>Between two events of a stream.</summary>
    public TimeSpan Gap { get; }

    /// <summary>A whole stream; null is no limit.</summary>
    public TimeSpan? Total { get; }

    /// <summary>Whether the model may reason before its first word, and say nothing meanwhile.</summary>
    /// <param name="call">The call.</param>
    /// <param name="target">Who is asked.</param>
    public static bool MayReason(Call call, Callable target) =>
        call.Facts.AsksReasoning || target.Deployment.Model?.Capabilities.HasFlag(ModelCapabilities.Reasoning) == true;
}
