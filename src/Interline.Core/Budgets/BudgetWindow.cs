namespace Interline.Core.Budgets;

/// <summary>
/// The stretch of time a budget is for. Windows follow from the clock alone: none begins late, none has to be reset, and what was spent in an earlier one
/// stays as it was.
/// </summary>
/// <param name="Count">How many units, from 1.</param>
/// <param name="Unit">Unit.</param>
/// <param name="Zone">Zone whose days and months count; null is UTC.</param>
/// <param name="Rolling">Whether the window always reaches back by its length from now, instead of standing on the calendar.</param>
public sealed record BudgetWindow(int Count, WindowUnit Unit, TimeZoneInfo? Zone = null, bool Rolling = false);

/// <summary>Units of <see cref="BudgetWindow"/>.</summary>
public enum WindowUnit
{
    /// <summary>Seconds.</summary>
    Second,

    /// <summary>Minutes.</summary>
    Minute,

    /// <summary>Hours.</summary>
    Hour,

    /// <summary>Days.</summary>
    Day,

    /// <summary>Weeks.</summary>
    Week,

    /// <summary>Months of the calendar.</summary>
    Month,
}
