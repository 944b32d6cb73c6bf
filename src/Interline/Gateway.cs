using System.Reflection;
using System.Runtime.CompilerServices;
using Interline.Attempts;
using Interline.Budgets;
using Interline.Calls;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Decisions;
using Interline.Heartbeats;
using Interline.Ledger;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Translation;
using Interline.Upstream;

namespace Interline;

/// <summary>
/// The engine: one configuration at a time, and calls carried through it. The same object serves the HTTP server and a program that uses it as a library.
/// Thread-safe.
/// </summary>
public sealed class Gateway : IDisposable
{
    /// <summary>Configurations whose decisions can be told beside those of the current one.</summary>
    private const int EarlierSnapshots = 8;

    private readonly TimeProvider _time;
    private readonly CallIds _ids;
    private readonly ICatalog _catalog;
    private readonly UpstreamRegistry _registry;
    private readonly Dispatcher _dispatcher;
    private readonly Settlement _settlement;
    private readonly SignatureStore _signatures = new();
    private readonly DecisionLog _decisions = new();
    private readonly Queue<ActiveSnapshot> _earlier = new();
    private readonly MeterBook? _ownBook;
    private readonly HeartbeatClock _heartbeats;
    private readonly CancellationTokenSource _stop = new();
    private ActiveSnapshot _current;

    /// <summary>Starts the engine.</summary>
    /// <param name="snapshot">First configuration.</param>
    /// <param name="options">How upstreams are reached.</param>
    /// <param name="time">The clock.</param>
    /// <param name="randomness">64 random bits: the node's identity in call ids, and the source of all seeds.</param>
    /// <param name="ledger">Where calls are booked; null keeps the newest in memory.</param>
    /// <param name="catalog">Providers and models; null takes what was shipped.</param>
    /// <param name="admission">Budgets and limits of callers, owned by whoever gives it; null holds them on this node alone, from zero.</param>
    public Gateway(Snapshot snapshot, UpstreamOptions options, TimeProvider time, ulong randomness, ILedger? ledger = null, ICatalog? catalog = null, Admission? admission = null)
    {
        _ownBook = admission is null ? new MeterBook(time, new LocalLeases(), new NoSpendHistory()) : null;
        Admission = admission ?? new Admission(_ownBook!);
        _catalog = catalog ?? ShippedCatalog.BuiltIn;
        _time = time;
        _heartbeats = new HeartbeatClock(time);
        _ids = new CallIds(randomness);
        _registry = new UpstreamRegistry(options, Admission.Book);
        Ledger = ledger ?? new InMemoryLedger();
        _settlement = new Settlement(Ledger, time);
        _dispatcher = new Dispatcher(time, _decisions, Admission, Open);
        _current = new ActiveSnapshot(snapshot, _registry, _catalog);
        StartedAt = time.GetUtcNow();
    }

    /// <summary>Version of this program, such as <c>0.1.0</c>.</summary>
    public static string Version { get; } = typeof(Gateway).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The configuration new calls are routed by.</summary>
    public ActiveSnapshot Current => Volatile.Read(ref _current);

    /// <summary>Where calls are booked.</summary>
    public ILedger Ledger { get; }

    /// <summary>Budgets and limits of callers.</summary>
    public Admission Admission { get; }

    /// <summary>When the engine was started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Swaps the configuration. Calls under way keep the one they began with; live state stays where a deployment's id stays.</summary>
    /// <param name="snapshot">The new configuration.</param>
    public void Use(Snapshot snapshot)
    {
        var next = new ActiveSnapshot(snapshot, _registry, _catalog);
        lock (_earlier)
        {
            _earlier.Enqueue(Interlocked.Exchange(ref _current, next));

            // Decisions keep their configuration alive; a file that changes all day must not fill the memory with its versions.
            while (_earlier.Count > EarlierSnapshots)
            {
                _decisions.Forget(_earlier.Dequeue());
            }
        }
    }

    /// <summary>Asks to be told of each deployment that begins to cool here: its id and its state. One may ask.</summary>
    /// <param name="cooled">What to call, on the way of a call; must not block.</param>
    public void OnCooled(Action<string, HealthReading> cooled) => _dispatcher.Cooled = cooled;

    /// <summary>Lets a deployment cool because another node has seen a reason to. What cools for longer already stays as it is; an unknown id is nothing to us.</summary>
    /// <param name="deploymentId">Id of the deployment.</param>
    /// <param name="rest">For how long.</param>
    /// <param name="rateLimited">Whether because of a rate limit.</param>
    public void Cool(string deploymentId, TimeSpan rest, bool rateLimited) => _registry.FindHealth(deploymentId)?.CoolUntil(_time, rest, rateLimited);

