using Interline.Core.Budgets;
using Interline.Core.Pricing;

namespace Interline.Core.Configuration;

/// <summary>Reads <see cref="BudgetSettings"/>.</summary>
internal static class BudgetSettingsReader
{
    private const decimal TokensPerPrice = 1_000_000m;

    /// <summary>Reads the settings.</summary>
    /// <param name="general">The section <c>general_settings</c>.</param>
    /// <param name="liteLlm">The section <c>litellm_settings</c>.</param>
    public static BudgetSettings Read(SectionReader general, SectionReader liteLlm)
    {
        var defaults = new BudgetSettings();
        TimeZoneInfo? zone = Zone(liteLlm);
        return defaults with
        {
            Zone = zone,
            Everything = Everything(liteLlm, zone),
            CustomerBudgetId = liteLlm.Text("max_end_user_budget_id"),
            ExceededStatus = Status(liteLlm) ?? defaults.ExceededStatus,
            BudgetsFailClosed = general.Flag("fail_closed_budget_enforcement") ?? false,
            RatesFailClosed = general.Flag("fail_closed_rate_limit_enforcement") ?? false,
            HistoryWait = general.Seconds("budget_history_wait", zero: true) ?? defaults.HistoryWait,
            LeaseWait = general.Seconds("budget_lease_wait", zero: true) ?? defaults.LeaseWait,
            AssumedPrice = AssumedPrice(general),
        };
    }

    private static BudgetTerms? Everything(SectionReader liteLlm, TimeZoneInfo? zone)
    {
        decimal? limit = liteLlm.Number("max_budget");
        BudgetWindow? window = null;
        if (liteLlm.Text("budget_duration") is { } text)
        {
            window = BudgetWindowText.Parse(text, zone, out string? error);
            if (error is not null)
            {
                liteLlm.Refuse("budget_duration", error);
            }
        }

        // LiteLLM's zero here is no budget, and files carry it.
        return limit is > 0 and { } usd ? new BudgetTerms(usd, null, window) : null;
    }

    private static int? Status(SectionReader liteLlm)
    {
        int? status = liteLlm.Count("budget_exceeded_status_code");
        if (status is < 400 or > 499)
        {
            liteLlm.Refuse("budget_exceeded_status_code", "expected a status from 400 to 499");
            return null;
        }

        return status;
    }

    private static Price? AssumedPrice(SectionReader general)
    {
        decimal? input = general.Number("assumed_input_cost_per_token");
        decimal? output = general.Number("assumed_output_cost_per_token");
        if (input is null && output is null)
        {
            return null;
        }

        if (input is null || output is null)
        {
            string missing = input is null ? "assumed_input_cost_per_token" : "assumed_output_cost_per_token";
            general.Refuse(missing, "expected a price: input and output are assumed together, or neither");
            return null;
        }

        return new Price { Input = input * TokensPerPrice, Output = output * TokensPerPrice, Source = "assumed" };
    }

    private static TimeZoneInfo? Zone(SectionReader liteLlm)
    {
        if (liteLlm.Text("timezone") is not { } name)
        {
            return null;
        }

        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone))
        {
            return zone;
        }

        liteLlm.Refuse("timezone", $"there is no time zone '{name}' on this machine; expected one such as Europe/Berlin");
        return null;
    }
}
