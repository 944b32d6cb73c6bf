namespace Interline.Protocols.Errors;

/// <summary>Which limit refused a call, so that a program can tell: whose, how much, how much of it is gone, and when it begins anew.</summary>
public sealed record LimitDetails
{
    /// <summary>What it is put on, such as <c>key</c>, <c>team</c> or <c>customer</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>Which one: a key by its alias or the end of its hash, never the key; null for the whole installation.</summary>
    public string? Id { get; init; }

    /// <summary>The model group it is for; null if for all.</summary>
    public string? Model { get; init; }

    /// <summary>What it counts: <c>usd</c>, <c>requests</c>, <c>tokens</c>, <c>parallel_requests</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>The limit.</summary>
    public required decimal Limit { get; init; }

    /// <summary>What was used of it in this window.</summary>
    public required decimal Spent { get; init; }

    /// <summary>What is set aside for calls under way.</summary>
    public required decimal Reserved { get; init; }

    /// <summary>What the refused call would have set aside.</summary>
    public required decimal Needed { get; init; }

    /// <summary>When its window ends; null if it never does.</summary>
    public DateTimeOffset? ResetsAt { get; init; }
}
