using System.Text.Json;

namespace Interline.Accounts.Documents;

/// <summary>What every account may be limited by, in LiteLLM's field names (snake_case in JSON). Null is no limit, never zero. Money in USD.</summary>
public abstract record AccountTerms
{
    /// <summary>USD that may be spent in <see cref="BudgetDuration"/>.</summary>
    public decimal? MaxBudget { get; init; }

    /// <summary>USD from which on it is told.</summary>
    public decimal? SoftBudget { get; init; }

    /// <summary>Window of the budget, such as <c>30d</c>; null counts everything ever spent.</summary>
    public string? BudgetDuration { get; init; }

    /// <summary>More budgets, each with its own window; each holds for itself.</summary>
    public IReadOnlyList<BudgetLimit>? BudgetLimits { get; init; }

    /// <summary>Budgets by model: a number of USD, or an object with <c>budget_limit</c> or <c>max_budget</c>, and <c>time_period</c> or <c>budget_duration</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? ModelMaxBudget { get; init; }

    /// <summary>Requests a minute by model.</summary>
    public IReadOnlyDictionary<string, long>? ModelRpmLimit { get; init; }

    /// <summary>Tokens a minute by model.</summary>
    public IReadOnlyDictionary<string, long>? ModelTpmLimit { get; init; }

    /// <summary>Tokens a minute.</summary>
    public long? TpmLimit { get; init; }

    /// <summary>Requests a minute.</summary>
    public long? RpmLimit { get; init; }

    /// <summary>Calls at once.</summary>
    public int? MaxParallelRequests { get; init; }

    /// <summary>Template whose values count where this account has none.</summary>
    public string? BudgetId { get; init; }

    /// <summary>USD added to <see cref="MaxBudget"/> until <see cref="TempBudgetExpiry"/>.</summary>
    public decimal? TempBudgetIncrease { get; init; }

    /// <summary>When the increase ends; without it there is none.</summary>
    public DateTimeOffset? TempBudgetExpiry { get; init; }

    /// <summary>Fields nobody here reads, as they were given.</summary>
    [System.Text.Json.Serialization.JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; set; }
}

/// <summary>One of several budgets of an account.</summary>
/// <param name="BudgetDuration">Window, such as <c>24h</c>.</param>
/// <param name="MaxBudget">USD.</param>
public sealed record BudgetLimit(string? BudgetDuration, decimal? MaxBudget);
