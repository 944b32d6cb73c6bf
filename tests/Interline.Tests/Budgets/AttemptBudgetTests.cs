using System.Collections.Frozen;
using Interline.Accounts;
using Interline.Budgets;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Budgets;

/// <summary>Budgets that hold for each attempt: those of providers and deployments, and the caller's for attempts after the first.</summary>
public class AttemptBudgetTests
{
    private static readonly Scope K = new(ScopeKind.Key, "k1");

    [Fact]
    public async Task Calls_at_once_cross_a_providers_budget_once_and_the_rest_go_elsewhere()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Otherwise = second.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { ProviderBudgets = new Dictionary<string, Budget> { ["fake1"] = new(Wire.Cost / 2, TimeSpan.FromDays(1)) }.ToFrozenDictionary() } }.With(first).With(second);
        Running[] running = [.. Enumerable.Range(0, 8).Select(_ => engine.Start(Wire.Plain))];
        int there = 0;
        foreach (Running call in running)
        {
            there += (await call.EndAsync()).Record.DeploymentId == "d1" ? 1 : 0;
        }

        there.ShouldBe(1);
        engine.Gateway.Admission.Book.Read(new Scope(ScopeKind.Provider, "fake1"))!.Value[0].Spent.ShouldBe(Wire.Cost);
    }

    [Fact]
    public async Task A_failed_attempt_gives_a_deployments_budget_back()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json("""{"error":{"message":"no"}}""", 400);
        using Engine engine = new Engine().With(provider, x => x with { Budget = new(Wire.Cost, TimeSpan.FromHours(1)) });
        for (int i = 0; i < 3; i++)
        {
            (await engine.SendAsync(Wire.Plain)).Error!.Status.ShouldBe(400);
        }

        engine.Gateway.Admission.Book.Read(new Scope(ScopeKind.Deployment, "d1"))!.Value[0].Left.ShouldBe(Wire.Cost);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_dearer_fallback_is_made_only_where_the_callers_budget_has_room_for_it()
    {
        await using var cheap = new FakeProvider();
        await using var dear = new FakeProvider();
        cheap.Otherwise = _ => FakeAnswer.Json("""{"error":{"message":"down"}}""", 500);
        dear.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        foreach (bool enough in (bool[])[true, false])
        {
            using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(cheap).With(dear, x => x with { Group = "dear", Price = new() { Input = 200, Output = 1000 } }).Fallback("gpt", "dear");
            Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(enough ? 1m : 0.01m)));
            Call call = engine.Begin(Asking, caller: new CallerFacts { Principal = key });
            (await engine.Gateway.AdmitAsync(call, TestContext.Current.CancellationToken)).ShouldBeNull();
            var sink = new PipeSink();
            ApiError? error = await engine.Gateway.SendAsync(call, sink, TestContext.Current.CancellationToken);
            int asked = dear.Requests.Count;
            call.Error = error;
            call.Status = error?.Status ?? 200;
            engine.Gateway.Settle(call);
            asked.ShouldBe(1, "only the call that had room asked the dear one");
            (error is null).ShouldBe(enough);
            engine.Gateway.Admission.Book.Read(K)!.Value[0].Reserved.ShouldBe(0);
            engine.Gateway.Admission.Book.Read(K)!.Value[0].Spent.ShouldBe(enough ? 0.03m : 0);
        }
    }

    [Fact]
    public async Task A_free_model_that_falls_back_on_one_that_costs_is_held_to_the_budget()
    {
        await using var free = new FakeProvider();
        await using var dear = new FakeProvider();
        free.Otherwise = _ => FakeAnswer.Json("""{"error":{"message":"down"}}""", 500);
        dear.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(free, x => x with { Price = new() { Input = 0, Output = 0 } }).With(dear, x => x with { Group = "dear" }).Fallback("gpt", "dear");
        foreach (decimal limit in (decimal[])[1m, 0m])
        {
            Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(limit)));
            Call call = engine.Begin(Asking, caller: new CallerFacts { Principal = key });
            (await engine.Gateway.AdmitAsync(call, TestContext.Current.CancellationToken)).ShouldBeNull();
            ApiError? error = await engine.Gateway.SendAsync(call, new PipeSink(), TestContext.Current.CancellationToken);
            (error is null).ShouldBe(limit > 0);
            (call.Error, call.Status) = (error, error?.Status ?? 200);
            engine.Gateway.Settle(call);
        }

        dear.Requests.Count.ShouldBe(1);
        engine.Gateway.Admission.Book.Read(K)!.Value[0].Spent.ShouldBe(Wire.Cost);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_fallback_is_held_to_the_budget_also_when_nobody_was_asked_before_it(bool enough)
    {
        await using var free = new FakeProvider();
        await using var dear = new FakeProvider();
        dear.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(free, x => x with { Price = new() { Input = 0, Output = 0 } }).With(dear, x => x with { Group = "dear" });
        ApiError? error = await FallBackAsync(engine, Node.Key(K.Id, new ScopedTerms(K, Node.Budget(enough ? 1m : 0m))));
        (error is null).ShouldBe(enough);
        dear.Requests.Count.ShouldBe(enough ? 1 : 0);
        free.Requests.ShouldBeEmpty();
        engine.Gateway.Admission.Book.Read(K)!.Value[0].Spent.ShouldBe(enough ? Wire.Cost : 0);
    }

    [Fact]
    public async Task A_fallback_whose_price_is_unknown_is_refused_under_a_budget()
    {
        await using var free = new FakeProvider();
        await using var unknown = new FakeProvider();
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(free, x => x with { Price = new() { Input = 0, Output = 0 } }).With(unknown, x => x with { Group = "dear", Price = null });
        (await FallBackAsync(engine, Node.Key(K.Id, new ScopedTerms(K, Node.Budget(1m))))).ShouldNotBeNull();
        unknown.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_fallback_from_a_free_group_sets_its_input_aside_too()
    {
        await using var free = new FakeProvider();
        await using var dear = new FakeProvider();
        dear.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(free, x => x with { Price = new() { Input = 0, Output = 0 } }).With(dear, x => x with { Group = "dear" });

        // The output of ten tokens alone is 0.0001 USD, the input some 0.0003 more.
        (await FallBackAsync(engine, Node.Key(K.Id, new ScopedTerms(K, Node.Budget(0.0002m))))).ShouldNotBeNull();
        dear.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_fallback_joins_the_limits_of_its_own_model_or_is_not_made()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        second.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(first).With(second, x => x with { Group = "dear" });
        Scope ofModel = K with { Model = "dear" };
        Principal key = Node.Key(K.Id, new ScopedTerms(ofModel, new ScopeTerms { Rpm = 1, Budgets = [new BudgetTerms(1m, null, null)] }));
        (await FallBackAsync(engine, key)).ShouldBeNull();
        (await FallBackAsync(engine, key)).ShouldNotBeNull();
        second.Requests.Count.ShouldBe(1);
        MeterReading budget = engine.Gateway.Admission.Book.Read(ofModel)!.Value[0];
        budget.Spent.ShouldBe(Wire.Cost);
        budget.Reserved.ShouldBe(0);
    }

    [Fact]
    public async Task What_a_fallback_raised_is_noted_in_the_ledger_before_it_is_made()
    {
        await using var free = new FakeProvider();
        await using var dear = new FakeProvider();
        dear.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        var ledger = new OpenedCalls();
        using Engine engine = new Engine { Ledger = ledger, Router = new() { NumRetries = 0 } }.With(free, x => x with { Price = new() { Input = 0, Output = 0 } }).With(dear, x => x with { Group = "dear" });
        await FallBackAsync(engine, Node.Key(K.Id, new ScopedTerms(K, Node.Budget(1m))));
        ledger.Opened.Count.ShouldBe(2);
        ledger.Opened[0].ShouldBe(0);
        ledger.Opened[1].ShouldNotBeNull().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_provider_of_unknown_price_uses_up_its_budget_at_the_assumed_one(bool assumed)
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine
        {
            Router = new() { ProviderBudgets = new Dictionary<string, Budget> { ["fake1"] = new(1, TimeSpan.FromDays(1)) }.ToFrozenDictionary() },
            General = new() { Budgets = new BudgetSettings { AssumedPrice = assumed ? Engine.TestPrice : null } },
        }.With(provider, x => x with { Price = null });
        await engine.SendAsync(Wire.Plain);
        engine.Gateway.Admission.Book.Read(new Scope(ScopeKind.Provider, "fake1"))!.Value[0].Spent.ShouldBe(assumed ? Wire.Cost : 0);
    }

    private static async Task<ApiError?> FallBackAsync(Engine engine, Principal key)
    {
        Call call = engine.Begin(Pretending, caller: new CallerFacts { Principal = key });
        (await engine.Gateway.AdmitAsync(call, TestContext.Current.CancellationToken)).ShouldBeNull();
        ApiError? error = await engine.Gateway.SendAsync(call, new PipeSink(), TestContext.Current.CancellationToken);
        (call.Error, call.Status) = (error, error?.Status ?? 200);
        engine.Gateway.Settle(call);
        return error;
    }

    private const string Pretending = """{"model":"gpt","max_tokens":10,"mock_testing_fallbacks":true,"fallbacks":["dear"],"messages":[{"role":"user","content":"hi"}]}""";

    private sealed class OpenedCalls : ILedger
    {
        public List<decimal?> Opened { get; } = [];

        public void Open(in OpenCall call) => Opened.Add(call.Reserved);

        public void Settle(in CallRecord record)
        {
            // Only what was opened is looked at.
        }

        public CallRecord? Find(long number) => null;
    }

    private const string Asking = """{"model":"gpt","max_tokens":10,"messages":[{"role":"user","content":"hi"}]}""";
}
