using Interline.Core.Budgets;
using Interline.Core.Configuration;

namespace Interline.Core.Tests.Configuration;

public sealed class BudgetSettingsReaderTests
{
    [Fact]
    public void Settings_of_budgets_are_read()
    {
        BudgetSettings read = Read("""
            litellm_settings: {max_budget: 12.5, budget_duration: 7d, budget_exceeded_status_code: 400, timezone: Europe/Berlin, max_end_user_budget_id: free}
            general_settings:
              fail_closed_budget_enforcement: true
              fail_closed_rate_limit_enforcement: true
              budget_history_wait: 5
              budget_lease_wait: 0.25
              assumed_input_cost_per_token: 0.00001
              assumed_output_cost_per_token: 0.00003
            """);
        read.Everything.ShouldBe(new BudgetTerms(12.5m, null, new BudgetWindow(7, WindowUnit.Day, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"))));
        read.CustomerBudgetId.ShouldBe("free");
        read.ExceededStatus.ShouldBe(400);
        read.BudgetsFailClosed.ShouldBeTrue();
        read.RatesFailClosed.ShouldBeTrue();
        read.HistoryWait.ShouldBe(TimeSpan.FromSeconds(5));
        read.LeaseWait.ShouldBe(TimeSpan.FromSeconds(0.25));
        read.AssumedPrice!.Input.ShouldBe(10m);
        read.AssumedPrice.Output.ShouldBe(30m);
    }

    [Fact]
    public void Windows_may_roll_and_model_groups_have_budgets()
    {
        Core.Routing.Snapshot read = Reading.Read("""
            litellm_settings: {max_budget: 1, budget_duration: rolling 30d}
            router_settings:
              model_budget_config: {gpt: {budget_limit: 5, time_period: rolling 7d}, other: {max_budget: 2, budget_duration: 1mo}}
            """).Snapshot.ShouldNotBeNull();
        read.General.Budgets.Everything!.Window.ShouldBe(new BudgetWindow(30, WindowUnit.Day, null, Rolling: true));
        read.Router.ModelBudgets["gpt"].ShouldBe(new Budget(5, TimeSpan.FromDays(7), Rolling: true));
        read.Router.ModelBudgets["other"].ShouldBe(new Budget(2, TimeSpan.FromDays(30)));
    }

    [Theory]
    [InlineData("litellm_settings: {max_budget: 0}")]
    [InlineData("litellm_settings: {drop_params: true}")]
    public void No_budget_is_no_limit(string text)
    {
        BudgetSettings read = Read(text);
        read.Everything.ShouldBeNull();
        read.CustomerBudgetId.ShouldBeNull();
        read.ExceededStatus.ShouldBe(422);
        read.AssumedPrice.ShouldBeNull();
    }

    [Theory]
    [InlineData("litellm_settings: {max_budget: 1, budget_duration: 1x}", "litellm_settings.budget_duration: expected a length of time")]
    [InlineData("litellm_settings: {budget_exceeded_status_code: 500}", "litellm_settings.budget_exceeded_status_code: expected a status from 400 to 499")]
    [InlineData("litellm_settings: {timezone: Mars/Base}", "litellm_settings.timezone: there is no time zone 'Mars/Base'")]
    [InlineData("general_settings: {assumed_input_cost_per_token: 1}", "general_settings.assumed_output_cost_per_token: expected a price")]
    public void Wrong_values_refuse_the_file(string text, string expected)
    {
        ConfigResult result = Reading.Read(text);
        result.Snapshot.ShouldBeNull();
        result.Problems.Any(x => x.ToString().Contains(expected, StringComparison.Ordinal)).ShouldBeTrue(string.Join('\n', result.Problems));
    }

    private static BudgetSettings Read(string text) => Reading.Read(text).Snapshot.ShouldNotBeNull().General.Budgets;
}
