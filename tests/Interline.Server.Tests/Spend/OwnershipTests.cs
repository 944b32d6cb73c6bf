using System.Net;
using System.Text.Json;
using Interline.Server.Endpoints;
using Interline.Server.Spend;
using Interline.Server.Tests.Running;
using Endpoint = Interline.Server.Endpoints.Endpoint;

namespace Interline.Server.Tests.Spend;

/// <summary>Nobody sees more of the books than is its own, whatever path it asks at.</summary>
public sealed class OwnershipTests(BooksFixture books) : IClassFixture<BooksFixture>
{
    private static readonly Dictionary<string, long[]> Own = new(StringComparer.Ordinal)
    {
        ["admin"] = [1, 2, 3, 4, 5, 6, 7, 8],
        ["viewer"] = [1, 2, 3, 4, 5, 6, 7, 8],
        ["team:t1"] = [1, 2, 4, 5, 7, 8],
        ["team:t2"] = [3],
        ["teams:t1+t2"] = [1, 2, 3, 4, 5, 7, 8],
        ["guest:t2"] = [3],
        ["user:u1"] = [1, 3, 4, 5, 8],
        ["user:nobody"] = [],
        ["key:k1"] = [1, 4, 5, 8],
        ["key:k9"] = [],
        ["nobody"] = [],
    };

    public static TheoryData<string> Everybody => [.. Own.Keys];

    [Theory]
    [MemberData(nameof(Everybody))]
    public async Task The_call_log_shows_the_own_calls(string who)
    {
        JsonElement page = await books.JsonAsync("/v1/calls", who);
        Numbers(page.GetProperty("data"), "id").ShouldBe(Own[who]);
        Numbers(await books.JsonAsync("/spend/logs", who), "request_id").ShouldBe(Own[who]);
        JsonElement paged = await books.JsonAsync("/spend/logs/v2?start_date=2026-11-01&end_date=2026-11-30", who);
        paged.GetProperty("total").GetInt32().ShouldBe(Own[who].Length);
        using HttpResponseMessage csv = await books.GetAsync("/v1/calls?format=csv", who);
        (await csv.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(Own[who].Length + 1);
    }

    [Theory]
    [MemberData(nameof(Everybody))]
    public async Task A_call_of_somebody_else_is_not_there(string who)
    {
        for (long number = 1; number <= 8; number++)
        {
            HttpStatusCode expected = Own[who].Contains(number) ? HttpStatusCode.OK : HttpStatusCode.NotFound;
            using HttpResponseMessage call = await books.GetAsync("/v1/calls/" + books.Id(number), who);
            call.StatusCode.ShouldBe(expected, $"{who} {number}");
            JsonElement logs = await books.JsonAsync("/spend/logs?request_id=" + books.Id(number), who);
            logs.GetArrayLength().ShouldBe(Own[who].Contains(number) ? 1 : 0);
        }
    }

    [Theory]
    [MemberData(nameof(Everybody))]
    public async Task Sums_are_of_the_own_calls_by_whatever_they_are_made(string who)
    {
        foreach (string dimension in (string[])["everything", "key", "team", "user", "customer", "tag"])
        {
            JsonElement usage = await books.JsonAsync($"/v1/usage?from=2026-11-01&to=2026-12-01&dimension={dimension}&group_by=id,model", who);
            long expected = Own[who].Sum(x => dimension switch
            {
                "everything" => 1,
                "customer" => x is 1 or 2 or 7 or 8 ? 1 : 0,
                "tag" => x switch { 1 => 2, 2 or 5 => 1, _ => 0 },
                _ => x == 6 ? 0 : 1,
            });
            usage.GetProperty("data").EnumerateArray().Sum(x => x.GetProperty("calls").GetInt64()).ShouldBe(expected, dimension);
        }
    }

    /// <summary>The money of one stranger's call is in no answer of any path. Found by its digits: each call costs another power of ten.</summary>
    [Fact]
    public async Task No_path_of_the_table_shows_a_stranger_anything()
    {
        var access = new BookAccess(books.Gateway.Gateway, new Interline.Books.InMemoryUsageReader(new Interline.Ledger.InMemoryLedger(), books.Gateway.Gateway.CallId), TimeProvider.System);
        string[] secrets = ["k1", "k2", "k3", "t1", "t2", "u1", "u2", "c1", "c2", "c3", "claude", "anthropic", "Team One", "0.2", "0.04", "0.006", "0.0008", "0.0001"];
        foreach (Endpoint row in SpendEndpoints.Rows(access).Where(x => x.Method == "GET"))
        {
            using HttpResponseMessage response = await books.GetAsync(row.Path + "?start_date=2026-11-01&end_date=2026-11-30", "key:k9");
            string text = await response.Content.ReadAsStringAsync();
            foreach (string secret in secrets)
            {
                text.ShouldNotContain(secret, Case.Sensitive, row.Path);
            }
        }
    }

    [Fact]
    public async Task Asking_for_anothers_by_name_gives_nothing()
    {
        foreach (string path in (string[])["/v1/calls?team=t2", "/v1/calls?key=k3", "/v1/calls?user=u2&key=k2"])
        {
            (await books.JsonAsync(path, "key:k1")).GetProperty("data").GetArrayLength().ShouldBe(0, path);
        }

        (await books.JsonAsync("/user/daily/activity?start_date=2026-11-01&end_date=2026-11-30&user_id=u2", "user:u1")).GetProperty("results").GetArrayLength().ShouldBe(0);
        (await books.JsonAsync("/team/daily/activity?start_date=2026-11-01&end_date=2026-11-30&team_ids=t2", "team:t1")).GetProperty("results").GetArrayLength().ShouldBe(0);
    }

    private static IEnumerable<long> Numbers(JsonElement rows, string id) => rows.EnumerateArray().Select(x => BooksFixture.Number(x.GetProperty(id).GetString()!)).Order();
}
