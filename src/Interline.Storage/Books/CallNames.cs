using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Interline.Ledger;
using Interline.Ledger.Journal;

namespace Interline.Storage.Books;

/// <summary>Numbers of the texts of a call (<c>interline_name</c>), 0 for none. One object for all calls with the same texts, as far as they are remembered.</summary>
internal sealed class CallNames
{
    public required int Operation { get; init; }

    public required int Group { get; init; }

    public required int Deployment { get; init; }

    public required int Provider { get; init; }

    public required int UpstreamModel { get; init; }

    public required int Key { get; init; }

    public required int Team { get; init; }

    public required int User { get; init; }

    public required int Customer { get; init; }

    /// <summary>The user in the team.</summary>
    public required int Member { get; init; }

    public required int Error { get; init; }

    public required int Finish { get; init; }

    public required int PriceSource { get; init; }

    public required int PriceVersion { get; init; }

    public required int PlanVersion { get; init; }

    public required int Snapshot { get; init; }

    /// <summary>All tags as one text.</summary>
    public required int TagSet { get; init; }

    /// <summary>Each of them.</summary>
    public required ImmutableArray<int> Tags { get; init; }
}

/// <summary>
/// The texts of a call. Equal if they are the same objects: what reads the journal makes each text once (<see cref="TextTable"/>), and sixteen pointers are compared sooner
/// than one text. Where it made one twice, the two are merely remembered twice.
/// </summary>
internal readonly struct CallTexts : IEquatable<CallTexts>
{
    public required string Operation { get; init; }

    public required string Group { get; init; }

    public string? Deployment { get; init; }

    public string? Provider { get; init; }

    public string? UpstreamModel { get; init; }

    public string? Key { get; init; }

    public string? Team { get; init; }

    public string? User { get; init; }

    public string? Customer { get; init; }

    public string? Error { get; init; }

    public string? Finish { get; init; }

    public string? PriceSource { get; init; }

    public string? PriceVersion { get; init; }

    public string? PlanVersion { get; init; }

    public required string Snapshot { get; init; }

    public required ImmutableArray<string> Tags { get; init; }

    /// <summary>The text that stands for a user in a team; null where one is missing.</summary>
    public string? Member => Team is { } team && User is { } user ? StoredText.Of($"{team}/{user}") : null;

    public static CallTexts Of(in CallRecord record) => new()
    {
        Operation = record.Operation,
        Group = record.Group,
        Deployment = record.DeploymentId,
        Provider = record.Provider,
        UpstreamModel = record.UpstreamModel,
        Key = record.KeyId,
        Team = record.TeamId,
        User = record.UserId,
        Customer = record.Customer,
        Error = RecordForm.NameOf(record.Error),
        Finish = RecordForm.NameOf(record.Finish),
        PriceSource = record.PriceSource,
        PriceVersion = record.PriceVersion,
        PlanVersion = record.PlanVersion,
        Snapshot = record.SnapshotVersion,
        Tags = record.Tags,
    };

    public bool Equals(CallTexts other) =>
        ReferenceEquals(Key, other.Key) && ReferenceEquals(Customer, other.Customer) && ReferenceEquals(Group, other.Group) && ReferenceEquals(Deployment, other.Deployment)
        && ReferenceEquals(Operation, other.Operation) && ReferenceEquals(Provider, other.Provider) && ReferenceEquals(UpstreamModel, other.UpstreamModel)
        && ReferenceEquals(Team, other.Team) && ReferenceEquals(User, other.User) && ReferenceEquals(Error, other.Error) && ReferenceEquals(Finish, other.Finish)
        && ReferenceEquals(PriceSource, other.PriceSource) && ReferenceEquals(PriceVersion, other.PriceVersion) && ReferenceEquals(PlanVersion, other.PlanVersion)
        && ReferenceEquals(Snapshot, other.Snapshot) && Same(Tags, other.Tags);

    public override bool Equals(object? obj) => obj is CallTexts other && Equals(other);

    /// <summary>Of the few that differ most.</summary>
    public override int GetHashCode() => (RuntimeHelpers.GetHashCode(Key) * 31) ^ (RuntimeHelpers.GetHashCode(Customer) * 37) ^ (RuntimeHelpers.GetHashCode(Group) * 41) ^ RuntimeHelpers.GetHashCode(Deployment);

    private static bool Same(ImmutableArray<string> a, ImmutableArray<string> b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        for (int i = 0; i < a.Length; i++)
        {
            if (!ReferenceEquals(a[i], b[i]))
            {
                return false;
            }
        }

        return true;
    }
}
