using System.Collections.Immutable;
using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Ledger;

/// <summary>
/// A settled call: what was asked, who answered, what it used and cost, and the inputs its routing can be replayed from. No content.
/// A value, not an object: thousands are kept, and objects that live on for a while are what a garbage collector pays most for.
/// </summary>
public readonly record struct CallRecord
{
    /// <summary>Call number on this node; <see cref="Gateway.CallId"/> makes the id of it.</summary>
    public required long Number { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Wire format or operation, such as <c>openai.chat</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>Group the caller asked for.</summary>
    public required string Group { get; init; }

    /// <summary>Deployment that answered or was tried last; null if none was called.</summary>
    public string? DeploymentId { get; init; }

    /// <summary>Its provider.</summary>
    public string? Provider { get; init; }

    /// <summary>Its upstream model.</summary>
    public string? UpstreamModel { get; init; }

    /// <summary>Status given to the client; 499 if the client had left.</summary>
    public required int Status { get; init; }

    /// <summary>Whether the answer was streamed.</summary>
    public bool Streamed { get; init; }

    /// <summary>How it failed, also in the middle of a stream; null if it went well.</summary>
    public ErrorKind? Error { get; init; }

    /// <summary>Why the answer ended.</summary>
    public FinishReason Finish { get; init; }

    /// <summary>Usage of the answer; null if the provider did not say. What failed attempts used is with them, in <see cref="Failed"/>.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Whether <see cref="Usage"/>, or the cost of something the provider did not count, is an estimate of ours.</summary>
    public bool Estimated { get; init; }

    /// <summary>What the providers charge for all attempts, in USD, as far as it is known; null if nothing of it is.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The same by the catalogue's prices; null if they say nothing of it.</summary>
    public decimal? ListPrice { get; init; }

    /// <summary>What the caller is charged; null if <see cref="Cost"/> is.</summary>
    public decimal? BilledPrice { get; init; }

    /// <summary>Version of the prices: of the catalogue, and of the configuration where it has its own; null if unknown.</summary>
    public string? PriceVersion { get; init; }

    /// <summary>Version of the plan (resale terms) it was billed by; null if there is none.</summary>
    public string? PlanVersion { get; init; }

    /// <summary>Id of the caller's key; null for the master key.</summary>
    public string? KeyId { get; init; }

    /// <summary>Team of the key.</summary>
    public string? TeamId { get; init; }

    /// <summary>User of the key.</summary>
    public string? UserId { get; init; }

    /// <summary>Customer (end user) the caller named.</summary>
    public string? Customer { get; init; }

    /// <summary>Tags of the request and of its key.</summary>
    public ImmutableArray<string> Tags { get => field.IsDefault ? [] : field; init; }

    /// <summary>Where the price came from; null if unknown.</summary>
    public string? PriceSource { get; init; }

    /// <summary>Attempts over all groups.</summary>
    public int Attempts { get; init; }

    /// <summary>Retries over all groups.</summary>
    public int Retries { get; init; }

    /// <summary>Fallback groups entered.</summary>
    public int Fallbacks { get; init; }

    /// <summary>Attempts that failed and were carried by another.</summary>
    public IReadOnlyList<FailedAttempt> Failed { get => field ?? []; init; }

    /// <summary>Parameters left out because the provider refuses them.</summary>
    public IReadOnlyList<string> DroppedParameters { get => field ?? []; init; }

    /// <summary>What the translation between two wire formats could not carry over; null if nothing had to be translated.</summary>
    public LossList? Losses { get; init; }

    /// <summary>Malformed events kept from the client.</summary>
    public int MalformedEvents { get; init; }

    /// <summary>From the request's arrival to the end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>From the request's arrival to the first byte to the client; null if none went.</summary>
    public TimeSpan? FirstByte { get; init; }

    /// <summary>Of <see cref="FirstByte"/>, what was not spent waiting for providers.</summary>
    public TimeSpan? Overhead { get; init; }

    /// <summary>Version of the configuration it was routed by.</summary>
    public required string SnapshotVersion { get; init; }

    /// <summary>Seed of its decisions.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The record of a call that has ended.</summary>
    /// <param name="call">The call.</param>
    /// <param name="time">The clock.</param>
    public static CallRecord Of(Call call, TimeProvider time)
    {
        Deployment? served = call.Served?.Deployment;
        TimeSpan? first = call.FirstByteTimestamp == 0 ? null : time.GetElapsedTime(call.StartTimestamp, call.FirstByteTimestamp);
        return new CallRecord
        {
            Number = call.Number,
            StartedAt = call.StartedAt,
            Operation = call.Lane.Name,
            Group = call.Group.Model,
            DeploymentId = served?.Id,
            Provider = served?.Provider.Id,
            UpstreamModel = served?.UpstreamModel,
            Status = call.Status,
            Streamed = call.Streamed,
            Error = call.Error?.Kind,
            Finish = call.Finish,
            Usage = call.Usage,
            Estimated = call.UsageEstimated,
            Cost = call.Spent,
            ListPrice = call.ListPrice,
            BilledPrice = call.BilledPrice,
            PriceVersion = call.PriceVersion,
            KeyId = call.Principal.KeyId,
            TeamId = call.Principal.TeamId,
            UserId = call.Principal.UserId,
            Customer = call.Customer,
            Tags = call.Tags,
            PriceSource = call.PriceSource,
            Attempts = call.Attempts,
            Retries = call.Retries,
            Fallbacks = call.Fallbacks,
            Failed = call.Failed,
            DroppedParameters = call.DroppedParameters,
            Losses = call.Losses,
            MalformedEvents = call.MalformedEvents,
            Duration = time.GetElapsedTime(call.StartTimestamp, call.EndTimestamp),
            FirstByte = first,
            Overhead = first - time.GetElapsedTime(0, call.UpstreamTicks),
            SnapshotVersion = call.Snapshot.Snapshot.Version,
            Seed = call.Seed,
        };
    }
}
