using System.Collections.Frozen;
using Interline.Accounts;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
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

    private const string Asking = """{"model":"gpt","max_tokens":10,"messages":[{"role":"user","content":"hi"}]}""";
}