    /// <summary>Begins a call.</summary>
    /// <param name="lane">Wire format or operation.</param>
    /// <param name="body">Request body; owned by the caller until the call is settled.</param>
    /// <param name="facts">What the peek found.</param>
    /// <param name="contentType">Content type where it matters upstream, else null.</param>
    /// <param name="snapshot">The configuration to route by.</param>
    /// <param name="group">The group asked for.</param>
    /// <param name="startTimestamp">Clock timestamp of the request's arrival.</param>
    /// <param name="caller">Who calls, and what of its headers goes on.</param>
    public Call Begin(Lane lane, PooledBody body, in RequestFacts facts, string? contentType, ActiveSnapshot snapshot, CallableGroup group, long startTimestamp, in CallerFacts caller = default)
    {
        long number = _ids.Next();
        return new Call
        {
            Number = number,
            Id = _ids.Id(number),
            Seed = _ids.Seed(number),
            StartedAt = _time.GetUtcNow(),
            StartTimestamp = startTimestamp,
            Lane = lane,
            Body = body,
            Facts = facts,
            ContentType = contentType,
            Snapshot = snapshot,
            Group = group,
            Signatures = _signatures,
            Settlement = _settlement,
            Stop = _stop.Token,
            Tenant = caller.Tenant,
            Principal = caller.Principal,
            Customer = caller.Customer,
            Tags = caller.Tags.IsEmpty ? caller.Options.Tags : caller.Tags,
            PassedHeaders = caller.PassedHeaders,
            Options = caller.Options,
        };
    }

    /// <summary>Lets a call in within its budgets and limits, and notes in the ledger that it is under way. Before <see cref="SendAsync"/>.</summary>
    /// <param name="call">The call.</param>
    /// <param name="aborted">Cancelled when the client leaves.</param>
    /// <returns>Null; else the error to give, and the call must not be sent. It is to be settled in either case.</returns>
    public ValueTask<ApiError?> AdmitAsync(Call call, CancellationToken aborted)
    {
        ValueTask<ApiError?> admitting = Admission.AdmitAsync(call, aborted);
        return admitting.IsCompletedSuccessfully ? new ValueTask<ApiError?>(Open(call, admitting.Result)) : WaitAsync(admitting);

        async ValueTask<ApiError?> WaitAsync(ValueTask<ApiError?> admitted) => Open(call, await admitted.ConfigureAwait(false));
    }

    /// <summary>Carries a call to an answer.</summary>
    /// <param name="call">The call.</param>
    /// <param name="sink">Where the answer goes.</param>
    /// <param name="aborted">Cancelled when the client leaves.</param>
    /// <returns>Null once an answer was committed to, or the client of a stream that had been kept alive was told the error in it; else the error to give, and nothing has gone to the client.</returns>
    public ValueTask<ApiError?> SendAsync(Call call, IAnswerSink sink, CancellationToken aborted) =>
        call.Facts.Stream && call.Snapshot.Snapshot.Router.HeartbeatInterval is { } interval ? SendAliveAsync(call, sink, interval, aborted) : _dispatcher.RunAsync(call, sink, aborted);

    /// <summary>Cancelled by <see cref="BreakOff"/>.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Breaks off all calls that are under way: each ends as if it had failed, with an error in the answer where that has begun. For the end of the program.</summary>
    public void BreakOff() => _stop.Cancel();

    /// <summary>Books a call that has ended. Once for each call begun.</summary>
    /// <param name="call">The call.</param>
    public CallRecord Settle(Call call)
    {
        call.Ticket?.Leave();
        call.Ticket = null;
        if (call.Trace is { } trace)
        {
            call.Trace = null;
            _decisions.Keep(trace);
        }

        Admission.Settle(call);
        return _settlement.Settle(call);
    }

    /// <summary>The id of a call.</summary>
    /// <param name="number">Its number on this node.</param>
    public string CallId(long number) => _ids.Id(number);

    /// <summary>Finds a settled call.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Null if no call has this id, or it is no longer kept.</returns>
    public CallRecord? FindCall(string id) => _ids.TryParse(id, out long number) ? Ledger.Find(number) : null;

