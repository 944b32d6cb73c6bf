using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Interline.Calls;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Pricing;
using Interline.Core.Routing;
using Interline.Health;
using Interline.Ledger;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Testing;
using Interline.Upstream;

namespace Interline.Tests;

/// <summary>The engine over fake providers, on a clock that stands still. Checks after every call that nothing is left in flight and that it was booked.</summary>
internal sealed class Engine : IDisposable
{
    public static readonly Price TestPrice = new() { Input = 2m, Output = 10m, Source = "config" };

    private readonly List<Deployment> _deployments = [];
    private readonly Dictionary<string, ImmutableArray<string>> _fallbacks = [];
    private Gateway? _gateway;

    public FakeTime Time { get; } = new();

    public RouterSettings Router { get; set; } = new();

    public GeneralSettings General { get; set; } = new();

    public ILedger? Ledger { get; init; }

    public Gateway Gateway => _gateway ??= new Gateway(Snapshot(), new UpstreamOptions(), Time, randomness: 7, Ledger);

    /// <summary>Adds a deployment of group <c>gpt</c>; in a group, the first added is tried first.</summary>
    public Engine With(FakeProvider provider, Func<Deployment, Deployment>? change = null) => With(provider.BaseUrl, change);

    /// <summary>Adds a deployment of a provider that speaks a wire format.</summary>
    public Engine With(FakeProvider provider, Translation.Tongue tongue, Func<Deployment, Deployment>? change = null) => With(provider.BaseUrl, tongue.Serve(provider, change));

    /// <summary>Adds a deployment at any address.</summary>
    public Engine With(Uri baseUrl, Func<Deployment, Deployment>? change = null)
    {
        int number = _deployments.Count + 1;
        var deployment = new Deployment
        {
            Id = $"d{number}",
            Group = "gpt",
            Provider = new ProviderInfo { Id = $"fake{number}", DisplayName = "Fake", Wire = "openai", ModelsFrom = "openai" },
            UpstreamModel = $"up-{number}",
            BaseUrl = baseUrl,
            ApiKey = new Secret($"sk-secret-{number}"),
            Order = number,
            Price = TestPrice,
        };
        _deployments.Add(change?.Invoke(deployment) ?? deployment);
        return this;
    }

    /// <summary>Sets the fallback groups of a group.</summary>
    public Engine Fallback(string group, params string[] to)
    {
        _fallbacks[group] = [.. to];
        return this;
    }

    /// <summary>Begins a call and lets it run.</summary>
    public Running Start(string body, Lane? lane = null, string? contentType = null, CallerFacts caller = default)
    {
        var client = new CancellationTokenSource();
        Call call = Begin(body, lane, contentType, caller);
        var sink = new PipeSink();
        return new Running(this, call, sink, client, Gateway.SendAsync(call, sink, client.Token).AsTask());
    }

    /// <summary>Begins a call that the test sends itself. Where the format has the model in the path it is <c>gpt</c>.</summary>
    public Call Begin(string body, Lane? lane = null, string? contentType = null, CallerFacts caller = default)
    {
        lane ??= ChatLane.Instance;
        int length = Encoding.UTF8.GetByteCount(body);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        Encoding.UTF8.GetBytes(body, bytes);
        var pooled = new PooledBody(bytes, length);
        lane.Peek(pooled.Span, contentType, out RequestFacts facts).ShouldBeNull();
        CallerOptionsReader.Take(default, lane, ref pooled, ref facts, out CallerOptions options).ShouldBeNull();
        Span<char> name = stackalloc char[RequestFacts.MaxModelBytes];
        ActiveSnapshot snapshot = Gateway.Current;
        CallableGroup group = (lane.ModelInPath ? snapshot.Resolve("gpt") : snapshot.Resolve(name[..facts.CopyModel(pooled.Span, name)])).ShouldNotBeNull();
        return Gateway.Begin(lane, pooled, facts, facts.ModelIsJson ? null : contentType, snapshot, group, Time.GetTimestamp(), caller with { Options = options });
    }

    /// <summary>Sends a call to its end.</summary>
    public async Task<Ended> SendAsync(string body, Lane? lane = null, string? contentType = null, CallerFacts caller = default) => await Start(body, lane, contentType, caller).EndAsync();

    public DeploymentState State(string id)
    {
        DeploymentHealth health = Gateway.Current.Deployments.First(x => x.Deployment.Id == id).Health;
        return new(health.InFlight, health.Totals, health.Read(Time));
    }

    public void NothingInFlight()
    {
        foreach ((Deployment deployment, DeploymentHealth health) in Gateway.Current.Deployments)
        {
            health.InFlight.ShouldBe(0, deployment.Id);
        }
    }

    public void Dispose() => _gateway?.Dispose();

    private Snapshot Snapshot() => new()
    {
        Version = "v1",
        Groups = _deployments.Where(x => !x.IsWildcard).GroupBy(x => x.Group).ToFrozenDictionary(x => x.Key, x => new ModelGroup(x.Key, [.. x])),
        Wildcards = [.. _deployments.Where(x => x.IsWildcard).GroupBy(x => x.Group).Select(x => new ModelGroup(x.Key, [.. x]))],
        Router = Router with { Fallbacks = _fallbacks.ToFrozenDictionary() },
        General = General,
    };
}

internal readonly record struct DeploymentState(int InFlight, Interline.Health.DeploymentTotals Totals, HealthReading Reading);

/// <summary>A call under way.</summary>
internal sealed record Running(Engine Engine, Call Call, PipeSink Sink, CancellationTokenSource Client, Task<ApiError?> Sending)
{
    /// <summary>The client closes its connection.</summary>
    public void Abort() => Client.Cancel();

    /// <summary>Waits for its end and settles it, as the server does.</summary>
    public async Task<Ended> EndAsync()
    {
        // No test takes a second; a call that waits for a clock nobody moves fails here and does not hang the run.
        ApiError? error = await Sending.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        if (error is not null)
        {
            Call.Error = error;
            Call.Status = error.Status;
            Sink.Begun.ShouldBe(0);
            Sink.Bytes.ShouldBeEmpty();
        }
        else
        {
            Sink.Begun.ShouldBe(1);
        }

        CallRecord record = Engine.Gateway.Settle(Call);
        await Sink.CompleteAsync();
        Client.Dispose();
        Engine.Gateway.FindCall(Call.Id).ShouldBe(record);
        record.Status.ShouldBeGreaterThan(0);
        return new Ended(error, Sink, record);
    }
}

/// <summary>A call that has ended.</summary>
internal sealed record Ended(ApiError? Error, PipeSink Sink, CallRecord Record)
{
    public string Text => Sink.Text;
}
