using System.Collections.Immutable;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Upstream;

namespace Interline.Budgets;

/// <summary>
/// Lets calls in within their budgets and limits: sets aside the worst case of the cost, one request, the tokens and a slot in every scope of the call, or in none; and settles
/// them when the call has ended. Mostly without waiting: only what was spent before this node knew of a scope, and leases of other nodes, are waited for, with a limit.
/// Thread-safe.
/// </summary>
public sealed class Admission
{
    private static readonly ApiError Gone = new(ErrorKind.ClientGone, 499, "The client closed the connection.");

    private readonly MeterBook _book;
    private readonly Func<Scope, IReadOnlyList<ScopedTerms>>? _terms;
    private readonly LearnedOutputs _learned = new();

    /// <summary>Over a book of meters.</summary>
    /// <param name="book">The meters.</param>
    /// <param name="terms">Terms of customers, model groups and tags, asked on the way of calls: from memory, at once; null if there are none.</param>
    public Admission(MeterBook book, Func<Scope, IReadOnlyList<ScopedTerms>>? terms = null)
    {
        ArgumentNullException.ThrowIfNull(book);
        _book = book;
        _terms = terms;
    }

    /// <summary>The meters.</summary>
    public MeterBook Book => _book;

    internal long Now => _book.Sources.Now;

    /// <summary>Lets a call in. Afterwards <see cref="Call.Reservation"/> is what was set aside; null if nothing had to be.</summary>
    /// <param name="call">The call, begun and not sent.</param>
    /// <param name="cancel">Cancelled when the client leaves.</param>
    /// <returns>Null, or the error to give; then nothing is set aside.</returns>
    public ValueTask<ApiError?> AdmitAsync(Call call, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(call);
        Reservation? gathered = null;
        Gather(ref gathered, call, call.Group.Model);
        if (gathered is not { } reservation)
        {
            return default;
        }

        bool free = !reservation.HasBudget || IsFree(call.Group.Group);
        if (Measure(call, reservation, ref free) is { } unknown)
        {
            return new ValueTask<ApiError?>(unknown);
        }

        long now = Now;
        Taking taking = reservation.TryTake(now, Settings(call), free, out Meter? stuck);
        if (taking == Taking.Taken)
        {
            call.Reservation = reservation;
            return default;
        }

        return taking is Taking.Short or Taking.Unread
            ? WaitAsync(call, reservation, free, taking, stuck!, cancel)
            : new ValueTask<ApiError?>(Refusal(call, reservation, taking, stuck!, now));
    }

