using System.Collections.Frozen;
using System.Text.Json;
using Interline.Accounts;
using Interline.Budgets;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Core.Pricing;
using Interline.Protocols.Anthropic;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAI;
using Interline.Testing;

namespace Interline.Tests.Budgets;

public class AdmissionTests
{
    private static readonly Scope K = new(ScopeKind.Key, "k1abcd");
    private static readonly BudgetWindow Hour = new(1, WindowUnit.Hour);

    private readonly FakeTime _time = new();

    [Fact]
    public async Task A_key_over_its_budget_is_refused_with_an_error_that_says_all()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(0.0025m, Hour)));
        (Call first, ApiError? none) = await node.AdmitAsync(key);
        none.ShouldBeNull();
        first.Reservation!.Usd.ShouldBe(0.001m);
        node.End(first, 0.0012m);
        (Call second, _) = await node.AdmitAsync(key);
        (_, ApiError? error) = await node.AdmitAsync(key);

        error.ShouldNotBeNull();
        error.Status.ShouldBe(422);
        error.Type.ShouldBe("budget_exceeded");
        error.Kind.ShouldBe(ErrorKind.QuotaExhausted);
        error.Limit.ShouldBe(new LimitDetails { Scope = "key", Id = "…abcd", Unit = "usd", Limit = 0.0025m, Spent = 0.0012m, Reserved = 0.001m, Needed = 0.001m, ResetsAt = new(2026, 8, 1, 13, 0, 0, TimeSpan.Zero) });
        error.Message.ShouldNotContain("k1abcd");
        node.End(second, 0.001m);
    }

    [Fact]
    public async Task The_error_names_scope_and_amounts_in_every_dialect()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(0, Hour))) with { KeyAlias = "ci" };
        (_, ApiError? error) = await node.AdmitAsync(key);
        JsonElement openAI = JsonDocument.Parse(ErrorBody.Write(error!)).RootElement.GetProperty("error");
        openAI.GetProperty("type").GetString().ShouldBe("budget_exceeded");
        openAI.GetProperty("scope").GetString().ShouldBe("key");
        openAI.GetProperty("scope_id").GetString().ShouldBe("ci");
        openAI.GetProperty("limit").GetDecimal().ShouldBe(0);
        openAI.GetProperty("resets_at").GetString().ShouldBe("2026-08-01T13:00:00Z");
        JsonElement anthropic = JsonDocument.Parse(AnthropicErrors.Write(error!)).RootElement.GetProperty("error");
        anthropic.GetProperty("type").GetString().ShouldBe("billing_error");
        anthropic.GetProperty("details").GetProperty("spent").GetDecimal().ShouldBe(0);
        JsonElement gemini = JsonDocument.Parse(GeminiErrors.Write(error!)).RootElement.GetProperty("error").GetProperty("details")[0];
        gemini.GetProperty("metadata").GetProperty("needed").GetString()!.ShouldStartWith("0.001");
    }

    [Fact]
    public async Task Two_requests_a_minute_and_four_at_once_let_exactly_two_pass()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Rpm = 2 }));
        (Call Call, ApiError? Error)[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => node.AdmitAsync(key))));
        all.Count(x => x.Error is null).ShouldBe(2);
        ApiError error = all.First(x => x.Error is not null).Error!;
        error.Status.ShouldBe(429);
        error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(60));
        foreach ((Call call, ApiError? refused) in all)
        {
            if (refused is null)
            {
                node.End(call, 0);
            }
        }

        (await node.AdmitAsync(key)).Error.ShouldNotBeNull("the minute is not over");
        _time.Advance(TimeSpan.FromMinutes(1));
        (await node.AdmitAsync(key)).Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_refused_call_burns_nothing_in_any_scope()
    {
        using var node = new Node(_time);
        var team = new Scope(ScopeKind.Team, "t");
        Principal key = Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Rpm = 10, Tpm = 100_000, Parallel = 5 }), new ScopedTerms(team, Node.Budget(0.0005m, Hour)));
        (await node.AdmitAsync(key)).Error!.Limit!.Scope.ShouldBe("team");
        foreach (MeterUnit unit in (MeterUnit[])[MeterUnit.Requests, MeterUnit.Tokens, MeterUnit.Slots])
        {
            node.Read(K, unit).Left.ShouldBe(node.Read(K, unit).Limit, unit.ToString());
        }
    }

    [Fact]
    public async Task Slots_come_back_however_a_call_ends_and_only_once()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Parallel = 1, Rpm = 100, Budgets = [new BudgetTerms(1, null, Hour)] }));
        ApiError[] errors = [new(ErrorKind.ClientGone, 499, ""), new(ErrorKind.Server, 500, ""), new(ErrorKind.Network, 502, "")];
        foreach (ApiError error in errors)
        {
            (Call call, ApiError? none) = await node.AdmitAsync(key);
            none.ShouldBeNull(error.Kind.ToString());
            (await node.AdmitAsync(key)).Error!.Limit!.Unit.ShouldBe("parallel_requests");
            node.End(call, error, attempts: 1);
            call.Reservation!.Dispose();
            node.Read(K, MeterUnit.Slots).Left.ShouldBe(1);
        }

        node.Read(K).Spent.ShouldBe(0);
        node.Read(K).Reserved.ShouldBe(0);
        node.Read(K, MeterUnit.Requests).Spent.ShouldBe(3);
    }

    [Fact]
    public async Task A_call_that_asked_nobody_gives_its_request_back()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Rpm = 1 }));
        (Call call, _) = await node.AdmitAsync(key);
        node.End(call, new ApiError(ErrorKind.Unsupported, 501, ""), attempts: 0);
        (await node.AdmitAsync(key)).Error.ShouldBeNull();
    }

    [Fact]
    public async Task An_aborted_call_with_a_cost_is_booked_at_it()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(1, Hour)));
        (Call call, _) = await node.AdmitAsync(key);
        call.Note(default, new AttemptCost(0.0004m, null, 0.0004m));
        node.End(call, new ApiError(ErrorKind.ClientGone, 499, ""), attempts: 1);
        node.Read(K).Spent.ShouldBe(0.0004m);
    }

    [Fact]
    public async Task After_the_window_a_spent_budget_is_whole_again_and_calls_of_the_old_one_leave_it_alone()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(0.002m, Hour)));
        (Call early, _) = await node.AdmitAsync(key);
        (Call other, _) = await node.AdmitAsync(key);
        node.End(other, 0.001m);
        (await node.AdmitAsync(key)).Error.ShouldNotBeNull();
        _time.Advance(TimeSpan.FromHours(1));
        (Call late, ApiError? none) = await node.AdmitAsync(key);
        none.ShouldBeNull();
        node.End(early, 5m);
        node.Read(K).ShouldBe(new MeterReading(MeterUnit.Usd, 0.002m, 0, 0.001m, _time.GetUtcNow().AddHours(1)));
        node.End(late, 0.001m);
        node.Read(K).Spent.ShouldBe(0.001m);
    }

    [Fact]
    public async Task A_rolling_budget_frees_what_is_out_of_its_window_and_not_before()
    {
        using var node = new Node(_time);
        var window = new BudgetWindow(1, WindowUnit.Hour, null, Rolling: true);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(0.0015m, window)));
        (Call call, _) = await node.AdmitAsync(key);
        node.End(call, 0.001m);
        for (int minute = 0; minute < 60; minute++)
        {
            (await node.AdmitAsync(key)).Error.ShouldNotBeNull($"minute {minute}");
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        (Call again, ApiError? none) = await node.AdmitAsync(key);
        none.ShouldBeNull();
        node.End(again, 0);
    }

    [Fact]
    public async Task A_budget_without_a_window_never_begins_anew()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(0.001m)));
        (Call call, _) = await node.AdmitAsync(key);
        node.End(call, 0.001m);
        _time.Advance(TimeSpan.FromDays(4000));
        ApiError error = (await node.AdmitAsync(key)).Error!;
        error.Limit!.ResetsAt.ShouldBeNull();
    }

    [Fact]
    public async Task Terms_may_change_and_what_was_spent_stays()
    {
        using var node = new Node(_time);
        (Call call, _) = await node.AdmitAsync(Node.Key(K.Id, new ScopedTerms(K, Node.Budget(0.01m, Hour))));
        node.End(call, 0.002m);
        Principal lower = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(0.0025m, Hour)));
        (await node.AdmitAsync(lower)).Error!.Limit!.Spent.ShouldBe(0.002m);
        Principal higher = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(0.02m, Hour)));
        (await node.AdmitAsync(higher)).Error.ShouldBeNull();
    }

    [Fact]
    public async Task No_limit_is_not_zero()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, ScopeTerms.None));
        (Call call, ApiError? error) = await node.AdmitAsync(key, micros: 10_000);
        error.ShouldBeNull();
        call.Reservation.ShouldBeNull();
    }

    [Fact]
    public async Task A_model_of_explicit_zeros_skips_budgets_and_keeps_rates()
    {
        using var node = new Node(_time, price: new Price { Input = 0, Output = 0 });
        Principal key = Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Rpm = 1, Budgets = [new BudgetTerms(0, null, Hour)] }));
        (await node.AdmitAsync(key)).Error.ShouldBeNull();
        (await node.AdmitAsync(key)).Error!.Limit!.Unit.ShouldBe("requests");
    }

    [Fact]
    public async Task An_unknown_price_is_refused_under_a_budget_or_assumed_as_configured()
    {
        Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(1, Hour)));
        using (var strict = new Node(_time, unpriced: true))
        {
            ApiError error = (await strict.AdmitAsync(key)).Error!;
            error.Code.ShouldBe("price_unknown");
            error.Status.ShouldBe(422);
            (await strict.AdmitAsync(Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Rpm = 5 })))).Error.ShouldBeNull();
        }

        using var assuming = new Node(_time, unpriced: true, settings: new BudgetSettings { AssumedPrice = new Price { Input = 3, Output = 3 } });
        (Call call, ApiError? none) = await assuming.AdmitAsync(key);
        none.ShouldBeNull();
        call.Reservation!.Usd.ShouldBe(0.003m);
        call.Attempts = 1;
        call.Served = call.Group.Callables[0];
        CallCost.Note(call, call.Served.Deployment, new Used { Usage = new() { Output = 100 } });
        assuming.Settle(call);
        assuming.Read(K).Spent.ShouldBe(0.0003m);
        CallRecord booked = CallRecord.Of(call, _time);
        booked.BilledPrice.ShouldBe(0.0003m);
        booked.PriceSource.ShouldBe("assumed");
        booked.Estimated.ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_of_unknown_cost_is_booked_at_all_that_was_set_aside_also_when_it_breaks_off(bool broken)
    {
        using var node = new Node(_time, price: new Price { Input = 1m, Output = 1m });
        Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(1, Hour)));
        (Call call, _) = await node.AdmitAsync(key);
        call.Attempts = 1;
        call.Served = call.Group.Callables[0];
        call.Note(new Used { Usage = new() { Output = 1 } }, new AttemptCost(0.0001m, null, 0.0001m));
        call.AddFailure(call.Served.Deployment, new ApiError(ErrorKind.Malformed, 502, ""));
        CallCost.Note(call, call.Served.Deployment, new Used());
        call.Error = broken ? new ApiError(ErrorKind.Network, 502, "") : null;
        node.Settle(call);

        // 0.001 was set aside; a failed attempt of 0.0001 does not hide that the answer's cost is unknown.
        node.Read(K).Spent.ShouldBe(0.001m);
        CallRecord.Of(call, _time).BilledPrice.ShouldBe(0.001m);
    }

    [Fact]
    public async Task A_partly_known_price_is_filled_by_the_assumed_one()
    {
        using var node = new Node(_time, price: new Price { Input = 1m }, settings: new BudgetSettings { AssumedPrice = new Price { Input = 3, Output = 3 } });
        (Call call, ApiError? none) = await node.AdmitAsync(Node.Key(K.Id, new ScopedTerms(K, Node.Budget(1, Hour))));
        none.ShouldBeNull();
        call.Reservation!.Usd.ShouldBe(0.003m);
        call.Attempts = 1;
        CallCost.Note(call, call.Group.Callables[0].Deployment, new Used { Usage = new() { Output = 100 } });
        call.BilledPrice.ShouldBe(0.0003m);
        node.Settle(call);
    }

    [Fact]
    public async Task A_token_limit_of_zero_lets_nothing_pass()
    {
        using var node = new Node(_time);
        (await node.AdmitAsync(Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Tpm = 0 })))).Error!.Limit!.Unit.ShouldBe("tokens");
    }

    [Fact]
    public async Task Asking_by_the_id_of_a_deployment_is_no_way_round_the_limits_of_its_model()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K with { Model = "gpt" }, new ScopeTerms { Rpm = 1 }));
        (Call call, ApiError? none) = await node.AdmitAsync(key, model: "d1");
        none.ShouldBeNull();
        (await node.AdmitAsync(key)).Error!.Limit!.Model.ShouldBe("gpt");
        (await node.AdmitAsync(key, model: "d1")).Error!.Limit!.Model.ShouldBe("gpt");
        node.End(call, 0);
        CallRecord.Of(call, _time).Group.ShouldBe("gpt");
    }

    [Fact]
    public void A_providers_window_counts_in_the_zone_of_the_configuration()
    {
        var router = new RouterSettings { ProviderBudgets = new Dictionary<string, Budget> { ["fake"] = new(1m, TimeSpan.FromDays(1)) }.ToFrozenDictionary() };
        using var node = new Node(_time, settings: new BudgetSettings { Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin") }, router: router);
        node.Read(new Scope(ScopeKind.Provider, "fake")).ResetsAt.ShouldBe(new DateTimeOffset(2026, 8, 1, 22, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_budget_of_the_configuration_holds_for_a_model_group()
    {
        using var node = new Node(_time, router: new RouterSettings { ModelBudgets = new Dictionary<string, Budget> { ["gpt"] = new(0.0015m, TimeSpan.FromDays(1), Rolling: true) }.ToFrozenDictionary() });
        (await node.AdmitAsync(Principal.Master)).Error.ShouldBeNull();
        LimitDetails limit = (await node.AdmitAsync(Principal.Master)).Error!.Limit!;
        limit.ShouldSatisfyAllConditions(x => x.Scope.ShouldBe("model"), x => x.Id.ShouldBe("gpt"), x => x.ResetsAt.ShouldBeNull());
        (await node.AdmitAsync(Principal.Master, model: "other")).Error.ShouldBeNull();
    }

    [Fact]
    public async Task What_answers_without_a_limit_were_like_is_learned_for_key_and_model()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(10, Hour)));
        for (int i = 0; i <= OutputHistogram.Least; i++)
        {
            (Call call, _) = await node.AdmitAsync(key, limited: false);
            call.Reservation!.Usd.ShouldBe(i < OutputHistogram.Least ? 0.001m + (WorstCase.UnknownMaxOutput / 1_000_000m) : 0.001m + 0.000064m);
            node.End(call, 0.0001m, tokens: 60);
        }

        (Call other, _) = await node.AdmitAsync(key, limited: false, model: "other");
        other.Reservation!.Usd.ShouldBeGreaterThan(0.01m);
    }

    [Fact]
    public async Task Only_calls_to_its_model_count_in_a_scope_for_a_model()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K with { Model = "other" }, new ScopeTerms { Rpm = 1 }));
        (await node.AdmitAsync(key)).Error.ShouldBeNull();
        (await node.AdmitAsync(key)).Error.ShouldBeNull();
        (await node.AdmitAsync(key, model: "other")).Error.ShouldBeNull();
        (await node.AdmitAsync(key, model: "other")).Error!.Limit!.Model.ShouldBe("other");
    }

    [Fact]
    public async Task Customers_models_and_tags_are_held_by_the_terms_they_are_given()
    {
        var one = new ScopeTerms { Rpm = 1 };
        using var node = new Node(_time, terms: scope => scope.Id is "c" or "t" || scope == new Scope(ScopeKind.Model, "other") ? [new ScopedTerms(scope, one)] : []);
        foreach ((string kind, Func<Call> call) in new (string, Func<Call>)[] { ("customer", () => node.Begin(Principal.Master, customer: "c")), ("tag", () => node.Begin(Principal.Master, tags: ["t", "u"])), ("model", () => node.Begin(Principal.Master, model: "other")) })
        {
            (await node.AdmitAsync(call())).ShouldBeNull();
            (await node.AdmitAsync(call()))!.Limit!.Scope.ShouldBe(kind);
        }
    }

    [Fact]
    public async Task Budgets_of_the_configuration_hold_for_everything_and_for_tags()
    {
        using (var all = new Node(_time, settings: new BudgetSettings { Everything = new BudgetTerms(0.0015m, null, Hour), ExceededStatus = 400 }))
        {
            (await all.AdmitAsync(Principal.Master)).Error.ShouldBeNull();
            ApiError error = (await all.AdmitAsync(Principal.Master)).Error!;
            error.Status.ShouldBe(400);
            error.Limit!.Scope.ShouldBe("everything");
            error.Limit.Id.ShouldBeNull();
        }

        using var tagged = new Node(_time, router: new RouterSettings { TagBudgets = new Dictionary<string, Budget> { ["team-a"] = new(0.0015m, TimeSpan.FromDays(1)) }.ToFrozenDictionary() });
        (await tagged.AdmitAsync(tagged.Begin(Principal.Master, tags: ["team-a"]))).ShouldBeNull();
        (await tagged.AdmitAsync(tagged.Begin(Principal.Master, tags: ["team-a"])))!.Limit!.Id.ShouldBe("team-a");
        (await tagged.AdmitAsync(tagged.Begin(Principal.Master, tags: ["team-b"]))).ShouldBeNull();
    }

    [Fact]
    public async Task A_soft_limit_refuses_nothing_and_is_told_once_a_window()
    {
        using var node = new Node(_time);
        var told = new List<SoftLimitPassed>();
        node.Book.OnSoftLimitPassed(told.Add);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Budgets = [new BudgetTerms(null, 0.002m, Hour)] }));
        for (int hour = 1; hour <= 2; hour++)
        {
            for (int i = 0; i < 4; i++)
            {
                (Call call, ApiError? error) = await node.AdmitAsync(key);
                error.ShouldBeNull();
                node.End(call, 0.001m);
            }

            told.Count.ShouldBe(hour);
            _time.Advance(TimeSpan.FromHours(1));
        }

        node.Book.Alerts.ShouldBe(told);
        told[0].Spent.ShouldBe(0.002m);
    }

    [Fact]
    public async Task Soft_limits_that_were_passed_hold_until_their_window_ends_or_they_are_changed()
    {
        using var node = new Node(_time);
        DateTimeOffset end = _time.GetUtcNow().AddHours(1);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Budgets = [new BudgetTerms(null, 0.002m, Hour), new BudgetTerms(null, 0.003m, null)] }));
        node.Book.SoftLimitsPassed().ShouldBeEmpty();
        await SpendAsync(key, 2);
        node.Book.SoftLimitsPassed().ShouldBe([new SoftLimitPassed(K, 0.002m, 0.002m, _time.GetUtcNow(), end)]);
        await SpendAsync(key, 2);
        node.Book.SoftLimitsPassed().Select(x => (x.SoftLimit, x.Spent, x.ResetsAt)).ShouldBe([(0.002m, 0.004m, end), (0.003m, 0.004m, (DateTimeOffset?)null)]);

        _time.Advance(TimeSpan.FromHours(1));
        node.Book.SoftLimitsPassed().Single().SoftLimit.ShouldBe(0.003m);
        node.Book.Alerts.Length.ShouldBe(2);

        await SpendAsync(Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Budgets = [new BudgetTerms(null, 10, null)] })), 1);
        node.Book.SoftLimitsPassed().ShouldBeEmpty();

        async Task SpendAsync(Principal caller, int calls)
        {
            for (int i = 0; i < calls; i++)
            {
                (Call call, ApiError? error) = await node.AdmitAsync(caller);
                error.ShouldBeNull();
                node.End(call, 0.001m);
            }
        }
    }

    [Fact]
    public async Task Limits_are_told_by_the_tightest_scope()
    {
        using var node = new Node(_time);
        Principal key = Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Rpm = 100, Budgets = [new BudgetTerms(1, null, Hour)] }), new ScopedTerms(new Scope(ScopeKind.Team, "t"), new ScopeTerms { Rpm = 5, Tpm = 5000 }));
        (Call call, _) = await node.AdmitAsync(key);
        CallerLimits limits = call.Reservation!.Limits();
        limits.ShouldBe(new CallerLimits { Requests = 5, RequestsLeft = 4, Tokens = 5000, TokensLeft = 4000, Reset = 60, KeySpend = 0, KeyBudget = 1, KeyRequests = 100 });
    }

    [Fact]
    public async Task Scopes_that_callers_name_give_way_when_there_are_too_many()
    {
        var one = new ScopeTerms { Rpm = 1 };
        using var node = new Node(_time, terms: scope => scope.Kind == ScopeKind.Customer ? [new ScopedTerms(scope, one)] : [], capacity: 100);
        Call held = node.Begin(Principal.Master, customer: "held");
        (await node.AdmitAsync(held)).ShouldBeNull();
        for (int i = 0; i < 1000; i++)
        {
            Call call = node.Begin(Principal.Master, customer: $"c{i}");
            (await node.AdmitAsync(call)).ShouldBeNull();
            node.End(call, 0);
        }

        Enumerable.Range(0, 1000).Count(i => node.Book.Read(new Scope(ScopeKind.Customer, $"c{i}")) is not null).ShouldBeLessThanOrEqualTo(100);
        node.Book.Read(new Scope(ScopeKind.Customer, "held")).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_scope_that_gave_way_and_comes_back_by_the_same_terms_is_in_the_book_again()
    {
        Dictionary<Scope, ScopedTerms[]> all = [];
        using var node = new Node(_time, terms: Of, capacity: 50);
        var first = new Scope(ScopeKind.Customer, "first");
        await OneAsync("first");
        for (int i = 0; i < 200; i++)
        {
            await OneAsync($"c{i}");
        }

        node.Book.Read(first).ShouldBeNull();
        await OneAsync("first");
        node.Read(first, MeterUnit.Requests).Spent.ShouldBe(1);

        async Task OneAsync(string customer)
        {
            Call call = node.Begin(Principal.Master, customer: customer);
            (await node.AdmitAsync(call)).ShouldBeNull();
            node.End(call, 0);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        ScopedTerms[] Of(Scope scope)
        {
            if (scope.Kind != ScopeKind.Customer)
            {
                return [];
            }

            return all.TryGetValue(scope, out ScopedTerms[]? known) ? known : all[scope] = [new ScopedTerms(scope, new ScopeTerms { Rpm = 10 })];
        }
    }

    [Fact]
    public async Task Soft_limits_of_a_scope_that_are_passed_by_one_call_are_all_told()
    {
        using var node = new Node(_time);
        var told = new List<SoftLimitPassed>();
        node.Book.OnSoftLimitPassed(told.Add);
        (Call call, _) = await node.AdmitAsync(Node.Key(K.Id, new ScopedTerms(K, new ScopeTerms { Budgets = [new BudgetTerms(null, 0.002m, Hour), new BudgetTerms(null, 0.003m, null)] })));
        node.End(call, 0.01m);
        told.Select(x => x.SoftLimit).ShouldBe([0.002m, 0.003m]);
    }
}
