using Interline.Core.Budgets;
using Interline.Core.Pricing;

namespace Interline.Core.Configuration;

/// <summary>How budgets and limits of callers are held. From <c>general_settings</c> and <c>litellm_settings</c>.</summary>
public sealed record BudgetSettings
{
    /// <summary>LiteLLM's default of <see cref="ExceededStatus"/>. None of the official clients tries again after it.</summary>
    public const int DefaultExceededStatus = 422;

    /// <summary>Budget of the whole installation; null if there is none. From <c>max_budget</c> and <c>budget_duration</c>.</summary>
    public BudgetTerms? Everything { get; init; }

    /// <summary>Budget, by its id, of customers that have none of their own; null if they have none. From <c>max_end_user_budget_id</c>.</summary>
    public string? CustomerBudgetId { get; init; }

    /// <summary>HTTP status of a call that a budget refuses, 400 to 499. From <c>budget_exceeded_status_code</c>.</summary>
    public int ExceededStatus { get; init; } = DefaultExceededStatus;

    /// <summary>Refuse calls where a budget cannot be read or leased, instead of letting them pass. From <c>fail_closed_budget_enforcement</c>.</summary>
    public bool BudgetsFailClosed { get; init; }

    /// <summary>Refuse calls where a rate cannot be leased, instead of holding this node's share of it. From <c>fail_closed_rate_limit_enforcement</c>.</summary>
    public bool RatesFailClosed { get; init; }

    /// <summary>Longest wait of a call for what was spent before this node knew of its scope. Our own key <c>budget_history_wait</c>.</summary>
    public TimeSpan HistoryWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait of a call for a lease from the other nodes. Our own key <c>budget_lease_wait</c>.</summary>
    public TimeSpan LeaseWait { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// What a model of unknown price is taken to cost while a budget applies; null refuses the call. Our own keys <c>assumed_input_cost_per_token</c> and
    /// <c>assumed_output_cost_per_token</c>.
    /// </summary>
    public Price? AssumedPrice { get; init; }

    /// <summary>Zone whose days and months the budgets of the configuration count; null is UTC. From <c>timezone</c>.</summary>
    public TimeZoneInfo? Zone { get; init; }
}
