using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>A soft limit was passed. Told once for each window; nothing is refused for it.</summary>
/// <param name="Scope">Whose.</param>
/// <param name="SoftLimit">The limit in USD.</param>
/// <param name="Spent">What was spent in the window, in USD.</param>
/// <param name="At">When.</param>
/// <param name="ResetsAt">When the window ends; null if it never does.</param>
public sealed record SoftLimitPassed(Scope Scope, decimal SoftLimit, decimal Spent, DateTimeOffset At, DateTimeOffset? ResetsAt);
