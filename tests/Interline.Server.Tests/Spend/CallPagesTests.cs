using System.Net;
using System.Text.Json;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Spend;

/// <summary><c>GET /v1/calls</c>.</summary>
public sealed class CallPagesTests(BooksFixture books) : IClassFixture<BooksFixture>
{
    [Fact]
    public async Task Pages_follow_one_another_to_the_end()
    {
        var numbers = new List<long>();
        string next = "";
        for (bool more = true; more;)
        {
            JsonElement page = await books.JsonAsync("/v1/calls?limit=3" + next);
            numbers.AddRange(page.GetProperty("data").EnumerateArray().Select(x => BooksFixture.Number(x.GetProperty("id").GetString()!)));
            more = page.GetProperty("has_more").GetBoolean();
            page.GetProperty("next").GetString().ShouldBe(more ? books.Id(numbers[^1]) : null);
            next = "&before=" + page.GetProperty("next").GetString();
        }

        numbers.ShouldBe([8, 7, 6, 5, 4, 3, 2, 1]);
    }

    [Theory]
    [InlineData("key=k1", "8 5 4 1")]
    [InlineData("key=sk-known", "8 5 4 1")]
    [InlineData("team=t2", "3")]
    [InlineData("user=u2", "7 2")]
    [InlineData("customer=c1", "8 1")]
    [InlineData("model=claude", "6 3")]
    [InlineData("provider=groq", "8 7")]
    [InlineData("tag=b", "5 2 1")]
    [InlineData("status=failed", "4")]
    [InlineData("status=ok&team=t1", "8 7 5 2 1")]
    [InlineData("from=2026-11-21", "8 7 6 5")]
    [InlineData("to=2026-11-21", "4 3 2 1")]
    [InlineData("from=2026-11-20T10:02:00Z&to=2026-11-21T10:01:00Z", "5 4 3")]
    [InlineData("from=2026-11-20T12:02:00%2B02:00&to=2026-11-20T12:03:00+02:00", "3")]
    [InlineData("from=2026-11&to=2026-12&customer=%3Dc3", "7")]
    [InlineData("from=2030-01-01", "")]
    public async Task Calls_are_searched(string query, string numbers)
    {
        JsonElement page = await books.JsonAsync("/v1/calls?" + query);
        page.GetProperty("source").GetString().ShouldBe("memory");
        string.Join(' ', page.GetProperty("data").EnumerateArray().Select(x => BooksFixture.Number(x.GetProperty("id").GetString()!))).ShouldBe(numbers);
    }

    [Theory]
    [InlineData("format=xml", "format: `xml` is not one of json, csv, jsonl.")]
    [InlineData("limit=0", "limit: `0` is not a whole number from 1 to 1000.")]
    [InlineData("limit=1001", "limit:")]
    [InlineData("limit=ten", "limit:")]
    [InlineData("status=bad", "status: `bad` is not one of any, ok, failed.")]
    [InlineData("from=yesterday", "from: `yesterday` is not a day (2026-11-30)")]
    [InlineData("from=2026-13-01", "from:")]
    [InlineData("from=2026-02-30", "from:")]
    [InlineData("from=2026-11-21&to=2026-11-21", "to: `2026-11-21` is not after from.")]
    [InlineData("before=zz", "before: `zz` is not the id of a call")]
    [InlineData("teem=t1", "teem: is no parameter of this path; did you mean team?")]
    [InlineData("q=hello", "q: is no parameter of this path")]
    [InlineData("team=t1&team=t2", "team: was given more than once.")]
    public async Task A_parameter_that_cannot_be_is_told_by_name_value_and_what_may_be(string query, string message)
    {
        using HttpResponseMessage response = await books.GetAsync("/v1/calls?" + query);
        (await response.ErrorAsync(400)).ShouldStartWith(message);
    }

    [Fact]
    public async Task An_unknown_key_is_not_shown_again()
    {
        using HttpResponseMessage response = await books.GetAsync("/v1/calls?key=sk-somebodys-secret-key");
        string message = await response.ErrorAsync(400);
        message.ShouldStartWith("key: there is no such key");
        message.ShouldNotContain("somebodys");
    }

    [Fact]
    public async Task The_log_is_exported_as_CSV_and_as_lines()
    {
        using HttpResponseMessage csv = await books.GetAsync("/v1/calls?format=csv&customer=%3Dc3");
        csv.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        csv.Content.Headers.ContentDisposition!.FileName!.Trim('"').ShouldBe("calls.csv");
        string[] lines = (await csv.Content.ReadAsStringAsync()).Split("\r\n");
        lines.Length.ShouldBe(3);
        lines[0].ShouldStartWith("id,time,");
        lines[1].ShouldBe($"{books.Id(7)},2026-11-21T10:02:00.0000000Z,openai.chat,gpt,groq,gpt-2026,d-groq,200,,,false,k2,t1,u2,'=c3,,100,10,0,0,0,0,5,2,0,0,117,false,0.000006,0.000006,0.000012,,,,1,0,0,250.000,50.000,v1");
        using HttpResponseMessage json = await books.GetAsync("/v1/calls?format=jsonl&limit=2");
        json.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-ndjson");
        string[] rows = (await json.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        rows.Select(x => JsonDocument.Parse(x).RootElement.GetProperty("billed_price_usd").GetString()).ShouldBe(["0.0000014", "0.000012"]);
    }

    [Fact]
    public async Task One_call_is_shown_with_whom_it_counts_for()
    {
        JsonElement call = await books.JsonAsync("/v1/calls/" + books.Id(1));
        call.GetProperty("key").GetString().ShouldBe("k1");
        call.GetProperty("team").GetString().ShouldBe("t1");
        call.GetProperty("customer").GetString().ShouldBe("c1");
        call.GetProperty("tags").EnumerateArray().Select(x => x.GetString()).ShouldBe(["a", "b"]);
        using HttpResponseMessage unknown = await books.GetAsync("/v1/calls/" + books.Id(99));
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
