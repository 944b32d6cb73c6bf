using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Pricing;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Tests.Routing;

/// <summary>Makes up configurations, calls, readings and outcomes from a seed, and carries the calls as the dispatcher does, noting both the inputs and what was decided.</summary>
internal sealed class RandomDecisions(ulong seed)
{
    private static readonly ErrorKind[] Kinds = Enum.GetValues<ErrorKind>();
    private static readonly string[] Tags = ["paid", "free", "eu", "default"];
    private Seeded _chance = new(seed);

    /// <summary>A configuration of a few groups.</summary>
    public Snapshot Snapshot()
    {
        Dictionary<string, ModelGroup> groups = [];
        for (int g = 0; g < 4; g++)
        {
            int size = Below(4) == 0 ? 1 : 1 + Below(9);
            groups[$"g{g}"] = new($"g{g}", [.. Enumerable.Range(0, size).Select(i => Deployment($"g{g}-{i}"))]);
        }

        return new()
        {
            Version = $"v{Below(1000)}",
            Groups = groups.ToFrozenDictionary(),
            General = new(),
            Router = new()
            {
                Strategy = (RoutingStrategy)Below(Enum.GetValues<RoutingStrategy>().Length),
                StrategyArguments = new() { LowestLatencyBuffer = Below(3) * 0.3, Exploration = Below(3) * 0.2 },
                NumRetries = Below(4),
                RetryAfter = TimeSpan.FromSeconds(Below(3)),
                RetryPolicy = Often(4) ? null : Policy(),
                GroupRetryPolicies = Often(4) ? FrozenDictionary<string, RetryPolicy>.Empty : new Dictionary<string, RetryPolicy> { ["g0"] = Policy() }.ToFrozenDictionary(),
                Fallbacks = Rules(),
                ContextWindowFallbacks = Rules(),
                ContentPolicyFallbacks = Rules(),
                MaxFallbacks = Below(4),
                EnablePreCallChecks = !Often(3),
                EnableTagFiltering = !Often(3),
                TagFilteringMatchAny = Often(2),
                TargetOptions = Often(6) ? [] : ["p0/m1", "p1/m2"],
                DefaultMaxParallelRequests = Often(5) ? null : 2,
            },
        };
    }

    /// <summary>Carries a made-up call to its end.</summary>
    public (DecisionInputs Inputs, List<DecidedStep> Steps) Carry(Snapshot snapshot)
    {
        RouteRequest request = new() { Stream = Often(2), InputTokens = Below(3) * 800, HasTools = !Often(4), HasImages = !Often(4), Options = Often(2) ? CallerOptions.None : Options() };
        ulong callSeed = _chance.Next();
        var visits = new List<GroupVisit>();
        var steps = new List<DecidedStep>();
        var walk = new RouteWalk();
        ModelGroup? group = snapshot.Groups[$"g{Below(4)}"];
        FallbackChain? chain = FallbackChain.Of(group.Name, snapshot.Router, request.Options, new SnapshotGroups(snapshot));
        for (int visit = 0; group is not null; visit++)
        {
            HealthReading[] health = [.. group.Deployments.Select(_ => Reading())];
            var outcomes = new List<StepOutcome>();
            walk.Enter(new RoutePlan(group, snapshot.Router), health, request, callSeed, visit);
            RouteStep step = walk.First(chain?.HasElsewhere(health) == true);
            ErrorKind? ended = step.Index < 0 ? walk.Refusal().Kind : null;
            if (step.Index < 0)
            {
                steps.Add(new(visit, -1, default, null));
            }

            bool over = false;
            bool attempted = false;
            while (step.Index >= 0)
            {
                if (Below(12) == 0)
                {
                    Exclusion why = Below(4) switch { 0 => Exclusion.Requests, 1 when !walk.Forced => Exclusion.Probing, _ => Exclusion.Busy };
                    outcomes.Add(new(null, null, why));
                    step = walk.Full(why, chain?.Has(ErrorKind.Overloaded) == true);
                    if (step.Index < 0 && !attempted)
                    {
                        ended = walk.Refusal().Kind;
                        steps.Add(new(visit, -1, default, null));
                    }

                    continue;
                }

                attempted = true;
                if (Below(4) == 0)
                {
                    outcomes.Add(new(null, null, Exclusion.None));
                    steps.Add(new(visit, step.Index, step.Wait, null));
                    over = true;
                    break;
                }

                ErrorKind kind = Kinds[Below(Kinds.Length)];
                TimeSpan? asked = Often(2) ? null : TimeSpan.FromSeconds(Below(90));
                outcomes.Add(new(kind, asked, Exclusion.None));
                RouteStep next = walk.After(new ApiError(kind, 500, "x") { RetryAfter = asked }, chain?.Has(kind) == true, out NextMove move);
                steps.Add(new(visit, step.Index, step.Wait, move));
                over = move == NextMove.Stop;
                ended = kind;
                step = over ? RouteStep.End : next;
            }

            visits.Add(new(group, [.. health], [.. outcomes]));
            group = !over && chain?.Take(ended!.Value) is { } name ? snapshot.Groups[name] : null;
        }

        return (new() { Snapshot = snapshot, Request = request, Seed = callSeed, Visits = [.. visits] }, steps);
    }

