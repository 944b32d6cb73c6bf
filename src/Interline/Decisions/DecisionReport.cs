using System.Globalization;
using System.Text.Json;
using Interline.Core.Configuration;
using Interline.Core.Retry;
using Interline.Core.Routing;

namespace Interline.Decisions;

/// <summary>A decision expanded from its kept inputs, for a person or a program to read. No key, no address, no content.</summary>
/// <param name="Inputs">What it was decided from.</param>
/// <param name="Decision">The same, decided again.</param>
public sealed record DecisionReport(DecisionInputs Inputs, Decision Decision)
{
    /// <summary>The call; null for one that is only asked about.</summary>
    public string? CallId { get; init; }

    /// <summary>Whether deciding again gave the attempts that were made; null where none was made.</summary>
    public bool? Identical { get; init; }

    /// <summary>Whether attempts were really made as decided again: each on the same deployment, after the same wait.</summary>
    internal static bool Same(Decision again, DecidedStep[] taken)
    {
        DecidedStep[] decided = [.. again.Steps.Where(x => x.Index >= 0)];

        // One more may be decided than made: the caller left while the call waited for it.
        return decided.Length - taken.Length is 0 or 1 && decided.Take(taken.Length).Select(x => x with { Move = null }).SequenceEqual(taken);
    }

    /// <summary>The report as a JSON object.</summary>
    /// <param name="json">The writer.</param>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("call", CallId);
        json.WriteString("configuration", Inputs.Snapshot.Version);
        json.WriteString("seed", Inputs.Seed.ToString("x16", CultureInfo.InvariantCulture));
        if (Identical is { } identical)
        {
            json.WriteBoolean("replay_identical", identical);
        }

