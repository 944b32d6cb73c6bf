using System.Text.Json;

namespace Interline.Accounts.Documents;

/// <summary>Reads the budget of one model, in each of the shapes LiteLLM takes.</summary>
public static class ModelBudget
{
    /// <summary>Reads one.</summary>
    /// <param name="value">A number of USD, or an object with <c>budget_limit</c> or <c>max_budget</c>, and <c>time_period</c> or <c>budget_duration</c>.</param>
    /// <returns>Null if it is neither.</returns>
    public static BudgetLimit? Read(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            return value.TryGetDecimal(out decimal number) ? new(null, number) : null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        decimal? limit = Number(value, "budget_limit") ?? Number(value, "max_budget");
        return limit is null ? null : new(Text(value, "time_period") ?? Text(value, "budget_duration"), limit);
    }

    private static decimal? Number(JsonElement at, string name) =>
        at.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) ? number : null;

    private static string? Text(JsonElement at, string name) =>
        at.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
