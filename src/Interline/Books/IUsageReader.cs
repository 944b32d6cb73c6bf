using Interline.Ledger;

namespace Interline.Books;

/// <summary>What is asked of the books. Reads that may take a while; never on the way of a call.</summary>
public interface IUsageReader
{
    /// <summary>Sums from the roll-ups, one row for each combination of what is grouped by, in the order of period, then of the other columns.</summary>
    /// <param name="query">What to sum.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken cancel);

    /// <summary>Calls, newest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancel">Gives up.</param>
    IAsyncEnumerable<StoredCall> CallsAsync(CallQuery query, CancellationToken cancel);

    /// <summary>One call; null if unknown or pruned.</summary>
    /// <param name="id">Id of the call, 32 hexadecimal digits.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<StoredCall?> FindAsync(string id, CancellationToken cancel);
}

/// <summary>A call as it was booked.</summary>
/// <param name="Id">Id of the call.</param>
/// <param name="Record">What was booked. Lists of failed attempts and dropped parameters, losses and the seed are not kept.</param>
public sealed record StoredCall(string Id, CallRecord Record);

/// <summary>Lengths of the roll-ups' periods, all of UTC. The values stand in databases.</summary>
public enum UsagePeriod
{
    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day.</summary>
    Day,

    /// <summary>A month of the calendar.</summary>
    Month,
}

/// <summary>What the roll-ups are kept by. The values stand in databases: new ones go to the end.</summary>
public enum UsageDimension
{
    /// <summary>All calls together.</summary>
    Everything,

    /// <summary>Virtual keys; calls with the master key have none and are in no row.</summary>
    Key,

    /// <summary>Teams.</summary>
    Team,

    /// <summary>Users.</summary>
    User,

    /// <summary>Customers (end users).</summary>
    Customer,

    /// <summary>Tags; a call with several counts in each.</summary>
    Tag,

    /// <summary>Users in a team; the id is <c>team/user</c>.</summary>
    Member,

    /// <summary>Deployments.</summary>
    Deployment,
}

/// <summary>A question to the roll-ups.</summary>
public sealed record UsageQuery
{
    /// <summary>First moment, taken back to the start of its period.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End, exclusive, taken on to the end of its period.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Length of the periods.</summary>
    public UsagePeriod Period { get; init; } = UsagePeriod.Day;

    /// <summary>What to sum by, and whose sums.</summary>
    public UsageDimension Dimension { get; init; }

    /// <summary>Ids in the dimension to look at; null is all.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Model groups to look at; null is all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>Whether periods are kept apart; otherwise their rows are summed.</summary>
    public bool ByPeriod { get; init; } = true;

    /// <summary>Whether the dimension's ids are kept apart.</summary>
    public bool ById { get; init; } = true;

    /// <summary>Whether model groups are kept apart.</summary>
    public bool ByModel { get; init; }

    /// <summary>Whether providers are kept apart.</summary>
    public bool ByProvider { get; init; }
}

/// <summary>One sum.</summary>
public sealed record UsageRow
{
    /// <summary>Start of the period; null if periods are summed.</summary>
    public DateTimeOffset? Period { get; init; }

    /// <summary>Id in the dimension; null if they are summed.</summary>
    public string? Id { get; init; }

    /// <summary>Model group; null if they are summed.</summary>
    public string? Model { get; init; }

    /// <summary>Provider; null if they are summed, or nobody was asked.</summary>
    public string? Provider { get; init; }

    /// <summary>Calls.</summary>
    public long Calls { get; init; }

    /// <summary>Of these, how many failed.</summary>
    public long Failed { get; init; }

    /// <summary>Of these, how many have a cost that is an estimate.</summary>
    public long Estimated { get; init; }

    /// <summary>Tokens by class.</summary>
    public Protocols.Usage Tokens { get; init; }

    /// <summary>What providers charge, in USD.</summary>
    public decimal UpstreamCost { get; init; }

    /// <summary>What it costs by the catalogue, in USD.</summary>
    public decimal ListPrice { get; init; }

    /// <summary>What callers are charged, in USD.</summary>
    public decimal BilledPrice { get; init; }

    /// <summary>Sum of durations in milliseconds.</summary>
    public long DurationMs { get; init; }
}

/// <summary>A question to the call log.</summary>
public sealed record CallQuery
{
    /// <summary>First moment; null is the oldest kept.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>End, exclusive; null is now.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only calls of this key.</summary>
    public string? KeyId { get; init; }

    /// <summary>Only calls of this team.</summary>
    public string? TeamId { get; init; }

    /// <summary>Only calls of one of these teams; null is no such condition.</summary>
    public IReadOnlyList<string>? TeamIds { get; init; }

    /// <summary>Only calls of this user.</summary>
    public string? UserId { get; init; }

    /// <summary>Only calls of this customer.</summary>
    public string? Customer { get; init; }

    /// <summary>Only calls that asked for this model group.</summary>
    public string? Model { get; init; }

    /// <summary>Only calls of this provider.</summary>
    public string? Provider { get; init; }

    /// <summary>Only calls with this tag.</summary>
    public string? Tag { get; init; }

    /// <summary>Only calls that failed (true) or did not (false).</summary>
    public bool? Failed { get; init; }

    /// <summary>Only calls older than this one in the list: the last id of the page before.</summary>
    public string? Before { get; init; }

    /// <summary>Most calls, from 1; null is all.</summary>
    public int? Most { get; init; }
}
