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
using Interline.Ledger;
using Interline.Protocols;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Upstream;

namespace Interline.Tests.Budgets;

/// <summary>A gateway whose calls are let in and settled, and whose provider is made up: a call's cost is what the test says.</summary>
internal sealed class Node : IDisposable
{
    /// <summary>1 USD a million tokens each way.</summary>
    public static readonly Price OneEach = new() { Input = 1m, Output = 1m, Source = "config" };

    private readonly Gateway _gateway;

    public Node(TimeProvider time, ILeaseSource? leases = null, ISpendHistory? history = null, BudgetSettings? settings = null, Func<Scope, IReadOnlyList<ScopedTerms>>? terms = null, Price? price = null, bool unpriced = false, RouterSettings? router = null, int capacity = MeterBook.Capacity)
    {
        Book = new MeterBook(time, leases ?? new LocalLeases(), history ?? new NoSpendHistory(), capacity);
        var deployment = new Deployment
        {
            Id = "d1",
            Group = "gpt",
            Provider = new ProviderInfo { Id = "fake", DisplayName = "Fake", Wire = "openai", ModelsFrom = "openai" },
            UpstreamModel = "up",
            BaseUrl = new Uri("http://127.0.0.1:9"),
            Price = unpriced ? null : price ?? OneEach,
        };
        var other = deployment with { Id = "d2", Group = "other" };
        var snapshot = new Snapshot
        {
            Version = "v",
            Groups = new[] { deployment, other }.ToFrozenDictionary(x => x.Group, x => new ModelGroup(x.Group, [x])),
            Router = router ?? new RouterSettings(),
            General = new GeneralSettings { Budgets = settings ?? new BudgetSettings() },
        };
        _gateway = new Gateway(snapshot, new UpstreamOptions(), time, 7, admission: new Admission(Book, terms));
        Time = time;
    }

    public MeterBook Book { get; }

    public TimeProvider Time { get; }

    public static Principal Key(string id, params ScopedTerms[] scopes) => new() { Role = Interline.Accounts.Role.Caller, KeyId = id, KeyAlias = null, Scopes = [.. scopes] };

    public static ScopedTerms OfKey(string id, ScopeTerms terms) => new(new Scope(ScopeKind.Key, id), terms);

    public static ScopeTerms Budget(decimal limit, BudgetWindow? window = null) => new() { Budgets = [new BudgetTerms(limit, null, window)] };

    /// <summary>Begins a call that sets aside exactly so many millionths of a dollar: its body and its limit of tokens have as many bytes and tokens together.</summary>
    public Call Begin(Principal principal, int micros = 1000, string model = "gpt", bool limited = true, ImmutableArray<string> tags = default, string? customer = null)
    {
        string start = $$"""{"model":"{{model}}","messages":[],"pad":"";""".Replace("\"pad\":\"\";", "\"pad\":\"");
        string limit = limited ? ",\"max_tokens\":100" : "";
        int pad = Math.Max(0, micros - (limited ? 100 : 0) - start.Length - 2 - limit.Length);
        string body = start + new string('x', pad) + "\"" + limit + "}";
        byte[] bytes = ArrayPool<byte>.Shared.Rent(body.Length);
        int length = Encoding.UTF8.GetBytes(body, bytes);
        var pooled = new PooledBody(bytes, length);
        ChatLane.Instance.Peek(pooled.Span, null, out RequestFacts facts).ShouldBeNull();
        ActiveSnapshot snapshot = _gateway.Current;
        return _gateway.Begin(ChatLane.Instance, pooled, facts, null, snapshot, snapshot.Resolve(model)!, Time.GetTimestamp(), new CallerFacts { Principal = principal, Tags = tags.IsDefault ? [] : tags, Customer = customer });
    }

    public ValueTask<ApiError?> AdmitAsync(Call call) => _gateway.AdmitAsync(call, TestContext.Current.CancellationToken);

    /// <summary>The same, with a client that may leave.</summary>
    public ValueTask<ApiError?> AdmitUntilAsync(Call call, CancellationToken left) => _gateway.AdmitAsync(call, left);

    public async Task<(Call Call, ApiError? Error)> AdmitAsync(Principal principal, int micros = 1000, bool limited = true, string model = "gpt")
    {
        Call call = Begin(principal, micros, model, limited);
        ApiError? error = await AdmitAsync(call);
        if (error is not null)
        {
            End(call, error);
        }

        return (call, error);
    }

    /// <summary>The call was answered.</summary>
    public void End(Call call, decimal cost, long tokens = 10)
    {
        call.Attempts = 1;
        call.Served = call.Group.Callables[0];
        call.Note(new Used { Usage = new Usage { Output = tokens } }, new AttemptCost(cost, null, cost));
        call.Status = 200;
        Settle(call);
    }

    /// <summary>The call has failed.</summary>
    public void End(Call call, ApiError error, int attempts = 0)
    {
        call.Attempts = attempts;
        call.Error = error;
        call.Status = error.Status;
        Settle(call);
    }

    public void Settle(Call call)
    {
        _gateway.Settle(call);
        call.Body.Dispose();
    }

    public MeterReading Read(Scope scope, MeterUnit unit = MeterUnit.Usd) => Book.Read(scope)!.Value.First(x => x.Unit == unit);

    /// <summary>What calls of this node have spent of a scope's first budget.</summary>
    public decimal UsedHere(Scope scope) => Book.Find(scope)!.Budgets[0].UsedHere;

    public void Dispose()
    {
        _gateway.Dispose();
        Book.Dispose();
    }
}
