using System.Collections.Immutable;
using Interline.Accounts;
using Interline.Core.Routing;
using Interline.Decisions;
using Interline.Ledger;
using Interline.Protocols;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Queues;
using Interline.Translation;
using Interline.Upstream;

namespace Interline.Calls;

/// <summary>One call from its request to its settlement. Filled by the stages in turn; used by one thread at a time.</summary>
public sealed class Call
{
    /// <summary>Call number on this node, from <see cref="CallIds"/>.</summary>
    public required long Number { get; init; }

    /// <summary>Id given to the caller.</summary>
    public required string Id { get; init; }

    /// <summary>Seed of all its decisions.</summary>
    public required ulong Seed { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Clock timestamp of <see cref="StartedAt"/>.</summary>
    public required long StartTimestamp { get; init; }

    /// <summary>Wire format or operation.</summary>
    public required Lane Lane { get; init; }

    /// <summary>The request body.</summary>
    public required PooledBody Body { get; init; }

    /// <summary>What the peek found.</summary>
    public required RequestFacts Facts { get; init; }

    /// <summary>Content type of the request where it matters upstream (multipart), else null for JSON.</summary>
    public string? ContentType { get; init; }

    /// <summary>The configuration it is routed by, for its whole life.</summary>
    public required ActiveSnapshot Snapshot { get; init; }

    /// <summary>The group it was resolved to.</summary>
    public required CallableGroup Group { get; init; }

    /// <summary>What the caller asks of the router.</summary>
    public CallerOptions Options { get; init; } = CallerOptions.None;

    /// <summary>The kept inputs of its decisions; null as long as there was nothing to decide.</summary>
    internal DecisionTrace? Trace { get; set; }

    /// <summary>Its answer, where that has broken off and can be carried on; null as long as it has not.</summary>
    internal Recovery.CarriedStream? Carried { get; set; }

    /// <summary>Attempts made, over all groups.</summary>
    public int Attempts { get; set; }

    /// <summary>Attempts after the first in their group.</summary>
    public int Retries { get; set; }

    /// <summary>Groups entered after the first.</summary>
    public int Fallbacks { get; set; }

    /// <summary>The deployment that answered, or was tried last; null if none was called.</summary>
    public Callable? Served { get; set; }

    /// <summary>Parameters left out because the provider refuses them.</summary>
    public IReadOnlyList<string> DroppedParameters { get; set; } = [];

    /// <summary>Whose conversations it may share something with.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Who calls.</summary>
    public Principal Principal { get; init; } = Principal.Master;

    /// <summary>Customer (end user) the caller named; null if none.</summary>
    public string? Customer { get; init; }

    /// <summary>Tags it counts for: those of the request and of its key.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Headers of the caller that a provider of the same format gets (<see cref="Lane.RequestHeaders"/>).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> PassedHeaders { get; init; } = [];

    /// <summary>What clients cannot carry between the calls of a conversation.</summary>
    internal SignatureStore Signatures { get; init; } = null!;

    /// <summary>Who books it; null for a call that is only explained.</summary>
    internal Settlement? Settlement { get; init; }

    /// <summary>Its stay in a group that takes only so many calls; null if it is in none.</summary>
    internal QueueTicket? Ticket { get; set; }

    /// <summary>Cancelled when the gateway ends and waits for no call any longer.</summary>
    internal CancellationToken Stop { get; init; }

    /// <summary>Books the call this is one of two attempts of; null for a call of its own.</summary>
    private Action? Booking { get; init; }

    /// <summary>Whether the ledger was told that it is under way.</summary>
    internal bool IsOpened { get; set; }

    /// <summary>What was booked; null until then.</summary>
    internal BookedCall? Booked { get; set; }

    /// <summary>The request as a conversation; null until it has to be translated.</summary>
    public ConversationRequest? Conversation { get; set; }

    /// <summary>What the translation for the deployment tried last could not carry over; null if nothing had to be translated.</summary>
    public LossList? Losses { get; set; }

    /// <summary>Whether the answer is the gateway's own estimate.</summary>
    public bool Estimated { get; set; }

    /// <summary>Status given to the client; 0 until known.</summary>
    public int Status { get; set; }

    /// <summary>What the answer, or the attempt made last, used; null if the provider did not say.</summary>
    public Usage? Usage { get; set; }

    /// <summary>What it used that is no token; null for nothing.</summary>
    public Units? Units { get; private set; }

    /// <summary>Service tier that served it.</summary>
    public string? ServiceTier { get; private set; }

    /// <summary>Whether <see cref="Usage"/> or <see cref="Cost"/>, of any attempt, is an estimate of ours.</summary>
    public bool UsageEstimated => _estimated || _estimatedBefore;

    /// <summary>What the provider charges for that in USD, discount taken off; null if usage or price are unknown.</summary>
    public decimal? Cost => _cost.Upstream;

    /// <summary>What all attempts cost by the catalogue's prices, in USD; null if nothing of it is known.</summary>
    public decimal? ListPrice
    {
        get
        {
            decimal? sum = _cost.List;
            for (int i = 0; i < (_failed?.Count ?? 0); i++)
            {
                sum = Sum(sum, _failed![i].ListPrice);
            }

            return sum;
        }
    }

    /// <summary>What the caller is charged for all attempts, margin included, in USD; null if nothing of it is known.</summary>
    public decimal? BilledPrice
    {
        get
        {
            decimal? sum = _cost.Billed;
            for (int i = 0; i < (_failed?.Count ?? 0); i++)
            {
                sum = Sum(sum, _failed![i].BilledPrice);
            }

            return sum;
        }
    }

    /// <summary>Where the prices come from; <c>assumed</c> where nobody knows them.</summary>
    public string? PriceSource => _cost.Assumed ? "assumed" : Served?.Deployment.Price?.Source;

    /// <summary>Version of the prices; null if unknown.</summary>
    public string? PriceVersion { get; set; }

    /// <summary>Cost in USD of all attempts, also of those whose answer could not be used; null if nothing of it is known.</summary>
    public decimal? Spent
    {
        get
        {
            decimal? spent = Cost;
            for (int i = 0; i < (_failed?.Count ?? 0); i++)
            {
                spent = Sum(spent, _failed![i].Cost);
            }

            return spent;
        }
    }

    /// <summary>What is set aside for it in budgets and limits; null if nothing had to be.</summary>
    public Budgets.Reservation? Reservation { get; internal set; }

    /// <summary>Why the answer ended.</summary>
    public FinishReason Finish { get; set; }

    /// <summary>Whether the answer was streamed.</summary>
    public bool Streamed { get; set; }

    /// <summary>Malformed events that were kept from the client.</summary>
    public int MalformedEvents { get; set; }

    /// <summary>How it failed, also in the middle of a stream; null if it went well.</summary>
    public ApiError? Error { get; set; }

    /// <summary>Clock timestamp of the first byte to the client; 0 if none went.</summary>
    public long FirstByteTimestamp { get; set; }

    /// <summary>Time spent waiting for providers until the answer was committed to, in clock ticks.</summary>
    public long UpstreamTicks { get; set; }

    /// <summary>Clock timestamp of the end; 0 while it runs.</summary>
    public long EndTimestamp { get; set; }

    /// <summary>The attempts that failed before the last, in order.</summary>
    public IReadOnlyList<FailedAttempt> Failed => (IReadOnlyList<FailedAttempt>?)_failed ?? [];

    private List<FailedAttempt>? _failed;
    private AttemptCost _cost;
    private bool _estimated;
    private bool _estimatedBefore;

    /// <summary>Notes what the present attempt used and cost, in place of what was noted of it before.</summary>
    internal void Note(in Used used, AttemptCost cost)
    {
        Usage = used.Usage;
        Units = used.Units;
        Finish = used.Finish;
        ServiceTier = used.ServiceTier;
        _estimated = used.Estimated || cost.Assumed;
        _cost = cost;
    }

    /// <summary>Notes an attempt that failed; what it used is its own from now on, and no longer the call's.</summary>
    /// <param name="deployment">Who was asked.</param>
    /// <param name="error">How it failed.</param>
    /// <param name="begun">Whether its answer had begun to go to the client.</param>
    internal void AddFailure(Deployment deployment, ApiError error, bool begun = false)
    {
        decimal? billed = _cost.Upstream is { } cost ? AttemptCost.Rounded(Snapshot.Snapshot.General.Costs.Billed(deployment.Provider.Id, cost, answered: false)) : null;
        (_failed ??= []).Add(new(deployment.Id, deployment.Provider.Id, error.Kind, error.Status) { Begun = begun, Usage = Usage, Cost = Cost, ListPrice = _cost.List, BilledPrice = billed });
        _estimatedBefore |= _estimated;
        Note(default, default);
    }

    /// <summary>Books it, once its outcome is final and before its end goes to the client.</summary>
    internal void Book()
    {
        if (Booking is null)
        {
            Settlement?.Book(this);
        }
        else
        {
            Booking();
        }
    }

    /// <summary>The same call for one of two attempts that are made at once: what becomes of that is written to it alone.</summary>
    /// <param name="booking">Books this call with the attempt's outcome.</param>
    /// <param name="target">Who is asked.</param>
    internal Call Leg(Action booking, Callable target) => new()
    {
        Number = Number,
        Id = Id,
        Seed = Seed,
        StartedAt = StartedAt,
        StartTimestamp = StartTimestamp,
        Lane = Lane,
        Body = Body,
        Facts = Facts,
        ContentType = ContentType,
        Snapshot = Snapshot,
        Group = Group,
        Options = Options,
        Tenant = Tenant,
        Principal = Principal,
        Customer = Customer,
        Tags = Tags,
        PassedHeaders = PassedHeaders,
        Signatures = Signatures,
        Conversation = Conversation,
        Reservation = Reservation,
        Attempts = Attempts,
        Retries = Retries,
        Fallbacks = Fallbacks,
        MalformedEvents = MalformedEvents,
        Served = target,
        Booking = booking,
        _failed = _failed is null ? null : [.. _failed],
    };

    /// <summary>Takes over what became of an attempt that was made apart; may be done again, when more is known.</summary>
    /// <param name="leg">The attempt's call.</param>
    /// <param name="upstreamTicks">Time spent waiting for providers, in clock ticks.</param>
    internal void Take(Call leg, long upstreamTicks)
    {
        Served = leg.Served;
        DroppedParameters = leg.DroppedParameters;
        Conversation ??= leg.Conversation;
        Losses = leg.Losses;
        Estimated = leg.Estimated;
        Status = leg.Status;
        Streamed = leg.Streamed;
        MalformedEvents = leg.MalformedEvents;
        Error = leg.Error;
        Carried = leg.Carried;
        FirstByteTimestamp = leg.FirstByteTimestamp;
        UpstreamTicks = upstreamTicks;
        PriceVersion = leg.PriceVersion ?? PriceVersion;
        Usage = leg.Usage;
        Units = leg.Units;
        ServiceTier = leg.ServiceTier;
        Finish = leg.Finish;
        (_cost, _estimated) = (leg._cost, leg._estimated);
    }

    /// <summary>Notes one of two attempts whose outcome does not count.</summary>
    /// <param name="deployment">Who was asked.</param>
    /// <param name="leg">What it used.</param>
    /// <param name="error">How it ended.</param>
    /// <returns>Its place among the failed attempts.</returns>
    internal int AddLeg(Deployment deployment, Call leg, ApiError error)
    {
        (_failed ??= []).Add(Failure(deployment, leg, error));
        return _failed.Count - 1;
    }

    /// <summary>Notes it anew, when more is known.</summary>
    /// <param name="place">Its place among the failed attempts.</param>
    /// <param name="deployment">Who was asked.</param>
    /// <param name="leg">What it used.</param>
    /// <param name="error">How it ended.</param>
    internal void ReplaceLeg(int place, Deployment deployment, Call leg, ApiError error)
    {
        // A new list: the answer's head may be written from the old one at this moment.
        List<FailedAttempt> failed = [.. _failed!];
        failed[place] = Failure(deployment, leg, error);
        _failed = failed;
    }

    private FailedAttempt Failure(Deployment deployment, Call leg, ApiError error)
    {
        decimal? billed = leg.Cost is { } cost ? AttemptCost.Rounded(Snapshot.Snapshot.General.Costs.Billed(deployment.Provider.Id, cost, answered: false)) : null;
        _estimatedBefore |= leg._estimated;
        return new(deployment.Id, deployment.Provider.Id, error.Kind, error.Status) { Usage = leg.Usage, Cost = leg.Cost, ListPrice = leg._cost.List, BilledPrice = billed, Hedged = true };
    }

    private static decimal? Sum(decimal? a, decimal? b) => b is { } more ? (a ?? 0) + more : a;
}

/// <summary>An attempt that failed and was carried by another.</summary>
/// <param name="DeploymentId">Deployment.</param>
/// <param name="Provider">Its provider.</param>
/// <param name="Kind">How it failed.</param>
/// <param name="Status">HTTP status, the provider's where it gave one.</param>
public readonly record struct FailedAttempt(string DeploymentId, string Provider, ErrorKind Kind, int Status)
{
    /// <summary>Whether its answer had begun to go to the client: the next attempt carried it on.</summary>
    public bool Begun { get; init; }

    /// <summary>Whether it was one of two that were made at once, and the other's outcome counts; it gave way where its kind is <see cref="ErrorKind.ClientGone"/>.</summary>
    public bool Hedged { get; init; }

    /// <summary>What it used: an answer that came and could not be read is paid for; null where nothing was said.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Cost of that in USD, discount taken off; null if usage or price are unknown.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The same by the catalogue's prices; null if they say nothing of it.</summary>
    public decimal? ListPrice { get; init; }

    /// <summary>What the caller is charged for it, in USD; null if <see cref="Cost"/> is.</summary>
    public decimal? BilledPrice { get; init; }
}