        WriteRequest(json);
        json.WriteStartArray("groups");
        for (int visit = 0; visit < Decision.Groups.Length; visit++)
        {
            WriteVisit(json, visit);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Name of a strategy in configuration files.</summary>
    /// <param name="strategy">The strategy.</param>
    public static string Name(RoutingStrategy strategy) => strategy switch
    {
        RoutingStrategy.SimpleShuffle => "simple-shuffle",
        RoutingStrategy.LeastBusy => "least-busy",
        RoutingStrategy.LatencyBased => "latency-based-routing",
        RoutingStrategy.UsageBased => "usage-based-routing",
        RoutingStrategy.UsageBasedV2 => "usage-based-routing-v2",
        _ => "cost-based-routing",
    };

    /// <summary>What came next after a step, in words.</summary>
    /// <param name="move">The move; null after an answer.</param>
    public static string Words(NextMove? move) => move switch
    {
        NextMove.NextDeployment => "next deployment",
        NextMove.SameDeployment => "same again",
        NextMove.NextGroup => "next group",
        NextMove.Stop => "stop",
        _ => "none",
    };

    private void WriteRequest(Utf8JsonWriter json)
    {
        CallerOptions options = Inputs.Request.Options;
        json.WriteStartObject("request");
        json.WriteBoolean("stream", Inputs.Request.Stream);
        json.WriteBoolean("tools", Inputs.Request.HasTools);
        json.WriteBoolean("images", Inputs.Request.HasImages);
        Number(json, "input_tokens", Inputs.Request.InputTokens > 0 ? Inputs.Request.InputTokens : null);
        Number(json, "num_retries", options.NumRetries);
        Number(json, "max_fallbacks", options.MaxFallbacks);
        Number(json, "max_input_price", options.MaxInputPrice);
        Number(json, "max_output_price", options.MaxOutputPrice);
        Names(json, "fallbacks", options.Fallbacks);
        Names(json, "tags", options.Tags.Length > 0 ? options.Tags : null);
        Names(json, "only", options.Only.Length > 0 ? options.Only : null);
        if (options.Region is { } region)
        {
            json.WriteString("region", region);
        }

        if (options.DisableFallbacks)
        {
            json.WriteBoolean("disable_fallbacks", true);
        }

        if (Mock(options) is { } mock)
        {
            json.WriteString("mock", mock);
        }

        json.WriteEndObject();
    }

    private static string? Mock(CallerOptions options) => options.MockError is { } error ? error.Kind.ToString() : options.MockAnswer is not null ? "answer" : null;

    private void WriteVisit(Utf8JsonWriter json, int visit)
    {
        GroupVisit entered = Inputs.Visits[visit];
        var plan = new RoutePlan(entered.Group, Inputs.Snapshot.Router);
        json.WriteStartObject();
        json.WriteString("group", Decision.Groups[visit]);
        json.WriteString("strategy", Name(plan.Strategy));
        if (entered.QueuePlace > 0)
        {
            json.WriteNumber("queue_place", entered.QueuePlace);
            json.WriteNumber("queued_ms", Math.Round(entered.Queued.TotalMilliseconds, 3));
        }

        if (entered.Refused is not null)
        {
            json.WriteBoolean("refused_by_queue", true);
        }

        json.WriteStartArray("deployments");
        for (int i = 0; i < entered.Group.Deployments.Length; i++)
        {
            WriteCandidate(json, entered.Group.Deployments[i], entered.Health[i], Decision.Verdicts[visit][i], plan);
        }

        json.WriteEndArray();
        json.WriteStartArray("steps");
        StepOutcome[] outcomes = [.. entered.Outcomes.Where(x => x.Full == Exclusion.None && x.Hedge != HedgeMark.Chosen)];
        int at = 0;
        foreach (DecidedStep step in Decision.Steps.Where(x => x.Visit == visit))
        {
            WriteStep(json, entered.Group, step, step.Index >= 0 && at < outcomes.Length ? outcomes[at++] : null);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCandidate(Utf8JsonWriter json, Deployment deployment, in HealthReading reading, Exclusion verdict, RoutePlan plan)
    {
        json.WriteStartObject();
        json.WriteString("id", deployment.Id);
        json.WriteString("provider", deployment.Provider.Id);
        json.WriteString("model", deployment.UpstreamModel);
        json.WriteBoolean("eligible", verdict == Exclusion.None);
        if (verdict != Exclusion.None)
        {
            json.WriteString("why", RouteRefusal.Words(verdict));
        }

        json.WriteNumber("weight", deployment.Weight);
        Number(json, "order", deployment.Order);
        if (!reading.IsAvailable)
        {
            json.WriteNumber("cools_for_seconds", Math.Round(reading.CoolingFor.TotalSeconds, 3));
        }

        if (plan.NeedsFullReadings)
        {
            json.WriteNumber("in_flight", reading.InFlight);
            json.WriteNumber("minute_requests", reading.MinuteRequests);
            json.WriteNumber("minute_tokens", reading.MinuteTokens);
            Number(json, "first_event_ms", reading.FirstEvent > TimeSpan.Zero ? (decimal)reading.FirstEvent.TotalMilliseconds : null);
            Number(json, "per_token_ms", reading.PerToken > TimeSpan.Zero ? (decimal)reading.PerToken.TotalMilliseconds : null);
        }

        Number(json, "input_price", deployment.Price?.Input);
        Number(json, "output_price", deployment.Price?.Output);
        json.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter json, ModelGroup group, DecidedStep step, StepOutcome? outcome)
    {
        json.WriteStartObject();
        json.WriteString("deployment", step.Index < 0 ? null : group.Deployments[step.Index].Id);
        json.WriteNumber("wait_seconds", step.Wait.TotalSeconds);
        json.WriteString("outcome", outcome is { Begun: true, Error: { } broken } ? $"{broken}, in the middle of its answer" : step.Index < 0 ? "nobody can take the call" : outcome is not { } came ? "chosen" : came.Error?.ToString() ?? "answered");
        if (step.Hedge is HedgeMark.FirstLeft or HedgeMark.SecondLeft)
        {
            json.WriteString("hedge", outcome?.Error is null ? "gave way" : "failed first");
        }
        else if (step.Hedge == HedgeMark.Second)
        {
            json.WriteString("hedge", "second");
        }

        if (step.Move is { } move)
        {
            json.WriteString("then", Words(move));
        }

        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, decimal? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Names(Utf8JsonWriter json, string name, System.Collections.Immutable.ImmutableArray<string>? values)
    {
        if (values is not { } all)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (string one in all)
        {
            json.WriteStringValue(one);
        }

        json.WriteEndArray();
    }
}
