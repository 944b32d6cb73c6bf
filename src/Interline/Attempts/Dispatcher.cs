using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Interline.Calls;
using Interline.Core.Configuration;
using Interline.Core.Cooldown;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Protocols.Errors;
using Interline.Translation;
using Interline.Upstream;

namespace Interline.Attempts;

/// <summary>Carries a call from its group to an answer: attempts, retries, fallback groups, until an answer is committed to or nobody is left.</summary>
public sealed class Dispatcher
{
    private readonly TimeProvider _time;

    /// <summary>A dispatcher.</summary>
    /// <param name="time">The clock.</param>
    public Dispatcher(TimeProvider time) => _time = time;

    /// <summary>Carries a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="sink">Where the answer goes.</param>
    /// <param name="aborted">Cancelled when the client leaves.</param>
    /// <returns>Null once an answer was committed to, whole or broken off (<see cref="Call.Error"/>); else the error to give, and nothing has gone to the client.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ApiError?> RunAsync(Call call, IAnswerSink sink, CancellationToken aborted)
    {
        RouterSettings router = call.Snapshot.Snapshot.Router;
        ImmutableArray<string> fallbacks = Fallbacks(call);
        ApiError? last = null;
        CallableGroup? group = call.Group;
        for (int next = 0; ; call.Fallbacks++)
        {
            CallableGroup? following = NextGroup(call, fallbacks, ref next);
            RouteWalk walk = Start(call, group, router, following is not null);
            RouteStep step = walk.First();
            while (step.Index >= 0)
            {
                if (step.Wait > TimeSpan.Zero && !await WaitAsync(step.Wait, aborted).ConfigureAwait(false))
                {
                    return new ApiError(ErrorKind.ClientGone, 499, "The client closed the connection.");
                }

                Callable target = group.Callables[step.Index];
                ApiError? error = Foreign(call, group, target);
                if (error is null)
                {
                    call.Served = target;
                    call.Attempts++;
                    target.Health.Begin();
                    try
                    {
                        error = await Attempt.RunAsync(call, target, sink, _time, aborted).ConfigureAwait(false);
                    }
                    catch
                    {
                        // A bug of ours: nothing is known of the deployment, and it must not count as in flight for ever.
                        target.Health.Ended();
                        throw;
                    }

                    Report(call, group, target, error ?? call.Error);
                    if (error is null)
                    {
                        return null;
                    }
                }

                // What a provider said is the better answer than that another could not be asked.
                last = error.Kind == ErrorKind.Unsupported ? last ?? error : error;
                step = walk.After(error, out NextMove move);
                if (move == NextMove.Stop)
                {
                    return last;
                }

                call.AddFailure(target.Deployment, error);
                if (move != NextMove.NextGroup)
                {
                    call.Retries++;
                }
            }

            if (following is null)
            {
                // A group whose deployments all cool was not asked; what one before it said is the better answer.
                return last ?? AllCooling(call);
            }

            group = following;
        }
    }

    private static ImmutableArray<string> Fallbacks(Call call)
    {
        RouterSettings router = call.Snapshot.Snapshot.Router;
        return router.Fallbacks.Count == 0 ? []
            : router.Fallbacks.TryGetValue(call.Group.Group.Name, out ImmutableArray<string> own) ? own
            : router.Fallbacks.TryGetValue("*", out ImmutableArray<string> common) ? common
            : [];
    }

    private static CallableGroup? NextGroup(Call call, ImmutableArray<string> fallbacks, ref int next)
    {
        while (next < fallbacks.Length && next < call.Snapshot.Snapshot.Router.MaxFallbacks)
        {
            if (call.Snapshot.Resolve(fallbacks[next++]) is { } group && group.Group.Name != call.Group.Group.Name)
            {
                return group;
            }
        }

        return null;
    }

    private static ApiError? Foreign(Call call, CallableGroup group, Callable target) =>
        target.Deployment.Missing is { } missing ? new(ErrorKind.Unsupported, 501, $"`{group.Group.Name}` cannot be called as it is configured: {missing}.")
        : target.Speaks(call.Lane.Wire) || AttemptTranslation.IsPossible(call.Lane, target.Deployment.Provider.Wire) ? null : new(
            ErrorKind.Unsupported,
            501,
            $"`{group.Group.Name}` is served by {target.Deployment.Provider.Id}, which speaks the wire format `{target.Deployment.Provider.Wire}`. This version does not translate {call.Lane.Name} into it.");

    private void Report(Call call, CallableGroup group, Callable target, ApiError? error)
    {
        if (error is null)
        {
            target.Health.Succeeded(_time, call.Usage, call.Cost);
        }
        else if (CooldownRules.Counts(error.Kind))
        {
            target.Health.Failed(error, target.Deployment, group.Callables.Length == 1, call.Snapshot.Snapshot.Router, _time);
        }
        else
        {
            target.Health.Ended();
        }
    }

    private RouteWalk Start(Call call, CallableGroup group, RouterSettings router, bool hasNext)
    {
        int count = group.Callables.Length;
        if (count == 1)
        {
            return new RouteWalk(group.Group, [group.Callables[0].Health.Read(_time)], router, call.Seed, hasNext);
        }

        HealthReading[] health = ArrayPool<HealthReading>.Shared.Rent(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                health[i] = group.Callables[i].Health.Read(_time);
            }

            return new RouteWalk(group.Group, health.AsSpan(0, count), router, call.Seed, hasNext);
        }
        finally
        {
            ArrayPool<HealthReading>.Shared.Return(health);
        }
    }

    private async ValueTask<bool> WaitAsync(TimeSpan wait, CancellationToken aborted)
    {
        try
        {
            await Task.Delay(wait, _time, aborted).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private ApiError AllCooling(Call call)
    {
        TimeSpan soonest = TimeSpan.MaxValue;
        bool limited = true;
        foreach (Callable callable in call.Group.Callables)
        {
            HealthReading reading = callable.Health.Read(_time);
            soonest = reading.CoolingFor < soonest ? reading.CoolingFor : soonest;
            limited &= reading.RateLimited;
        }

        soonest = soonest < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : soonest;
        string text = $"Every deployment of `{call.Group.Group.Name}` is cooling down after failures. Try again in {Math.Ceiling(soonest.TotalSeconds):0} s.";
        return new(limited ? ErrorKind.RateLimit : ErrorKind.Overloaded, limited ? 429 : 503, text) { RetryAfter = soonest };
    }
}
