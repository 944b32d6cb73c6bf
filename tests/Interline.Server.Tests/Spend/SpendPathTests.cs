using System.Text.Json;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Spend;

/// <summary>LiteLLM's spend paths: their fields and their sums.</summary>
public sealed class SpendPathTests(BooksFixture books) : IClassFixture<BooksFixture>
{
    private const string Days = "start_date=2026-11-20&end_date=2026-11-21";

    [Theory]
    [InlineData("/spend/keys", """[{"token":"k1","key_alias":"alias of k1","spend":0.2008014},{"token":"k2","key_alias":null,"spend":0.040012},{"token":"k3","key_alias":null,"spend":0.006}]""")]
    [InlineData("/spend/users", """[{"user_id":"u1","user_alias":null,"spend":0.2068014},{"user_id":"u2","user_alias":null,"spend":0.040012}]""")]
    [InlineData("/spend/users?user_id=u2", """[{"user_id":"u2","user_alias":null,"spend":0.040012}]""")]
    [InlineData("/spend/tags?" + Days, """[{"individual_request_tag":"b","log_count":3,"total_spend":0.2408},{"individual_request_tag":"a","log_count":1,"total_spend":0.2}]""")]
    [InlineData("/spend/logs?start_date=2026-11-20&end_date=2026-11-20", """[{"startTime":"2026-11-20","spend":0.246,"users":{"u1":0.206,"u2":0.04},"models":{"claude":0.006,"gpt":0.24}}]""")]
    [InlineData("/spend/logs?" + Days + "&api_key=k3", """[{"startTime":"2026-11-20","spend":0.006,"users":{"u1":0.006},"models":{"claude":0.006}}]""")]
    [InlineData("/global/spend", """{"spend":0.2469134}""")]
    [InlineData("/global/spend/logs?" + Days, """[{"date":"2026-11-20","spend":0.246},{"date":"2026-11-21","spend":0.0009134}]""")]
    [InlineData("/global/spend/logs?api_key=sk-known&" + Days, """[{"date":"2026-11-20","spend":0.2},{"date":"2026-11-21","spend":0.0008014}]""")]
    [InlineData("/global/spend/keys?limit=1&" + Days, """[{"api_key":"k1","key_alias":"alias of k1","total_spend":0.2008014}]""")]
    [InlineData("/global/spend/teams?start_date=2026-11-20&end_date=2026-11-20", """{"daily_spend":[{"date":"2026-11-20","Team One":0.24,"t2":0.006}],"teams":["Team One","t2"],"total_spend_per_team":[{"team_id":"Team One","total_spend":0.24},{"team_id":"t2","total_spend":0.006}]}""")]
    [InlineData("/global/spend/models?" + Days, """[{"model":"gpt","total_spend":0.2408134},{"model":"claude","total_spend":0.0061}]""")]
    [InlineData("/global/spend/tags?tags=a&" + Days, """{"spend_per_tag":[{"name":"a","spend":0.2,"log_count":1}]}""")]
    [InlineData("/global/spend/provider?" + Days, """[{"provider":"openai","spend":0.2408},{"provider":"anthropic","spend":0.0061},{"provider":"groq","spend":0.0000134}]""")]
    [InlineData("/global/spend/report?start_date=2026-11-21&end_date=2026-11-21", """[{"group_by_day":"2026-11-21","teams":[{"team_name":"Team One","id":"t1","total_spend":0.0008134,"metadata":[{"model":"gpt","spend":0.0008134,"total_tokens":351}]}]}]""")]
    [InlineData("/global/spend/report?group_by=customer&customer_id=c2&" + Days, """[{"group_by_day":"2026-11-20","customers":[{"customer":"c2","id":"c2","total_spend":0.04,"metadata":[{"model":"gpt","spend":0.04,"total_tokens":117}]}]}]""")]
    [InlineData("/global/spend/report?api_key=k3&" + Days, """[{"api_key":"k3","total_cost":0.006,"total_input_tokens":110,"total_output_tokens":7,"model_details":[{"model":"claude","total_cost":0.006,"total_input_tokens":110,"total_output_tokens":7}]}]""")]
    [InlineData("/global/activity?" + Days, """{"daily_data":[{"date":"Nov 20","api_requests":4,"total_tokens":351},{"date":"Nov 21","api_requests":4,"total_tokens":468}],"sum_api_requests":8,"sum_total_tokens":819}""")]
    [InlineData("/global/activity/model?start_date=2026-11-21&end_date=2026-11-21", """[{"model":"gpt","daily_data":[{"date":"Nov 21","api_requests":3,"total_tokens":351}],"sum_api_requests":3,"sum_total_tokens":351},{"model":"claude","daily_data":[{"date":"Nov 21","api_requests":1,"total_tokens":117}],"sum_api_requests":1,"sum_total_tokens":117}]""")]
    public async Task A_path_answers_with_LiteLLMs_fields(string path, string expected)
    {
        using HttpResponseMessage response = await books.GetAsync(path);
        response.Header("x-interline-source").ShouldBe("memory");
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(200, text);
        text.ShouldBe(expected);
    }

