using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Interline.Accounts.Documents;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Protocols.Errors;

namespace Interline.Accounts;

/// <summary>What came of looking a key up.</summary>
/// <param name="Principal">Who calls; null if the key is refused.</param>
/// <param name="Refusal">Why it is refused; null if it is not.</param>
/// <param name="IsUnknown">Whether nobody knows the key; one made on another node a moment ago may be known soon (<see cref="AccountBook.FindAgainAsync"/>).</param>
public readonly record struct KeyFinding(Principal? Principal, ApiError? Refusal, bool IsUnknown = false);

/// <summary>
/// All accounts, in memory, so that no call waits for a database: about 2 KB for each key. It follows an <see cref="IAccountStore"/>; while that fails it goes on with
/// what it knows. Thread-safe.
/// </summary>
public sealed partial class AccountBook : IDisposable
{
    /// <summary>Customers and tags whose terms are kept ready.</summary>
    private const int MostKept = 10_000;

    private readonly IAccountStore _store;
    private readonly TimeProvider _time;
    private readonly KeyHasher _hasher;
    private readonly PrincipalReader _principals;
    private readonly ConcurrentDictionary<KeyDigest, KeySlot> _digests = new();
    private readonly ConcurrentDictionary<string, KeyEntry> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Kind, string Id), AccountRow> _rows = new();
    private readonly ConcurrentDictionary<(string Kind, string Id), KeptTerms> _kept = new();
    private readonly Lock _lock = new();
    private int _keptCount;
    private Action? _modelsChanged;
    private long _generation;
    private long _termsGeneration;

    /// <summary>Over a store; empty until <see cref="StartAsync"/>.</summary>
    /// <param name="store">Where accounts are kept.</param>
    /// <param name="secret">The installation's secret, the same on every node: keys are found by digests made with it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="earlier">Secrets it had before: keys kept under them are found too, and are kept under the current one from then on.</param>
    public AccountBook(IAccountStore store, Secret secret, TimeProvider time, IReadOnlyList<Secret>? earlier = null)
    {
        _store = store;
        _time = time;
        _hasher = new KeyHasher(secret);
        _earlierHashers = [.. (earlier ?? []).Select(static x => new KeyHasher(x))];
        _principals = new PrincipalReader(this);
        _timer = time.CreateTimer(_ => SyncInBackground(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Budget of customers that have no document; null for none. LiteLLM's <c>max_end_user_budget_id</c>.</summary>
    public string? DefaultCustomerBudget
    {
        get;
        set
        {
            field = value;
            Interlocked.Increment(ref _termsGeneration);
        }
    }

    /// <summary>Zone whose days and months budgets of accounts count; null is UTC. LiteLLM's <c>timezone</c>.</summary>
    public TimeZoneInfo? Zone
    {
        get;
        set
        {
            field = value;
            Interlocked.Increment(ref _generation);
            Interlocked.Increment(ref _termsGeneration);
        }
    }

    /// <summary>Makes the digest keys are kept by.</summary>
    public KeyHasher Hasher => _hasher;

    /// <summary>Keys that are known.</summary>
    public IEnumerable<KeyEntry> Keys => _keys.Values.Where(static x => x.Row.Document is not null);

    /// <summary>Finds who calls with a key. Waits for nothing.</summary>
    /// <param name="key">The key as it was sent.</param>
    /// <param name="last">What came last on the same connection; null if that is not known.</param>
    public KeyFinding Find(ReadOnlySpan<char> key, LastKey? last = null)
    {
        if (!TryFind(key, last, out KeySlot slot))
        {
            return new(null, AccountErrors.UnknownKey, IsUnknown: true);
        }

        DateTimeOffset now = _time.GetUtcNow();
        if (slot.Until <= now.UtcTicks)
        {
            return new(null, AccountErrors.Expired(new DateTimeOffset(slot.Until, TimeSpan.Zero)));
        }

        // Read before the documents are: a change in between makes it anew at the next call.
        long generation = Volatile.Read(ref _generation);
        PreparedKey? prepared = slot.Entry.Prepared;
        if (prepared is null || prepared.Generation != generation || prepared.Until <= now.UtcTicks)
        {
            slot.Entry.Prepared = prepared = _principals.Prepare(slot.Entry.Row, generation, now);
        }

        return new(prepared.Principal, prepared.Refusal);
    }

    /// <summary>A key by its id; null if there is none.</summary>
    /// <param name="id">Its id.</param>
    public KeyEntry? FindKey(string id) => _keys.TryGetValue(id, out KeyEntry? entry) && entry.Row.Document is not null ? entry : null;

    /// <summary>A key by what callers send; null if there is none. Earlier keys of a rotation count too.</summary>
    /// <param name="key">The key.</param>
    public KeyEntry? FindKeyByText(string key) => TryFind(key, null, out KeySlot slot) ? slot.Entry : null;

    /// <summary>An account's row; null if there is none, or it was deleted.</summary>
    /// <param name="kind">Kind, but for keys.</param>
    /// <param name="id">Id.</param>
    public AccountRow? Find(string kind, string id) =>
        kind == AccountKinds.Key ? FindKey(id)?.Row
        : _rows.TryGetValue((kind, id), out AccountRow? row) && row.Document is not null ? row : null;

    /// <summary>Rows of a kind, but for keys, in no order.</summary>
    /// <param name="kind">Kind.</param>
    public IEnumerable<AccountRow> All(string kind) => _rows.Where(x => x.Key.Kind == kind && x.Value.Document is not null).Select(static x => x.Value);

    /// <summary>An account's document; null if there is none, or it cannot be read.</summary>
    /// <typeparam name="T">Type of the document.</typeparam>
    /// <param name="kind">Kind.</param>
    /// <param name="id">Id.</param>
    /// <param name="type">How it is read.</param>
    public T? Read<T>(string kind, string id, JsonTypeInfo<T> type)
        where T : class => Find(kind, id) is { } row ? PrincipalReader.Document(row, type) : null;

    /// <summary>Teams a user is a member of.</summary>
    /// <param name="userId">User.</param>
    /// <param name="adminOnly">Only those it is an admin of.</param>
    public IEnumerable<string> TeamsOf(string userId, bool adminOnly = false) =>
        Members.TryGetValue(userId, out List<(string Team, bool Admin)>? teams) ? teams.Where(x => x.Admin || !adminOnly).Select(static x => x.Team) : [];

    /// <summary>What a customer's calls count for, and whether they are refused. Made once for each and kept until something changes.</summary>
    /// <param name="id">Customer as the caller named it.</param>
    public CustomerFinding FindCustomer(string id) =>
        Find(AccountKinds.Customer, id) is null && DefaultCustomerBudget is null ? CustomerFinding.Nothing : Kept(AccountKinds.Customer, id).Finding;

    /// <summary>Terms of a tag; empty if it has none.</summary>
    /// <param name="tag">The tag.</param>
    public IReadOnlyList<ScopedTerms> FindTag(string tag) => Find(AccountKinds.Tag, tag) is null ? [] : Kept(AccountKinds.Tag, tag).Finding.Terms;

    /// <summary>Terms of a scope that callers name: of a customer or a tag; empty for all others.</summary>
    /// <param name="scope">The scope.</param>
    public IReadOnlyList<ScopedTerms> TermsOf(Scope scope) => scope.Kind switch
    {
        ScopeKind.Customer => FindCustomer(scope.Id).Terms,
        ScopeKind.Tag => FindTag(scope.Id),
        _ => [],
    };

    /// <summary>Scopes of keys, teams and users that have budgets: whose spend is worth reading before the first call asks. Keys are prepared as a call would.</summary>
    public IEnumerable<ScopedTerms> BudgetedScopes()
    {
        var told = new HashSet<Scope>();
        DateTimeOffset now = _time.GetUtcNow();
        foreach (KeyEntry key in Keys)
        {
            foreach (ScopedTerms scoped in _principals.Prepare(key.Row, Volatile.Read(ref _generation), now).Principal?.Scopes ?? [])
            {
                if (!scoped.Terms.Budgets.IsEmpty && told.Add(scoped.Scope))
                {
                    yield return scoped;
                }
            }
        }
    }

    /// <summary>Asks to be called back, on any thread, when a deployment of run time, or a credential they can name, came, changed or went.</summary>
    /// <param name="changed">What to call; must not block.</param>
    public void OnModelsChanged(Action changed) => _modelsChanged += changed;

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    internal BudgetDocument? Template(AccountTerms own) => own.BudgetId is { } id ? Read(AccountKinds.Budget, id, AccountJson.Default.BudgetDocument) : null;

    private KeptTerms Kept(string kind, string id)
    {
        DateTimeOffset now = _time.GetUtcNow();
        long generation = Volatile.Read(ref _termsGeneration);
        if (_kept.TryGetValue((kind, id), out KeptTerms? known) && known.Generation == generation && known.Until > now.UtcTicks)
        {
            return known;
        }

        if (known is null && Interlocked.Increment(ref _keptCount) > MostKept)
        {
            // Callers choose the names. Forgetting all is seldom and costs each its terms once.
            _kept.Clear();
            Interlocked.Exchange(ref _keptCount, 1);
        }

        return _kept[(kind, id)] = kind == AccountKinds.Customer ? Customer(id, generation, now) : Tag(id, generation, now);
    }

    private KeptTerms Customer(string id, long generation, DateTimeOffset now)
    {
        CustomerDocument? customer = Read(AccountKinds.Customer, id, AccountJson.Default.CustomerDocument);
        return customer?.Blocked == true
            ? new(new([], AccountErrors.CustomerBlocked), generation, long.MaxValue)
            : TermsOf(new(ScopeKind.Customer, id), customer ?? new(), customer?.BudgetId ?? (customer?.MaxBudget is null ? DefaultCustomerBudget : null), generation, now);
    }

    private KeptTerms Tag(string id, long generation, DateTimeOffset now)
    {
        TagDocument tag = Read(AccountKinds.Tag, id, AccountJson.Default.TagDocument) ?? new();
        return TermsOf(new(ScopeKind.Tag, id), tag, tag.BudgetId, generation, now);
    }

    private KeptTerms TermsOf(Scope scope, AccountTerms own, string? budget, long generation, DateTimeOffset now)
    {
        ImmutableArray<ScopedTerms>.Builder terms = ImmutableArray.CreateBuilder<ScopedTerms>();
        DateTimeOffset until = DateTimeOffset.MaxValue;
        BudgetDocument? template = budget is null ? null : Read(AccountKinds.Budget, budget, AccountJson.Default.BudgetDocument);
        TermsReader.Add(terms, scope, own, template, Zone, now, ref until);
        return new(new(terms.ToImmutable(), null), generation, until.UtcTicks);
    }

    private sealed record KeptTerms(CustomerFinding Finding, long Generation, long Until);

    private readonly record struct KeySlot(KeyEntry Entry, long Until);
}

/// <summary>What is known of a customer.</summary>
/// <param name="Terms">What its calls count for.</param>
/// <param name="Refusal">Why they are refused; null if they are not.</param>
public readonly record struct CustomerFinding(IReadOnlyList<ScopedTerms> Terms, ApiError? Refusal)
{
    /// <summary>No terms.</summary>
    public static CustomerFinding Nothing { get; } = new([], null);
}
