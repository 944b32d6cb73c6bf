using System.Diagnostics;
using Interline.Accounts;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Testing;

namespace Interline.Tests.Accounts;

/// <summary>Keys found in memory, and the book that follows its store.</summary>
public sealed class AccountBookTests : IDisposable
{
    private const string Key = "sk-a-key-of-the-tests-0001";

    private readonly FakeTime _time = new();
    private readonly FaultyStore _store = new();
    private readonly AccountBook _book;

    public AccountBookTests() => _book = NewBook();

    public void Dispose() => _book.Dispose();

    [Fact]
    public async Task A_key_stands_for_its_team_its_user_and_their_terms()
    {
        await AddAsync("budget", "free", """{"max_budget":1,"budget_duration":"1d"}""");
        await AddAsync("team", "t", """{"models":["a","b/*"],"rpm_limit":5,"tags":["team-tag"],"team_member_budget":3,"team_member_budget_duration":"1mo","members_with_roles":[{"user_id":"u","role":"admin"}]}""");
        await AddAsync("user", "u", """{"user_role":"internal_user","max_parallel_requests":2}""");
        await AddKeyAsync(""","team_id":"t","user_id":"u","budget_id":"free","tags":["k"],"model_max_budget":{"a":{"budget_limit":2,"time_period":"1w"}},"model_tpm_limit":{"c":7},"budget_limits":[{"budget_duration":"1h","max_budget":0.5}]""");
        Principal who = _book.Find(Key).Principal!;
        who.Role.ShouldBe(Role.TeamAdmin);
        who.AdminOf.ShouldBe(["t"]);
        who.Tags.ShouldBe(["k", "team-tag"]);
        who.Models!.Allows("b/x", "b/x").ShouldBeTrue();
        who.Models.Allows("c", "c").ShouldBeFalse();
        Dictionary<Scope, ScopeTerms> terms = who.Scopes.ToDictionary(x => x.Scope, x => x.Terms);
        string id = who.KeyId!;
        terms[new(ScopeKind.Key, id)].Budgets.ShouldBe([new(1, null, new(1, WindowUnit.Day)), new(0.5m, null, new(1, WindowUnit.Hour))]);
        terms[new(ScopeKind.Key, id, "a")].Budgets.ShouldBe([new(2, null, new(1, WindowUnit.Week))]);
        terms[new(ScopeKind.Key, id, "c")].Tpm.ShouldBe(7);
        terms[new(ScopeKind.Team, "t")].Rpm.ShouldBe(5);
        terms[new(ScopeKind.TeamMember, "t/u")].Budgets.ShouldBe([new(3, null, new(1, WindowUnit.Month))]);
        terms[new(ScopeKind.User, "u")].Parallel.ShouldBe(2);
        terms.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Windows_count_in_the_zone_of_the_configuration_and_roll_where_that_is_asked()
    {
        await AddKeyAsync(""","max_budget":1,"budget_duration":"1d","budget_limits":[{"budget_duration":"rolling 30d","max_budget":0.5}]""");
        TimeZoneInfo berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        _book.Find(Key).Principal!.Scopes.Single().Terms.Budgets[0].Window!.Zone.ShouldBeNull();
        _book.Zone = berlin;
        _book.Find(Key).Principal!.Scopes.Single().Terms.Budgets.ShouldBe([new(1, null, new(1, WindowUnit.Day, berlin)), new(0.5m, null, new(30, WindowUnit.Day, berlin, Rolling: true))]);
    }

    [Fact]
    public async Task A_change_of_the_team_holds_for_the_next_call()
    {
        await AddAsync("team", "t", """{"rpm_limit":5}""");
        await AddKeyAsync(""","team_id":"t" """);
        _book.Find(Key).Principal!.Scopes.Single().Terms.Rpm.ShouldBe(5);
        await AddAsync("team", "t", """{"rpm_limit":6}""");
        _book.Find(Key).Principal!.Scopes.Single().Terms.Rpm.ShouldBe(6);
        await AddAsync("team", "t", """{"blocked":true}""");
        _book.Find(Key).Refusal!.Code.ShouldBe("team_blocked");
        await AddAsync("team", "t", null);
        _book.Find(Key).Refusal!.Code.ShouldBe("team_not_found");
    }

    [Fact]
    public async Task What_a_connection_remembers_of_keys_lets_nobody_in_for_another()
    {
        const string Other = Key + "2";
        var last = new LastKey();
        await AddAsync("team", "t", "{}");
        await AddKeyAsync(""","team_id":"t" """);
        string id = _book.Find(Key, last).Principal!.KeyId!;
        _book.Find(Other, last).IsUnknown.ShouldBeTrue();
        _book.Find(Key.AsSpan(..^1), last).IsUnknown.ShouldBeTrue();
        _book.Find("", last).IsUnknown.ShouldBeTrue();
        _book.Find(Key, last).Principal!.KeyId.ShouldBe(id);
        await AddAsync("team", "t", """{"blocked":true}""");
        _book.Find(Key, last).Refusal!.Code.ShouldBe("team_blocked");
    }

    [Fact]
    public async Task A_key_ends_at_its_time_and_not_before()
    {
        await AddKeyAsync($$""","expires":"{{_time.GetUtcNow().AddHours(1):O}}" """);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        _book.Find(Key).Principal.ShouldNotBeNull();
        _time.Advance(TimeSpan.FromTicks(1));
        (_book.Find(Key).Refusal!.Status, _book.Find(Key).Refusal!.Type).ShouldBe((401, "expired_key"));
    }

    [Fact]
    public async Task A_rotated_key_is_valid_for_its_grace_and_stands_for_the_same()
    {
        const string Next = "sk-a-key-of-the-tests-0002";
        string id = await AddKeyAsync("");
        string until = _time.GetUtcNow().AddMinutes(5).ToString("O");
        await AddAsync("key", id, $$"""{"digest":"{{Digest(Next)}}","earlier_digests":[{"digest":"{{Digest(Key)}}","until":"{{until}}"}]}""");
        _book.Find(Key).Principal!.KeyId.ShouldBe(id);
        _book.Find(Next).Principal!.KeyId.ShouldBe(id);
        _time.Advance(TimeSpan.FromMinutes(5));
        _book.Find(Key).Refusal!.Type.ShouldBe("expired_key");
        _book.Find(Next).Principal.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_passing_increase_of_a_budget_passes()
    {
        await AddKeyAsync($$""","max_budget":10,"temp_budget_increase":5,"temp_budget_expiry":"{{_time.GetUtcNow().AddHours(1):O}}" """);
        _book.Find(Key).Principal!.Scopes.Single().Terms.Budgets.Single().Limit.ShouldBe(15);
        _time.Advance(TimeSpan.FromHours(1));
        _book.Find(Key).Principal!.Scopes.Single().Terms.Budgets.Single().Limit.ShouldBe(10);
    }

    [Fact]
    public async Task A_key_of_another_node_is_found_by_looking_again()
    {
        await _book.StartAsync(CancellationToken.None);
        using AccountBook other = NewBook();
        await WriteAsync(other, "key", Digest(Key), $$"""{"digest":"{{Digest(Key)}}"}""");
        _book.Find(Key).IsUnknown.ShouldBeTrue();
        (await _book.FindAgainAsync(Key)).Principal.ShouldNotBeNull();
    }

    [Fact]
    public async Task However_many_unknown_keys_come_the_store_is_read_five_times_a_second()
    {
        await _book.StartAsync(CancellationToken.None);
        int before = _store.Reads;

        // Held, so that none of the hundred comes after the answer to the others.
        _store.Gate = new TaskCompletionSource();
        Task<KeyFinding>[] first = [.. Enumerable.Range(0, 100).Select(i => _book.FindAgainAsync($"sk-unknown-{i}").AsTask())];
        _store.Gate.SetResult();
        (await Task.WhenAll(first)).ShouldAllBe(x => x.Principal == null && x.Refusal!.Type == "token_not_found_in_db");
        _store.Reads.ShouldBe(before + 1);
        Task<KeyFinding>[] second = [.. Enumerable.Range(0, 100).Select(i => _book.FindAgainAsync($"sk-unknown-{i}").AsTask())];
        await _time.TimerWithinAsync(TimeSpan.FromMilliseconds(200));
        second.ShouldAllBe(x => !x.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await Task.WhenAll(second);
        _store.Reads.ShouldBe(before + 2);
    }

    [Fact]
    public async Task A_store_that_hangs_holds_an_unknown_key_for_a_second_and_a_known_one_not_at_all()
    {
        await AddKeyAsync("");
        await _book.StartAsync(CancellationToken.None);
        _store.Gate = new TaskCompletionSource();
        Task<KeyFinding> unknown = _book.FindAgainAsync("sk-unknown").AsTask();
        _book.Find(Key).Principal.ShouldNotBeNull();
        await _time.TimerWithinAsync(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        (await unknown).Principal.ShouldBeNull();
        _store.Gate.SetResult();
    }

    [Fact]
    public async Task A_store_that_fails_leaves_what_is_known_and_is_told()
    {
        _book.IsBehind.ShouldBeTrue();
        await AddKeyAsync("");
        await _book.StartAsync(CancellationToken.None);
        (_book.IsBehind, _book.LastSync).ShouldBe((false, _time.GetUtcNow()));
        DateTimeOffset? before = _book.LastSync;
        _store.Fails = true;
        _time.Advance(TimeSpan.FromMinutes(1));
        (await _book.SyncAsync(CancellationToken.None)).ShouldBeFalse();
        _book.IsBehind.ShouldBeTrue();
        _book.LastSync.ShouldBe(before);
        _book.Find(Key).Principal.ShouldNotBeNull();
        _store.Fails = false;
        (await _book.SyncAsync(CancellationToken.None)).ShouldBeTrue();
        _book.IsBehind.ShouldBeFalse();
    }

    [Fact]
    public async Task A_book_that_starts_reads_more_than_a_page_and_follows_deletions()
    {
        for (int i = 0; i < 2500; i++)
        {
            await _store.WriteAsync([new("key", Digest($"sk-many-keys-{i}"), $$"""{"digest":"{{Digest($"sk-many-keys-{i}")}}"}""", null)], CancellationToken.None);
        }

        await _book.StartAsync(CancellationToken.None);
        _book.Keys.Count().ShouldBe(2500);
        await _store.WriteAsync([new("key", Digest("sk-many-keys-7"), null, null)], CancellationToken.None);
        await _book.SyncAsync(CancellationToken.None);
        _book.Keys.Count().ShouldBe(2499);
        _book.Find("sk-many-keys-7").IsUnknown.ShouldBeTrue();
        _book.Find("sk-many-keys-8").Principal.ShouldNotBeNull();
    }

    [Fact]
    public async Task What_this_node_wrote_does_not_hide_what_another_wrote_before()
    {
        await _book.StartAsync(CancellationToken.None);
        await _store.WriteAsync([new("team", "of-another", "{}", null)], CancellationToken.None);
        await AddAsync("team", "own", "{}");
        await _book.SyncAsync(CancellationToken.None);
        _book.All("team").Select(x => x.Id).Order().ShouldBe(["of-another", "own"]);
    }

    [Fact]
    public async Task A_change_from_an_old_state_is_refused_and_the_new_state_known()
    {
        await AddAsync("team", "t", """{"rpm_limit":1}""");
        long old = _book.Find("team", "t")!.Revision;
        await _store.WriteAsync([new("team", "t", """{"rpm_limit":2}""", null)], CancellationToken.None);
        (await _book.WriteAsync([new("team", "t", """{"rpm_limit":3}""", old)], CancellationToken.None)).ShouldBeNull();
        _book.Find("team", "t")!.Document.ShouldBe("""{"rpm_limit":2}""");
    }

    [Fact]
    public async Task Customers_have_their_own_terms_or_those_of_all_the_others()
    {
        await AddAsync("budget", "everybody", """{"max_budget":2}""");
        await AddAsync("customer", "own", """{"max_budget":9}""");
        await AddAsync("customer", "bad", """{"blocked":true}""");
        _book.FindCustomer("nobody").ShouldBe(CustomerFinding.Nothing);
        _book.DefaultCustomerBudget = "everybody";
        _book.FindCustomer("nobody").Terms.Single().Scope.ShouldBe(new Scope(ScopeKind.Customer, "nobody"));
        _book.FindCustomer("nobody").Terms.Single().Terms.Budgets.Single().Limit.ShouldBe(2);
        _book.FindCustomer("own").Terms.Single().Terms.Budgets.Single().Limit.ShouldBe(9);
        _book.FindCustomer("bad").Refusal!.Status.ShouldBe(403);

        _book.FindCustomer("own").Terms.Single().ShouldBeSameAs(_book.FindCustomer("own").Terms.Single());
        await AddAsync("budget", "everybody", """{"max_budget":3}""");
        _book.FindCustomer("nobody").Terms.Single().Terms.Budgets.Single().Limit.ShouldBe(3);
        await AddAsync("customer", "bad", null);
        _book.FindCustomer("bad").Refusal.ShouldBeNull();
        for (int i = 0; i < 25_000; i++)
        {
            _book.FindCustomer($"one-of-many-{i}").Terms.Count.ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_tag_with_terms_has_them_until_they_are_taken_away()
    {
        _book.FindTag("t").ShouldBeEmpty();
        await AddAsync("tag", "t", """{"max_budget":3,"rpm_limit":2}""");
        _book.FindTag("t").Single().Scope.ShouldBe(new Scope(ScopeKind.Tag, "t"));
        _book.FindTag("t").Single().Terms.Rpm.ShouldBe(2);
        await AddAsync("tag", "t", null);
        _book.FindTag("t").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_lets_nobody_in()
    {
        await AddKeyAsync(""","max_budget":"much" """, "sk-a-key-that-is-broken");
        _book.Find("sk-a-key-that-is-broken").Principal.ShouldBeNull();
    }

    [Fact]
    public async Task Another_installation_finds_nothing_with_the_same_rows()
    {
        await AddKeyAsync("");
        using var other = new AccountBook(_store, new Secret("another secret"), _time);
        await other.StartAsync(CancellationToken.None);
        other.Find(Key).IsUnknown.ShouldBeTrue();
        foreach (string never in (string[])["", new string('x', 10_000), "\ud800", Key + "\0"])
        {
            _book.Find(never).IsUnknown.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Scopes_with_budgets_are_named_once_each()
    {
        await AddAsync("team", "t", """{"max_budget":5}""");
        await AddAsync("user", "u", """{"rpm_limit":5}""");
        string id = await AddKeyAsync(""","team_id":"t","user_id":"u","max_budget":1 """);
        await AddKeyAsync(""","team_id":"t" """, "sk-a-key-of-the-tests-0002");
        await AddKeyAsync(""","max_budget":1,"blocked":true """, "sk-a-key-of-the-tests-0003");
        _book.BudgetedScopes().Select(x => x.Scope).ShouldBe([new(ScopeKind.Key, id), new(ScopeKind.Team, "t")], ignoreOrder: true);
    }

    [Fact]
    public async Task A_key_outlives_a_change_of_the_secret()
    {
        string id = await AddKeyAsync(""","max_budget":5 """);
        using (var changed = new AccountBook(_store, new Secret("a new secret"), _time, [new Secret("another one"), new Secret("a secret of the tests")]))
        {
            await changed.StartAsync(CancellationToken.None);
            changed.Find(Key).Principal!.KeyId.ShouldBe(id);
            changed.Find("sk-not-a-key-of-the-tests").IsUnknown.ShouldBeTrue();
            await UntilAsync(() => Keeps(changed, id));
            changed.Find(Key).Principal!.Scopes.Single().Terms.Budgets.Single().Limit.ShouldBe(5);
        }

        // With either secret alone it is the same key: nodes change one after another, and the old secret goes.
        foreach (string secret in (string[])["a new secret", "a secret of the tests"])
        {
            using var alone = new AccountBook(_store, new Secret(secret), _time);
            await alone.StartAsync(CancellationToken.None);
            alone.Find(Key).Principal!.KeyId.ShouldBe(id);
        }
    }

    [Fact]
    public async Task A_rotated_key_does_not_outlive_its_grace_by_a_change_of_the_secret()
    {
        const string Next = "sk-a-key-of-the-tests-0002";
        string id = await AddKeyAsync("");
        await AddAsync("key", id, $$"""{"digest":"{{Digest(Next)}}","earlier_digests":[{"digest":"{{Digest(Key)}}","until":"{{_time.GetUtcNow().AddMinutes(5):O}}"}]}""");
        using var changed = new AccountBook(_store, new Secret("a new secret"), _time, [new Secret("a secret of the tests")]);
        await changed.StartAsync(CancellationToken.None);
        changed.Find(Key).Principal!.KeyId.ShouldBe(id);
        await UntilAsync(() => Keeps(changed, id));
        _time.Advance(TimeSpan.FromMinutes(5));
        changed.Find(Key).Refusal!.Type.ShouldBe("expired_key");
        changed.Find(Next).Principal.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_store_that_is_away_keeps_no_key_from_calling_and_is_not_asked_at_every_call()
    {
        string id = await AddKeyAsync("");
        using var changed = new AccountBook(_store, new Secret("a new secret"), _time, [new Secret("a secret of the tests")]);
        await changed.StartAsync(CancellationToken.None);
        _store.Fails = true;
        changed.Find(Key).Principal.ShouldNotBeNull();
        await UntilAsync(() => _store.Writes == 2);
        _store.Fails = false;
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            changed.Find(Key).Principal.ShouldNotBeNull();
            return Keeps(changed, id);
        });
        _store.Writes.ShouldBe(3);
    }

    [Fact]
    public async Task Finding_a_known_key_allocates_nothing()
    {
        await AddKeyAsync(""","max_budget":5 """);
        _book.Find(Key).Principal.ShouldNotBeNull();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _ = _book.Find(Key);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100);
    }

    private static bool Keeps(AccountBook book, string id) => book.FindKey(id)!.Row.Document!.Contains(book.Hasher.Hash(Key)!.Value.ToString(), StringComparison.Ordinal);

    private static async Task UntilAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(30), "What was waited for did not come.");
            await Task.Delay(1);
        }
    }

    private AccountBook NewBook() => new(_store, new Secret("a secret of the tests"), _time);

    private string Digest(string key) => _book.Hasher.Hash(key)!.Value.ToString();

    private async Task<string> AddKeyAsync(string more, string key = Key)
    {
        await AddAsync("key", Digest(key), $$"""{"digest":"{{Digest(key)}}"{{more}}}""");
        return Digest(key);
    }

    private Task AddAsync(string kind, string id, string? document) => WriteAsync(_book, kind, id, document);

    private static async Task WriteAsync(AccountBook book, string kind, string id, string? document) =>
        (await book.WriteAsync([new(kind, id, document, null)], CancellationToken.None)).ShouldNotBeNull();

    private sealed class FaultyStore : IAccountStore
    {
        private readonly InMemoryAccountStore _inner = new();
        private int _reads;

        public bool Fails { get; set; }

        public TaskCompletionSource? Gate { get; set; }

        public int Reads => _reads;

        public async ValueTask<IReadOnlyList<AccountRow>> ReadAsync(long after, int most, CancellationToken cancel)
        {
            Interlocked.Increment(ref _reads);
            if (Gate is { } gate)
            {
                await gate.Task;
            }

            return Fails ? throw new IOException("the database is away") : await _inner.ReadAsync(after, most, cancel);
        }

        public int Writes { get; private set; }

        public ValueTask<IReadOnlyList<AccountRow>?> WriteAsync(IReadOnlyList<AccountChange> changes, CancellationToken cancel)
        {
            Writes++;
            return Fails ? throw new IOException("the database is away") : _inner.WriteAsync(changes, cancel);
        }

        public void OnChanged(Action changed) => _inner.OnChanged(changed);
    }
}
