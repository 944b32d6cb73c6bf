using System.Text.Json;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Spend;

/// <summary><c>GET /v1/usage</c>.</summary>
public sealed class UsageTests(BooksFixture books) : IClassFixture<BooksFixture>
{
    private const string Days = "from=2026-11-20&to=2026-11-22";

    [Theory]
    [InlineData("", "20: 4 0.246, 21: 4 0.0009134")]
    [InlineData("&group_by=model", "gpt: 6 0.2408134, claude: 2 0.0061")]
    [InlineData("&group_by=provider", "openai: 4 0.2408, anthropic: 2 0.0061, groq: 2 0.0000134")]
    [InlineData("&dimension=team&group_by=id", "t1: 6 0.2408134, t2: 1 0.006")]
    [InlineData("&dimension=team&ids=t2,t9&group_by=id", "t2: 1 0.006")]
    [InlineData("&dimension=key", "20 k1: 2 0.2, 20 k2: 1 0.04, 20 k3: 1 0.006, 21 k1: 2 0.0008014, 21 k2: 1 0.000012")]
    [InlineData("&dimension=tag&group_by=id", "a: 1 0.2, b: 3 0.2408")]
    [InlineData("&models=claude&group_by=model,provider", "claude anthropic: 2 0.0061")]
    public async Task Sums_are_made_by_what_is_asked(string query, string expected)
    {
        JsonElement usage = await books.JsonAsync($"/v1/usage?{Days}{query}");
        usage.GetProperty("from").GetString().ShouldBe("2026-11-20T00:00:00Z");
        string[] rows = [.. usage.GetProperty("data").EnumerateArray().Select(Show)];
        rows.Order(StringComparer.Ordinal).ShouldBe(expected.Split(", ").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_month_has_its_failed_calls_and_tokens()
    {
        JsonElement usage = await books.JsonAsync("/v1/usage?period=month&from=2026-11-05&to=2026-11-06");
        usage.GetProperty("to").GetString().ShouldBe("2026-12-01T00:00:00Z");
        JsonElement row = usage.GetProperty("data").EnumerateArray().ShouldHaveSingleItem();
        row.GetProperty("period").GetString().ShouldBe("2026-11-01T00:00:00.0000000Z");
        row.GetProperty("calls").GetInt64().ShouldBe(8);
        row.GetProperty("failed").GetInt64().ShouldBe(1);
        row.GetProperty("total_tokens").GetInt64().ShouldBe(7 * 117);
        row.GetProperty("upstream_cost_usd").GetString().ShouldBe("0.1234567");
    }

    [Fact]
    public async Task It_is_a_table_too()
    {
        using HttpResponseMessage response = await books.GetAsync($"/v1/usage?{Days}&dimension=customer&group_by=id&format=csv");
        string[] lines = (await response.Content.ReadAsStringAsync()).Split("\r\n");
        lines[0].ShouldBe("period,id,model_group,provider,calls,failed,estimated,input_tokens,cache_read_tokens,cache_write_tokens,cache_write_1h_tokens,input_audio_tokens,input_image_tokens,output_tokens,reasoning_tokens,output_audio_tokens,output_image_tokens,total_tokens,upstream_cost_usd,list_price_usd,billed_price_usd,duration_ms");
        lines[1..^1].ShouldBe([",'=c3,,,1,0,0,100,10,0,0,0,0,5,2,0,0,117,0.000006,0.000006,0.000012,250", ",c1,,,2,0,0,200,20,0,0,0,0,10,4,0,0,234,0.1000007,0.1000007,0.2000014,500", ",c2,,,1,0,0,100,10,0,0,0,0,5,2,0,0,117,0.02,0.02,0.04,250"]);
    }

    [Theory]
    [InlineData("period=week", "period: `week` is not one of hour, day, month.")]
    [InlineData("dimension=model", "dimension: `model` is not one of everything, key, team, user, customer, tag.")]
    [InlineData("group_by=period,team", "group_by: `team` is not one of period, id, model, provider")]
    [InlineData("ids=t1", "ids: needs a dimension")]
    [InlineData("from=2026-11-22&to=2026-11-21", "to: `2026-11-21` is not after from.")]
    [InlineData("groupby=model", "groupby: is no parameter of this path; did you mean group_by?")]
    public async Task A_parameter_that_cannot_be_is_told(string query, string message)
    {
        using HttpResponseMessage response = await books.GetAsync("/v1/usage?" + query);
        (await response.ErrorAsync(400)).ShouldStartWith(message);
    }

    private static string Show(JsonElement row)
    {
        string?[] names = [row.GetProperty("period").GetString()?[8..10], row.GetProperty("id").GetString(), row.GetProperty("model_group").GetString(), row.GetProperty("provider").GetString()];
        return $"{string.Join(' ', names.Where(x => x is not null))}: {row.GetProperty("calls").GetInt64()} {row.GetProperty("billed_price_usd").GetString()}";
    }
}