    /// <summary>Expands the decisions of a settled call from their kept inputs.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Null if no call has this id, or what it was decided from is no longer kept.</returns>
    public DecisionReport? FindDecision(string id)
    {
        if (!_ids.TryParse(id, out long number))
        {
            return null;
        }

        if (_decisions.Find(number) is { } kept)
        {
            Decision again = Decision.Of(kept.Inputs, new SnapshotGroups(kept.Inputs.Snapshot, _catalog));
            return new(kept.Inputs, again) { CallId = id, Identical = DecisionReport.Same(again, kept.Taken) };
        }

        // Nothing is kept of a call that had one deployment to go to, went there and was answered: there was nothing to decide.
        if (Ledger.Find(number) is not { DeploymentId: { } only } record || record.SnapshotVersion != Current.Snapshot.Version || Current.Resolve(record.Group) is not { Group: { Deployments: [var deployment] } group } || deployment.Id != only)
        {
            return null;
        }

        var inputs = new DecisionInputs
        {
            Snapshot = Current.Snapshot,
            Request = new RouteRequest { Stream = record.Streamed },
            Seed = record.Seed,
            Visits = [new GroupVisit(group, [default], [new StepOutcome(null, null, Exclusion.None)])],
        };
        return new(inputs, Decision.Of(inputs, Current)) { CallId = id, Identical = true };
    }

    /// <summary>Decides a call as if it came now, without making it: whom it would go to, and whom then, as long as everybody fails.</summary>
    /// <param name="call">The call, begun and not sent.</param>
    public DecisionReport Explain(Call call) => DecisionPreview.Of(call, _time);

    /// <summary>An id for an answer that is no call, so that every answer can be asked about.</summary>
    public string NextId() => _ids.Id(_ids.Next());

    /// <summary>All models a caller can ask for by name, each with one of its deployments; patterns are spelled out as far as the catalogue knows their models.</summary>
    public IEnumerable<(string Name, Deployment Deployment)> Models()
    {
        Snapshot snapshot = Current.Snapshot;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (ModelGroup group in snapshot.Groups.Values.OrderBy(x => x.Deployments[0].Provider.Id == Demo.DemoProvider.Id ? 0 : 1).ThenBy(x => x.Name, StringComparer.Ordinal))
        {
            if (seen.Add(group.Name))
            {
                yield return (group.Name, group.Deployments[0]);
            }
        }

        foreach ((string alias, ModelAlias target) in snapshot.Aliases)
        {
            if (!target.Hidden && Current.Resolve(alias) is { } group && seen.Add(alias))
            {
                yield return (alias, group.Group.Deployments[0]);
            }
        }

        foreach (ModelGroup pattern in snapshot.Wildcards)
        {
            Deployment deployment = pattern.Deployments[0];
            foreach (ModelInfo model in _catalog.Models(deployment.Provider))
            {
                string name = pattern.Name.Replace("*", model.Id, StringComparison.Ordinal);
                if (!model.Deprecated && pattern.Name.Length > 1 && seen.Add(name))
                {
                    yield return (name, deployment with { Model = model });
                }
            }
        }
    }

    /// <summary>The error for a name that nothing answers to, with the nearest names that something does.</summary>
    /// <param name="name">The name asked for.</param>
    public ApiError UnknownModel(string name)
    {
        string shown = name.Length > 100 ? name[..100] + "…" : name;
        string nearest = Nearest.Text(name, Models().Select(x => x.Name)) is { } text ? $" Did you mean {text}?" : "";
        return new(ErrorKind.BadRequest, 404, $"The model `{shown}` does not exist here.{nearest} GET /v1/models lists all.")
        {
            Code = "model_not_found",
            Param = "model",
        };
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _heartbeats.Dispose();
        _registry.Dispose();
        _ownBook?.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ApiError?> SendAliveAsync(Call call, IAnswerSink sink, TimeSpan interval, CancellationToken aborted)
    {
        KeptAlive client = _heartbeats.Watch(call, sink, interval);
        try
        {
            ApiError? error = await _dispatcher.RunAsync(call, client, aborted).ConfigureAwait(false);
            return error is null ? null : await client.FailAsync(error).ConfigureAwait(false);
        }
        finally
        {
            _heartbeats.Forget(client);
        }
    }

    private ApiError? Open(Call call, ApiError? refused)
    {
        if (refused is null && Ledger.IsFull)
        {
            return new(ErrorKind.Server, 503, "Interline cannot keep a record of further calls: its journal is full, because the database has been away for long or the disk has no room. GET /health says which.") { Code = "ledger_full" };
        }

        if (refused is null)
        {
            call.IsOpened = true;
            Open(call);
        }

        return refused;
    }

    /// <summary>Notes what is set aside for a call; once more when that was raised, and then the last word counts.</summary>
    private void Open(Call call) => Ledger.Open(new OpenCall
    {
        Number = call.Number,
        StartedAt = call.StartedAt,
        Operation = call.Lane.Name,
        Group = call.Group.Model,
        Principal = call.Principal,
        Customer = call.Customer,
        Tags = call.Tags,
        Reserved = call.Reservation is { HasBudget: true } reserved ? reserved.Usd : null,
    });
}