    /// <summary>A whole number from 0, below a bound.</summary>
    public int Below(int bound) => (int)(_chance.NextUnit() * bound);

    private bool Often(int of) => Below(of) != 0 || of == 1;

    private Deployment Deployment(string id) => new()
    {
        Id = id,
        Group = "g",
        Provider = new ProviderInfo { Id = $"p{Below(3)}", DisplayName = "P", Wire = "openai", ModelsFrom = "p" },
        UpstreamModel = $"m{Below(4)}",
        BaseUrl = new Uri($"https://{Below(2)}.example.com"),
        ApiKey = new Secret($"k{Below(4)}"),
        Weight = Often(3) ? 1 : 1 + Below(9),
        Order = Often(3) ? null : Below(3),
        Rpm = Often(4) ? null : 1 + Below(4),
        Tpm = Often(4) ? null : 1000,
        NumRetries = Often(4) ? null : Below(4),
        MaxParallelRequests = Often(6) ? null : 1 + Below(3),
        Tags = Often(2) ? [] : [Tags[Below(4)], Tags[Below(4)]],
        RegionName = Often(2) ? null : "eu-west-1",
        Model = Often(2) ? null : new ModelInfo { Provider = "p", Id = id, ContextWindow = Below(3) * 1000, Capabilities = (ModelCapabilities)Below(16) },
        Price = Often(3) ? new Price { Input = Below(5), Output = Below(9) } : null,
    };

    private HealthReading Reading() => new(TimeSpan.FromSeconds(Math.Max(0, Below(14) - 10)), Often(2))
    {
        OverBudget = Below(20) == 0,
        Probing = Below(6) == 0,
        InFlight = Below(4),
        MinuteRequests = Below(4),
        MinuteFailures = Below(2),
        MinuteTokens = Below(1200),
        FirstEvent = TimeSpan.FromMilliseconds(Below(4) * 100),
        PerToken = TimeSpan.FromMilliseconds(Below(4) * 10),
    };

    private CallerOptions Options() => new()
    {
        NumRetries = Often(2) ? null : Below(4),
        Fallbacks = Often(3) ? null : [$"g{Below(4)}", $"g{Below(5)}"],
        MaxFallbacks = Often(4) ? null : Below(4),
        DisableFallbacks = !Often(6),
        Tags = Often(2) ? [] : [Tags[Below(4)]],
        Region = Often(5) ? null : "eu",
        Only = Often(4) ? [] : [$"p{Below(3)}", $"p{Below(3)}/m{Below(4)}"],
        MaxInputPrice = Often(4) ? null : Below(5),
        MaxOutputPrice = Often(4) ? null : Below(9),
    };

    private RetryPolicy Policy() => new() { Authentication = Below(3), Timeout = Below(3), RateLimit = Below(3), ContentPolicy = Below(3), BadRequest = Below(3), InternalServer = Below(3) };

    private FrozenDictionary<string, ImmutableArray<string>> Rules() => Often(2)
        ? new Dictionary<string, ImmutableArray<string>> { [$"g{Below(4)}"] = [$"g{Below(4)}", $"g{Below(4)}"], ["*"] = [$"g{Below(4)}"] }.ToFrozenDictionary()
        : FrozenDictionary<string, ImmutableArray<string>>.Empty;
}