    [Fact]
    public async Task A_row_of_the_log_has_LiteLLMs_fields()
    {
        JsonElement row = (await books.JsonAsync("/spend/logs?request_id=" + books.Id(1)))[0];
        row.GetProperty("api_key").GetString().ShouldBe("k1");
        row.GetProperty("spend").GetDecimal().ShouldBe(0.2m);
        row.GetProperty("prompt_tokens").GetInt64().ShouldBe(110);
        row.GetProperty("completion_tokens").GetInt64().ShouldBe(7);
        row.GetProperty("startTime").GetString().ShouldBe("2026-11-20T10:00:00Z");
        row.GetProperty("endTime").GetString().ShouldBe("2026-11-20T10:00:00.25Z");
        row.GetProperty("model").GetString().ShouldBe("gpt-2026");
        row.GetProperty("model_group").GetString().ShouldBe("gpt");
        row.GetProperty("custom_llm_provider").GetString().ShouldBe("openai");
        row.GetProperty("request_tags").EnumerateArray().Select(x => x.GetString()).ShouldBe(["a", "b"]);
        row.GetProperty("status").GetString().ShouldBe("success");
        JsonElement failed = (await books.JsonAsync("/spend/logs?request_id=" + books.Id(4)))[0];
        failed.GetProperty("status").GetString().ShouldBe("failure");
        failed.GetProperty("metadata").GetProperty("spend_is_known").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Numbered_pages_have_their_totals()
    {
        JsonElement page = await books.JsonAsync($"/spend/logs/v2?{Days}&page=2&page_size=3&status_filter=success");
        page.GetProperty("data").EnumerateArray().Select(x => BooksFixture.Number(x.GetProperty("request_id").GetString()!)).ShouldBe([5, 3, 2]);
        (page.GetProperty("total").GetInt32(), page.GetProperty("total_pages").GetInt32(), page.GetProperty("total_is_least").GetBoolean()).ShouldBe((7, 3, false));
        using HttpResponseMessage deep = await books.GetAsync($"/spend/logs/v2?{Days}&page=5000&page_size=100");
        (await deep.ErrorAsync(400)).ShouldStartWith("page: `5000` lies more than");
    }

    [Fact]
    public async Task Daily_activity_is_broken_down_and_its_pages_add_up()
    {
        JsonElement all = await books.JsonAsync("/user/daily/activity?" + Days);
        all.GetProperty("results").EnumerateArray().Select(x => x.GetProperty("date").GetString()).ShouldBe(["2026-11-21", "2026-11-20"]);
        JsonElement first = all.GetProperty("results")[1];
        JsonElement metrics = first.GetProperty("metrics");
        metrics.GetProperty("spend").GetDecimal().ShouldBe(0.246m);
        metrics.GetProperty("prompt_tokens").GetInt64().ShouldBe(330);
        metrics.GetProperty("cache_read_input_tokens").GetInt64().ShouldBe(30);
        metrics.GetProperty("successful_requests").GetInt64().ShouldBe(3);
        metrics.GetProperty("failed_requests").GetInt64().ShouldBe(1);
        JsonElement breakdown = first.GetProperty("breakdown");
        breakdown.GetProperty("models").GetProperty("gpt").GetProperty("metrics").GetProperty("api_requests").GetInt64().ShouldBe(3);
        breakdown.GetProperty("providers").GetProperty("anthropic").GetProperty("metrics").GetProperty("spend").GetDecimal().ShouldBe(0.006m);
        breakdown.GetProperty("api_keys").GetProperty("k1").GetProperty("metadata").GetProperty("key_alias").GetString().ShouldBe("alias of k1");
        all.GetProperty("metadata").GetProperty("total_spend").GetDecimal().ShouldBe(0.2469134m);
        all.GetProperty("metadata").GetProperty("total_tokens").GetInt64().ShouldBe(819);

        decimal sum = 0;
        for (int page = 1; page <= 2; page++)
        {
            JsonElement metadata = (await books.JsonAsync($"/user/daily/activity?{Days}&page_size=1&page={page}")).GetProperty("metadata");
            (metadata.GetProperty("total_pages").GetInt32(), metadata.GetProperty("has_more").GetBoolean()).ShouldBe((2, page == 1));
            sum += metadata.GetProperty("total_spend").GetDecimal();
        }

        sum.ShouldBe(0.2469134m);
    }

    [Theory]
    [InlineData("/user/daily/activity?user_id=u1&", "u1", "0.2068014", "k1 k3")]
    [InlineData("/team/daily/activity?team_ids=t1&", "t1", "0.2408134", "k1 k2")]
    [InlineData("/customer/daily/activity?end_user_ids=c1&", "c1", "0.2000014", "k1")]
    [InlineData("/end_user/daily/activity?end_user_ids=c1&", "c1", "0.2000014", "k1")]
    [InlineData("/tag/daily/activity?tags=b&", "b", "0.2408", "k1 k2")]
    public async Task Daily_activity_of_one_owner_has_its_keys(string path, string owner, string spend, string keys)
    {
        JsonElement json = await books.JsonAsync(path + Days);
        json.GetProperty("metadata").GetProperty("total_spend").GetRawText().ShouldBe(spend);
        JsonElement[] days = [.. json.GetProperty("results").EnumerateArray().Select(x => x.GetProperty("breakdown"))];
        days.ShouldAllBe(x => x.GetProperty("entities").EnumerateObject().Single().Name == owner);
        string.Join(' ', days.SelectMany(x => x.GetProperty("api_keys").EnumerateObject()).Select(x => x.Name).Distinct().Order(StringComparer.Ordinal)).ShouldBe(keys);
    }

    [Fact]
    public async Task Customers_are_summed_by_a_body()
    {
        using HttpResponseMessage response = await books.Gateway.PostAsync("/global/spend/end_users", """{"startTime":"2026-11-20","endTime":"2026-11-21"}""");
        (await response.Content.ReadAsStringAsync()).ShouldBe("""[{"end_user":"c1","total_count":2,"total_spend":0.2000014},{"end_user":"c2","total_count":1,"total_spend":0.04},{"end_user":"=c3","total_count":1,"total_spend":0.000012}]""");
        using HttpResponseMessage bad = await books.Gateway.PostAsync("/global/spend/end_users", """{"startTime":"then"}""");
        (await bad.ErrorAsync(400)).ShouldStartWith("start_date: `then`");
        using HttpResponseMessage broken = await books.Gateway.PostAsync("/global/spend/end_users", """{"startTime":""");
        (await broken.ErrorAsync(400)).ShouldContain("not valid JSON");
    }

    [Fact]
    public async Task Budgets_of_providers_are_shown_with_what_is_spent()
    {
        JsonElement providers = (await books.JsonAsync("/provider/budgets")).GetProperty("providers");
        JsonElement openai = providers.GetProperty("openai");
        openai.GetProperty("budget_limit").GetDecimal().ShouldBe(5);
        openai.GetProperty("time_period").GetString().ShouldBe("36500d");
        openai.GetProperty("spend").GetDecimal().ShouldBe(0.1204m);
        providers.GetProperty("groq").GetProperty("spend").GetDecimal().ShouldBe(0);
    }

    [Fact]
    public async Task The_window_of_a_providers_budget_is_that_of_its_meter()
    {
        JsonElement providers = (await books.JsonAsync("/provider/budgets")).GetProperty("providers");
        DateTime week = providers.GetProperty("mistral").GetProperty("budget_reset_at").GetDateTime();
        DateTime month = providers.GetProperty("cohere").GetProperty("budget_reset_at").GetDateTime();
        (week.DayOfWeek, week.TimeOfDay).ShouldBe((DayOfWeek.Monday, TimeSpan.Zero));
        (month.Day, month.TimeOfDay).ShouldBe((1, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("/spend/calculate", """{"model":"gpt","completion_response":{"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":400}}}}""", """{"cost":0.0024,"price_source":"config","prompt_tokens":1000,"completion_tokens":100,"usage_is_estimated":false}""")]
    [InlineData("/spend/calculate", """{"completion_response":{"model":"gpt","type":"message","content":[],"usage":{"input_tokens":600,"cache_read_input_tokens":400,"output_tokens":100}}}""", """{"cost":0.0024,"price_source":"config","prompt_tokens":1000,"completion_tokens":100,"usage_is_estimated":false}""")]
    [InlineData("/cost/estimate", """{"model":"gpt","input_tokens":1000,"output_tokens":100,"num_requests_per_day":10}""", """{"model":"gpt","provider":"openai","price_source":"config","input_tokens":1000,"output_tokens":100,"cost_per_request":0.0028,"input_cost_per_request":0.002,"output_cost_per_request":0.0008,"num_requests_per_day":10,"daily_cost":0.028,"daily_input_cost":0.02,"daily_output_cost":0.008,"num_requests_per_month":null,"monthly_cost":null,"monthly_input_cost":null,"monthly_output_cost":null}""")]
    public async Task Costs_are_calculated_by_the_prices_of_live_calls(string path, string body, string expected)
    {
        using HttpResponseMessage response = await books.Gateway.PostAsync(path, body);
        Normal(await response.Content.ReadAsStringAsync()).ShouldBe(expected);
    }

    [Theory]
    [InlineData("/spend/calculate", """{"model":"sold","completion_response":{"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":100}}}""", "cost", "0.00254")]
    [InlineData("/spend/calculate", """{"model":"searching","completion_response":{"type":"message","content":[],"usage":{"input_tokens":1000,"output_tokens":100,"server_tool_use":{"web_search_requests":2}}}}""", "cost", "0.0228")]
    [InlineData("/cost/estimate", """{"model":"sold","input_tokens":1000,"output_tokens":100}""", "cost_per_request", "0.00254")]
    public async Task What_is_calculated_has_discount_margin_and_what_is_no_token(string path, string body, string field, string expected)
    {
        using HttpResponseMessage response = await books.Gateway.PostAsync(path, body);
        (await response.JsonAsync()).GetProperty(field).GetDecimal().ShouldBe(decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("/spend/calculate", "gpt", 200)]
    [InlineData("/spend/calculate", "sold", 403)]
    [InlineData("/spend/calculate", "nobody-knows", 403)]
    [InlineData("/cost/estimate", "sold", 403)]
    public async Task A_model_that_a_caller_may_not_ask_for_is_not_priced_for_it(string path, string model, int status)
    {
        using HttpRequestMessage request = books.Gateway.Post(path, $$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}],"input_tokens":1}""");
        request.Headers.Add("x-test-who", "limited:gpt");
        using HttpResponseMessage response = await books.Gateway.Http.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(status);
    }

    [Fact]
    public async Task A_request_is_priced_by_an_estimate_of_its_input()
    {
        using HttpResponseMessage response = await books.Gateway.PostAsync("/spend/calculate", """{"model":"gpt","messages":[{"role":"user","content":"How much does this cost?"}]}""");
        JsonElement json = await response.JsonAsync();
        json.GetProperty("usage_is_estimated").GetBoolean().ShouldBeTrue();
        long tokens = json.GetProperty("prompt_tokens").GetInt64();
        tokens.ShouldBeInRange(5, 30);
        json.GetProperty("cost").GetDecimal().ShouldBe(tokens * 0.000002m);
    }

    [Theory]
    [InlineData("/spend/calculate", """{"model":"free-form","messages":[{"role":"user","content":"x"}]}""", 400, "The price of openai/nobody-knows-its-price is not known")]
    [InlineData("/spend/calculate", """{"model":"gqt","messages":[]}""", 404, "The model `gqt` does not exist here. Did you mean gpt?")]
    [InlineData("/spend/calculate", """{"messages":[]}""", 400, "`model` is missing")]
    [InlineData("/spend/calculate", """{"model":"gpt"}""", 400, "Give `model` and `messages`")]
    [InlineData("/spend/calculate", """{"model":"gpt","completion_response":{"choices":[]}}""", 400, "completion_response: has no usage")]
    [InlineData("/spend/calculate", "[]", 400, "The request body is not a JSON object")]
    [InlineData("/cost/estimate", """{"model":"gpt","input_tokens":-1}""", 400, "input_tokens: expected a whole number")]
    [InlineData("/cost/estimate", """{"model":"free-form","input_tokens":1}""", 400, "The price of openai/nobody-knows-its-price is not known")]
    public async Task What_cannot_be_calculated_is_an_error_and_never_zero(string path, string body, int status, string message)
    {
        using HttpResponseMessage response = await books.Gateway.PostAsync(path, body);
        (await response.ErrorAsync(status)).ShouldStartWith(message);
    }

    /// <summary>Without the zeros behind the last digit that a product of decimals may have.</summary>
    private static string Normal(string json) => System.Text.RegularExpressions.Regex.Replace(json, @"(?<kept>\.[0-9]*[1-9])0+|\.0+(?![0-9])", "${kept}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
}
