using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Interline.Accounts;
using Interline.Budgets;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Pricing;
using Interline.Core.Routing;
using Interline.Health;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;
using Interline.Testing;
using Interline.Testing.Faults;
using Interline.Upstream;

namespace Interline.Simulation;

/// <summary>
/// The engine on a clock of its own, between providers and callers in memory. Everything runs on the thread that calls <see cref="Run"/>, so the same run comes out
/// the same each time; what hops to another thread is waited for before the clock goes on.
/// </summary>
public sealed class VirtualGateway : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly ImmutableArray<VirtualDeployment> _deployments;
    private readonly List<VirtualCall> _calls = [];
    private readonly MeterBook _book;
    private readonly Principal _caller;
    private readonly Scope _scope = new(ScopeKind.Key, "k1");

    /// <summary>Starts it.</summary>
    /// <param name="deployments">Its deployments; in a group the order is that of trying, where the router does not draw.</param>
    /// <param name="router">How calls are routed.</param>
    public VirtualGateway(IEnumerable<VirtualDeployment> deployments, RouterSettings router)
    {
        _deployments = [.. deployments];
        Provider = new VirtualProvider(Time);
        _book = new MeterBook(Time, new LocalLeases(), new NoSpendHistory());
        var terms = new ScopeTerms { Budgets = [new BudgetTerms(1_000_000m, null, null)], Rpm = 1_000_000, Tpm = 1_000_000_000, Parallel = 1000 };
        _caller = new Principal { Role = Role.Caller, KeyId = _scope.Id, Scopes = [new ScopedTerms(_scope, terms)] };
        var snapshot = new Snapshot
        {
            Version = "v1",
            Groups = _deployments.Select(Make).GroupBy(x => x.Group, StringComparer.Ordinal).ToFrozenDictionary(x => x.Key, x => new ModelGroup(x.Key, [.. x]), StringComparer.Ordinal),
            Router = router,
            General = new GeneralSettings(),
        };
        Gateway = new Gateway(snapshot, new UpstreamOptions { Handler = _ => Provider.Handler() }, Time, randomness: 7, Ledger, admission: new Admission(_book));
    }

    public FakeTime Time { get; } = new();

    public VirtualProvider Provider { get; }

    public CountingLedger Ledger { get; } = new();

    public Gateway Gateway { get; }

    /// <summary>The deployment that a request went to.</summary>
    public VirtualDeployment Of(VirtualRequest request) => _deployments.First(x => x.Id == request.Uri.Host.Split('.')[0]);

    /// <summary>Whether a request asks for a stream.</summary>
    public static bool AsksForStream(VirtualRequest request) =>
        request.Uri.AbsolutePath.EndsWith("streamGenerateContent", StringComparison.Ordinal) || request.Text.Contains("\"stream\":true", StringComparison.Ordinal);

    /// <summary>Makes a call; it is sent by <see cref="VirtualCall.RunAsync"/>.</summary>
    public VirtualCall Begin(Dialect caller, bool stream, VirtualClient client, string prompt = "hi", string model = "gpt")
    {
        Lane lane = caller.Wire switch
        {
            "openai" => ChatLane.Instance,
            "anthropic" => MessagesLane.Instance,
            _ => stream ? GenerateLane.Stream : GenerateLane.Plain,
        };
        byte[] text = Encoding.UTF8.GetBytes(caller.Ask(prompt, stream, model));
        byte[] bytes = ArrayPool<byte>.Shared.Rent(text.Length);
        text.CopyTo(bytes, 0);
        var body = new PooledBody(bytes, text.Length);
        if (lane.Peek(body.Span, "application/json", out RequestFacts facts) is { } wrong)
        {
            throw new InvalidOperationException(wrong.Message);
        }

        ActiveSnapshot snapshot = Gateway.Current;
        Call call = Gateway.Begin(lane, body, facts, null, snapshot, snapshot.Resolve(model)!, Time.GetTimestamp(), new CallerFacts { Principal = _caller });
        var begun = new VirtualCall(this, call, caller, stream, client);
        _calls.Add(begun);
        return begun;
    }

    /// <summary>Moves the clock from timer to timer until a task is done.</summary>
    /// <param name="done">The task.</param>
    /// <param name="limit">Longest time on the virtual clock.</param>
    /// <exception cref="TimeoutException">The limit has passed, or nothing is under way that could ever end the task.</exception>
    public void Run(Task done, TimeSpan limit)
    {
        DateTimeOffset until = Time.GetUtcNow() + limit;
        while (true)
        {
            Settle(done);
            if (done.IsCompleted)
            {
                done.GetAwaiter().GetResult();
                return;
            }

            if (Time.Next is { } next)
            {
                if (Time.GetUtcNow() + next > until)
                {
                    throw new TimeoutException($"It hung: not ended after {limit.TotalSeconds:0} s of the virtual clock.");
                }

                Time.Advance(next);
            }
            else if (Task.WaitAny([done, Time.TimersAsync(1)], Patience) < 0)
            {
                throw new TimeoutException("It hung: nothing is waited for and nobody is done.");
            }
        }
    }

    /// <summary>What is left of calls that have all ended: each of these is a leak.</summary>
    public IEnumerable<string> Leaks()
    {
        if (Provider.Open != 0)
        {
            yield return $"{Provider.Open} answers of providers left open";
        }

        foreach ((Deployment deployment, DeploymentHealth health) in Gateway.Current.Deployments)
        {
            if (health.InFlight != 0)
            {
                yield return $"{health.InFlight} attempts in flight on {deployment.Id}";
            }
        }

        foreach (MeterReading meter in _book.Read(_scope) ?? [])
        {
            if (meter.Reserved != 0 || (meter.Unit == MeterUnit.Slots && meter.Spent != 0))
            {
                yield return $"{meter.Reserved} {meter.Unit} left set aside";
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Gateway.Dispose();
        _book.Dispose();
        _calls.ForEach(x => x.Client.Dispose());
    }

    private static Deployment Make(VirtualDeployment of)
    {
        var deployment = new Deployment
        {
            Id = of.Id,
            Group = of.Group,
            Provider = new ProviderInfo { Id = "p-" + of.Id, DisplayName = "Fake", Wire = of.Dialect.Wire, ModelsFrom = "openai", KeyHeader = of.Dialect.KeyHeader },
            UpstreamModel = "up",
            BaseUrl = new Uri($"http://{of.Id}.test{of.Dialect.BasePath}"),
            ApiKey = new Secret("sk-secret-of-" + of.Id),
            Price = new Price { Input = 2m, Output = 10m, Source = "config" },
        };
        return of.Change?.Invoke(deployment) ?? deployment;
    }

    /// <summary>
    /// Lets what has hopped to the thread pool run before the clock goes on. As long as each call waits at a provider's or a client's door, all that the last step
    /// began has come to its end; else it may be on its way, or waits for a timer of its own. A call whose caller has left has nothing to wait for at all.
    /// </summary>
    private void Settle(Task done)
    {
        for (int round = 0; round < 3 && !done.IsCompleted && Provider.Waiting + _calls.Sum(x => x.Client.Waiting) < _calls.Count(x => !x.IsEnded); round++)
        {
            using var passed = new ManualResetEventSlim();
            ThreadPool.UnsafeQueueUserWorkItem(static x => x.Set(), passed, preferLocal: false);
            passed.Wait();
        }

        if (_calls.Exists(x => !x.IsEnded && x.Client.Left.IsCancellationRequested))
        {
            SpinWait.SpinUntil(() => _calls.TrueForAll(x => x.IsEnded || !x.Client.Left.IsCancellationRequested), Farewell);
        }
    }
}
