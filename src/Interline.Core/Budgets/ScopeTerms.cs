using System.Collections.Immutable;

namespace Interline.Core.Budgets;

/// <summary>What a scope may spend, and how fast. Null is no limit, never zero.</summary>
public sealed record ScopeTerms
{
    /// <summary>No limits.</summary>
    public static ScopeTerms None { get; } = new();

    /// <summary>Budgets; each holds for itself.</summary>
    public ImmutableArray<BudgetTerms> Budgets { get; init; } = [];

    /// <summary>Requests in a minute of the clock.</summary>
    public long? Rpm { get; init; }

    /// <summary>Tokens in a minute of the clock, input and output together.</summary>
    public long? Tpm { get; init; }

    /// <summary>Calls at once.</summary>
    public int? Parallel { get; init; }

    /// <summary>Whether nothing is limited.</summary>
    public bool IsEmpty => Budgets.IsEmpty && Rpm is null && Tpm is null && Parallel is null;
}

/// <summary>One budget.</summary>
/// <param name="Limit">USD that may be spent in a window; null if only <paramref name="SoftLimit"/> is set.</param>
/// <param name="SoftLimit">USD from which on it is told, without refusing anything; null for none.</param>
/// <param name="Window">The window; null counts everything ever spent.</param>
public sealed record BudgetTerms(decimal? Limit, decimal? SoftLimit, BudgetWindow? Window);

/// <summary>Terms of a scope.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Terms">What it may.</param>
public sealed record ScopedTerms(Scope Scope, ScopeTerms Terms);