    /// <summary>Books what an ended call has used in its scopes, instead of what was set aside. The second time does nothing.</summary>
    /// <param name="call">The call.</param>
    public void Settle(Call call)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Reservation is not { } reservation)
        {
            return;
        }

        long tokens = Tokens(call);
        bool pretended = call.Options.MockAnswer is not null && call.Attempts == 0;
        if (call.Error is null && call.Usage is { } usage && call.Facts.MaxTokens == 0 && call.Attempts > 0)
        {
            _learned.Add(call.Principal.KeyId ?? "", call.Group.Group.Name, usage.TotalOutput / CallSizes.Answers(call));
        }

        reservation.Settle(call.BilledPrice ?? 0, call.Spent ?? 0, tokens, call.Attempts > 0 || pretended);
    }

    internal static int Status(Call call) => Settings(call).ExceededStatus;

    /// <summary>Most that a call can cost on a deployment; null if its price is not known.</summary>
    internal decimal? Usd(Call call, Deployment deployment, long input) => Usd(CallSizes.Of(call, deployment, input, Learned(call)), call, deployment);

    /// <summary>Most that a call of a size can cost; by the assumed price where the deployment's own does not say.</summary>
    internal static decimal? Usd(in CallSize size, Call call, Deployment deployment) => WorstCase.Usd(size, deployment.Price) ?? WorstCase.Usd(size, Settings(call).AssumedPrice);

    /// <summary>
    /// Before an attempt that was not reckoned with when the call was let in: after another one, or in another group, whose own budgets and limits it joins. What the call has
    /// cost so far and what this attempt can cost must be set aside, or a budget would be passed by retries and fallbacks.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="group">The group it is in.</param>
    /// <param name="target">Who is to be asked.</param>
    /// <param name="cancel">Cancelled when the client leaves.</param>
    /// <param name="underWay">Who is being asked already, and may cost as much as it can; null for nobody.</param>
    /// <returns>Null if it is set aside; else the error to give.</returns>
    internal async ValueTask<ApiError?> RaiseAsync(Call call, CallableGroup group, Callable target, CancellationToken cancel, Callable? underWay = null)
    {
        if (!ReferenceEquals(group, call.Group) && await JoinAsync(call, group, cancel).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        if (call.Reservation is not { HasBudget: true } reservation || call.Lane.CountsTokens)
        {
            return null;
        }

        if (reservation.InputTokens == 0)
        {
            reservation.InputTokens = CallSizes.InputTokens(call);
        }

        if (Usd(call, target.Deployment, reservation.InputTokens) is not { } worst)
        {
            return reservation.HasHardBudget ? LimitErrors.UnknownPrice(call, target.Deployment, Status(call)) : null;
        }

        decimal also = underWay is null ? 0 : Usd(call, underWay.Deployment, reservation.InputTokens) ?? worst;
        decimal more = (call.Spent ?? 0) + also + worst - reservation.Usd;
        return more <= 0 ? null : await RaiseAsync(call, reservation, more, cancel).ConfigureAwait(false);
    }

    private static BudgetSettings Settings(Call call) => call.Snapshot.Terms.Settings;

    private static bool IsFree(ModelGroup group)
    {
        foreach (Deployment deployment in group.Deployments)
        {
            if (!WorstCase.IsFree(deployment.Price))
            {
                return false;
            }
        }

        return true;
    }

    private static long Tokens(Call call)
    {
        long tokens = call.Usage?.Total ?? 0;
        if (call.Failed.Count > 0)
        {
            foreach (FailedAttempt failed in call.Failed)
            {
                tokens += failed.Usage?.Total ?? 0;
            }
        }

        return tokens;
    }

    private long? Learned(Call call) => call.Facts.MaxTokens > 0 ? null : _learned.Of(call.Principal.KeyId ?? "", call.Group.Group.Name);

    /// <summary>The scopes of a call to a model; those that are there already stay.</summary>
    private void Gather(ref Reservation? to, Call call, string model)
    {
        if (call.Snapshot.Terms.Everything is { } everything)
        {
            Add(ref to, everything);
        }

        if (call.Snapshot.Terms.Models.Count > 0 && call.Snapshot.Terms.Models.TryGetValue(model, out ScopedTerms? ofModel))
        {
            Add(ref to, ofModel);
        }

        foreach (ScopedTerms scoped in call.Principal.Scopes)
        {
            if (scoped.Scope.Model is null || scoped.Scope.Model == model)
            {
                Add(ref to, scoped);
            }
        }

        ImmutableArray<string> tags = call.Tags;
        foreach (string tag in tags)
        {
            if (call.Snapshot.Terms.Tags.TryGetValue(tag, out ScopedTerms? configured))
            {
                Add(ref to, configured);
            }
        }

        if (_terms is not null)
        {
            Look(ref to, new Scope(ScopeKind.Model, model), model);
            if (call.Customer is { } customer)
            {
                Look(ref to, new Scope(ScopeKind.Customer, customer), model);
            }

            foreach (string tag in tags)
            {
                if (!call.Snapshot.Terms.Tags.ContainsKey(tag))
                {
                    Look(ref to, new Scope(ScopeKind.Tag, tag), model);
                }
            }
        }
    }

    /// <summary>Joins the scopes that a fallback group has and the call has not met yet.</summary>
    private ValueTask<ApiError?> JoinAsync(Call call, CallableGroup group, CancellationToken cancel)
    {
        Reservation? all = call.Reservation;
        Gather(ref all, call, group.Model);
        if (all is not { HasNew: true })
        {
            return default;
        }

        if (all.HasTokens)
        {
            long input = all.InputTokens = CallSizes.InputTokens(call);
            foreach (Deployment deployment in group.Group.Deployments)
            {
                all.Tokens = Math.Max(all.Tokens, CallSizes.Of(call, deployment, input, Learned(call)).Tokens);
            }
        }

        // What the attempt can cost is set aside afterwards, in all scopes alike.
        bool free = all.Usd == 0;
        long now = Now;
        Taking taking = all.TryTake(now, Settings(call), free, out Meter? stuck);
        if (taking == Taking.Taken)
        {
            call.Reservation = all;
            return default;
        }

        return taking is Taking.Short or Taking.Unread ? WaitAsync(call, all, free, taking, stuck!, cancel) : new ValueTask<ApiError?>(Refusal(call, all, taking, stuck!, now));
    }

    private async ValueTask<ApiError?> RaiseAsync(Call call, Reservation reservation, decimal more, CancellationToken cancel)
    {
        BudgetSettings settings = Settings(call);
        TimeProvider time = _book.Sources.Time;
        long start = time.GetTimestamp();
        bool inTime = true;
        while (true)
        {
            long now = Now;
            Taking taking = reservation.TryRaise(more, now, !settings.BudgetsFailClosed, out CountingMeter<decimal>? stuck);
            if (taking == Taking.Taken)
            {
                return null;
            }

            if (taking == Taking.Lost)
            {
                _book.Counters.CountRefused();
                return LimitErrors.Lost(call, stuck!, now, more);
            }

            if (taking is not (Taking.Short or Taking.Unread) || !inTime)
            {
                return LimitErrors.Of(call, stuck!, now, more, Status(call));
            }

            TimeSpan spent = time.GetElapsedTime(start);
            if (taking == Taking.Unread)
            {
                await LearnAsync(stuck!, settings.HistoryWait - spent, cancel).ConfigureAwait(false);
            }
            else if (!await FillAsync(stuck!, more, settings.LeaseWait - spent, cancel).ConfigureAwait(false))
            {
                inTime = false;
                stuck!.GiveUpFilling(settings.LeaseWait);
            }

            if (cancel.IsCancellationRequested)
            {
                return Gone;
            }
        }
    }

    private void Look(ref Reservation? to, Scope scope, string model)
    {
        IReadOnlyList<ScopedTerms> found = _terms!(scope);
        for (int i = 0; i < found.Count; i++)
        {
            if (found[i].Scope.Model is null || found[i].Scope.Model == model)
            {
                Add(ref to, found[i]);
            }
        }
    }

    private void Add(ref Reservation? to, ScopedTerms terms)
    {
        if (!terms.Terms.IsEmpty)
        {
            (to ??= new Reservation(this)).Add(_book.Of(terms));
        }
    }

    /// <summary>How much is to be set aside. Not free, and a price is unknown while a budget would have to hold: an error.</summary>
    private ApiError? Measure(Call call, Reservation reservation, ref bool free)
    {
        if (free && !reservation.HasTokens)
        {
            return null;
        }

        long input = reservation.InputTokens = CallSizes.InputTokens(call);
        long? learned = Learned(call);
        foreach (Deployment deployment in call.Group.Group.Deployments)
        {
            CallSize size = CallSizes.Of(call, deployment, input, learned);
            reservation.Tokens = Math.Max(reservation.Tokens, size.Tokens);
            if (free)
            {
                continue;
            }

            if (Usd(size, call, deployment) is { } usd)
            {
                reservation.Usd = Math.Max(reservation.Usd, usd);
            }
            else if (reservation.HasHardBudget && !call.Lane.CountsTokens && !Attempts.Mock.Wanted(call.Options))
            {
                return LimitErrors.UnknownPrice(call, deployment, Status(call));
            }
        }

        return null;
    }

    private ApiError Refusal(Call call, Reservation reservation, Taking taking, Meter stuck, long now)
    {
        reservation.Forget();
        decimal needed = stuck.Unit == MeterUnit.Usd ? reservation.Usd : reservation.Pieces(stuck);
        if (taking != Taking.Lost)
        {
            return LimitErrors.Of(call, stuck, now, needed, Status(call));
        }

        _book.Counters.CountRefused();
        return LimitErrors.Lost(call, stuck, now, needed);
    }

    /// <summary>Waits for what is missing, each kind within its limit over the whole call, and tries again.</summary>
    private async ValueTask<ApiError?> WaitAsync(Call call, Reservation reservation, bool free, Taking taking, Meter stuck, CancellationToken cancel)
    {
        BudgetSettings settings = Settings(call);
        TimeProvider time = _book.Sources.Time;
        long start = time.GetTimestamp();
        long leasing = 0;
        while (true)
        {
            TimeSpan limit = taking == Taking.Unread ? settings.HistoryWait - time.GetElapsedTime(start) : settings.LeaseWait - time.GetElapsedTime(leasing == 0 ? leasing = time.GetTimestamp() : leasing);
            bool inTime = true;
            if (taking == Taking.Unread)
            {
                await LearnAsync(stuck, limit, cancel).ConfigureAwait(false);
            }
            else if (!await FillAsync(reservation, stuck, limit, cancel).ConfigureAwait(false))
            {
                inTime = false;
                stuck.GiveUpFilling(settings.LeaseWait);
            }

            if (cancel.IsCancellationRequested)
            {
                reservation.Forget();
                return Gone;
            }

            long now = Now;
            taking = reservation.TryTake(now, settings, free, out Meter? next);
            if (taking == Taking.Taken)
            {
                call.Reservation = reservation;
                return null;
            }

            stuck = next!;
            if (taking is not (Taking.Short or Taking.Unread) || !inTime)
            {
                return Refusal(call, reservation, taking, stuck, now);
            }
        }
    }

    internal static async ValueTask LearnAsync(Meter stuck, TimeSpan limit, CancellationToken cancel)
    {
        if (!await Waiting.InTimeAsync(stuck.LearnAsync(), limit, stuck.Time, cancel).ConfigureAwait(false) && !cancel.IsCancellationRequested)
        {
            stuck.GiveUpLearning();
        }
    }

    /// <summary>Waits until a budget was filled; false if that took too long.</summary>
    internal static async ValueTask<bool> FillAsync(CountingMeter<decimal> budget, decimal usd, TimeSpan limit, CancellationToken cancel)
    {
        budget.Wait(usd);
        bool inTime = await Waiting.InTimeAsync(budget.FillAsync(), limit, budget.Time, cancel).ConfigureAwait(false);
        budget.Leave(usd);
        return inTime;
    }

    private static async ValueTask<bool> FillAsync(Reservation reservation, Meter stuck, TimeSpan limit, CancellationToken cancel)
    {
        if (stuck is CountingMeter<decimal> budget)
        {
            return await FillAsync(budget, reservation.Usd, limit, cancel).ConfigureAwait(false);
        }

        var limited = (CountingMeter<long>)stuck;
        long pieces = reservation.Pieces(stuck);
        limited.Wait(pieces);
        bool filled = await Waiting.InTimeAsync(limited.FillAsync(), limit, stuck.Time, cancel).ConfigureAwait(false);
        limited.Leave(pieces);
        return filled;
    }
}
