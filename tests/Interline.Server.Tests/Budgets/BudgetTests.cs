using System.Net;
using System.Text.Json;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Budgets;

public class BudgetTests
{
    [Fact]
    public async Task A_call_over_the_budget_of_the_installation_is_refused_over_http_with_all_that_is_to_know()
    {
        await using FakeProvider provider = await FakeProvider.StartAsync();
        await using RunningGateway gateway = await RunningGateway.StartAsync($$$"""
            model_list:
              - {model_name: ok, litellm_params: {model: openai/ok, api_base: "{{{provider.BaseUrl}}}", api_key: k, input_cost_per_token: 0.000001, output_cost_per_token: 0.000001}}
            litellm_settings: {max_budget: 0.001, budget_duration: 1d}
            """);
        using (HttpResponseMessage small = await gateway.ChatAsync("ok", more: ",\"max_tokens\":100"))
        {
            small.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using HttpResponseMessage large = await gateway.ChatAsync("ok", more: ",\"max_tokens\":100,\"n\":10");
        large.StatusCode.ShouldBe((HttpStatusCode)422);
        JsonElement error = JsonDocument.Parse(await large.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("error");
        error.GetProperty("type").GetString().ShouldBe("budget_exceeded");
        error.GetProperty("scope").GetString().ShouldBe("everything");
        error.GetProperty("limit").GetDecimal().ShouldBe(0.001m);
        error.GetProperty("reserved").GetDecimal().ShouldBe(0);
        error.GetProperty("resets_at").GetString()!.ShouldEndWith("T00:00:00Z");

        // The line is written after the answer.
        await Waiting.UntilAsync(() => gateway.LogLines().Count(x => x.Contains("\"status\":422", StringComparison.Ordinal)) == 1, "the log line");
    }
}
