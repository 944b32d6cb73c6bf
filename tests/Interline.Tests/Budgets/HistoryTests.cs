using Interline.Accounts;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Budgets;

public class HistoryTests
{
    private static readonly Scope K = new(ScopeKind.Key, "k1");
    private static readonly BudgetWindow Day = new(1, WindowUnit.Day);
    private static readonly Principal Key = Node.Key(K.Id, new ScopedTerms(K, Node.Budget(1.00m, Day)));

    private readonly FakeTime _time = new();
    private readonly FakeHistory _history = new();

    [Fact]
    public async Task A_call_waits_for_what_was_spent_before_and_counts_it()
    {
        _history.Spent = 0.9995m;
        _history.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var node = new Node(_time, history: _history);
        Call call = node.Begin(Key);
        ValueTask<ApiError?> admitting = node.AdmitAsync(call);
        admitting.IsCompleted.ShouldBeFalse();
        _history.Gate.SetResult();
        (await admitting)!.Limit!.Spent.ShouldBe(0.9995m);
        _history.Reads.ShouldBe(1);
        node.Book.Counters.AreZero.ShouldBeTrue();
    }

    [Fact]
    public async Task What_was_read_ahead_is_not_waited_for()
    {
        _history.Spent = 0.5m;
        using var node = new Node(_time, history: _history);
        await node.Book.PreloadAsync(Key.Scopes);
        ValueTask<ApiError?> admitting = node.AdmitAsync(node.Begin(Key));
        admitting.IsCompletedSuccessfully.ShouldBeTrue();
        (await admitting).ShouldBeNull();
        node.Read(K).Spent.ShouldBe(0.5m);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Books_that_cannot_be_read_let_pass_or_refuse_as_configured_and_are_counted(bool closed)
    {
        _history.IsDown = true;
        using var node = new Node(_time, history: _history, settings: new BudgetSettings { BudgetsFailClosed = closed });
        (_, ApiError? error) = await node.AdmitAsync(Key);
        node.Book.Counters.HistoryLost.ShouldBeGreaterThan(0);
        if (closed)
        {
            error!.Status.ShouldBe(503);
            node.Book.Counters.RefusedLost.ShouldBe(1);
        }
        else
        {
            error.ShouldBeNull();
            node.Book.Counters.AdmittedUnread.ShouldBe(1);
        }

        _history.IsDown = false;
        _history.Spent = 1.00m;
        _time.Advance(TimeSpan.FromSeconds(2));
        (await node.AdmitAsync(Key)).Error!.Limit!.Unit.ShouldBe("usd", "the books are back");
    }

    [Fact]
    public async Task Books_that_do_not_answer_are_waited_for_as_long_as_configured_and_by_one_call_only()
    {
        _history.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var node = new Node(_time, history: _history);
        ValueTask<ApiError?> admitting = node.AdmitAsync(node.Begin(Key));
        await _time.TimerWithinAsync(TimeSpan.FromSeconds(2));
        admitting.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));
        (await admitting).ShouldBeNull();
        (await node.AdmitAsync(Key)).Error.ShouldBeNull();
        node.Book.Counters.AdmittedUnread.ShouldBe(2);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_waits_holds_nothing()
    {
        _history.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var node = new Node(_time, history: _history);
        using var client = new CancellationTokenSource();
        Call call = node.Begin(Key);
        ValueTask<ApiError?> admitting = node.AdmitUntilAsync(call, client.Token);
        await client.CancelAsync();
        ApiError error = (await admitting)!;
        error.Kind.ShouldBe(ErrorKind.ClientGone);
        node.End(call, error);
        node.Read(K).Reserved.ShouldBe(0);
    }

    [Fact]
    public async Task A_window_that_begins_under_the_nodes_eyes_is_not_asked_about()
    {
        _history.Spent = 1.00m;
        using var node = new Node(_time, history: _history);
        (await node.AdmitAsync(Key)).Error.ShouldNotBeNull();
        _time.Advance(TimeSpan.FromDays(1));
        (await node.AdmitAsync(Key)).Error.ShouldBeNull();
        _history.Reads.ShouldBe(1);
    }

    [Fact]
    public async Task A_rolling_window_reads_its_pieces_and_forgets_them_in_time()
    {
        _history.Spent = 0.1m;
        var rolling = new BudgetWindow(1, WindowUnit.Hour, null, Rolling: true);
        Principal key = Node.Key("k2", new ScopedTerms(K with { Id = "k2" }, Node.Budget(1.00m, rolling)));
        using var node = new Node(_time, history: _history);
        (await node.AdmitAsync(key)).Error.ShouldNotBeNull();
        node.Read(K with { Id = "k2" }).Spent.ShouldBe(_history.Reads * 0.1m);
        _time.Advance(TimeSpan.FromMinutes(66));
        (await node.AdmitAsync(key)).Error.ShouldBeNull();
        node.Read(K with { Id = "k2" }).Spent.ShouldBe(0);
    }
}
