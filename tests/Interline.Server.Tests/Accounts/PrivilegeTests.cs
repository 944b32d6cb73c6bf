using System.Text;
using System.Text.Json;
using Interline.Accounts;
using Interline.Server.Tests.BadInput;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Accounts;

/// <summary>Ways to get at more than was granted, by the classes of what happened to other gateways.</summary>
public sealed class PrivilegeTests(AccountFixture fixture) : IClassFixture<AccountFixture>
{
    private const string Sql = "x'; DROP TABLE accounts; -- \" OR 1=1 %27 ${jndi} {{7*7}} <script>";

    [Theory]
    [InlineData("/user/new")]
    [InlineData("//user/new")]
    [InlineData("/user//new")]
    [InlineData("/user/new/")]
    [InlineData("/user/new;x=1")]
    [InlineData("/user;a=b/new")]
    [InlineData("/USER/NEW")]
    [InlineData("/user/%6eew")]
    [InlineData("/user%2Fnew")]
    [InlineData("/user%2fnew")]
    [InlineData("/v1/models/%2e%2e/%2e%2e/user/new")]
    [InlineData("/health/liveliness/../../user/new")]
    [InlineData("/health/liveliness/%2e%2e/%2e%2e/user/new")]
    [InlineData("/user/new%00")]
    [InlineData("/user/new%20")]
    [InlineData("/./user/new")]
    [InlineData("/user/new?x=/health/liveliness")]
    [InlineData("/user/new#/health/liveliness")]
    [InlineData("http://localhost/health/liveliness/../../user/new")]
    [InlineData("/\\user\\new")]
    public async Task No_spelling_of_a_path_gets_an_admins_endpoint_for_others(string path)
    {
        foreach (string? key in (string?[])[null, fixture.Keys["caller"], fixture.Keys["head"]])
        {
            string answer = await RawAsync("POST", path, key, """{"user_id":"smuggled","user_role":"proxy_admin"}""");
            answer.ShouldStartWith("HTTP/1.1 4", customMessage: path);
        }

        fixture.Gateway.Accounts.Book.Find(AccountKinds.User, "smuggled").ShouldBeNull();
    }

    [Theory]
    [InlineData("Host: evil.example/health/liveliness")]
    [InlineData("Host: localhost/health/liveliness?")]
    [InlineData("X-Forwarded-Host: localhost/health/liveliness")]
    [InlineData("X-Forwarded-Prefix: /health/liveliness")]
    [InlineData("X-Original-URL: /health/liveliness")]
    [InlineData("X-Rewrite-URL: /health/liveliness")]
    [InlineData("X-Original-URI: /health/liveliness")]
    [InlineData("X-HTTP-Method-Override: GET")]
    [InlineData("X-Forwarded-For: 127.0.0.1")]
    [InlineData("X-Real-IP: 127.0.0.1")]
    [InlineData("Forwarded: for=127.0.0.1;host=localhost")]
    [InlineData("X-Forwarded-User: boss")]
    [InlineData("x-litellm-user-role: proxy_admin")]
    public async Task No_header_changes_who_may_what(string header)
    {
        foreach (string? key in (string?[])[null, fixture.Keys["caller"], fixture.Keys["worker"]])
        {
            string answer = await RawAsync("POST", "/user/new", key, """{"user_id":"by-header","user_role":"proxy_admin"}""", header);
            answer.ShouldStartWith("HTTP/1.1 4", customMessage: header);
        }

        fixture.Gateway.Accounts.Book.Find(AccountKinds.User, "by-header").ShouldBeNull();
    }

    [Theory]
    [InlineData("worker", "/user/update", """{"user_id":"worker","user_role":"proxy_admin"}""", "user_role")]
    [InlineData("worker", "/user/update", """{"user_role":"proxy_admin"}""", "user_role")]
    [InlineData("worker", "/user/update", """{"max_budget":1000}""", "max_budget")]
    [InlineData("worker", "/user/update", """{"models":[]}""", "models")]
    [InlineData("worker", "/key/generate", """{"user_id":"boss"}""", "user_id")]
    [InlineData("worker", "/key/generate", """{"user_id":null}""", "user_id")]
    [InlineData("worker", "/key/generate", """{"team_id":"red"}""", "team_id")]
    [InlineData("worker", "/key/generate", """{"budget_id":"any"}""", "budget_id")]
    [InlineData("worker", "/key/generate", """{"key":"sk-of-my-own-choice-123"}""", "key")]
    [InlineData("worker", "/key/generate", """{"blocked":false}""", "blocked")]
    [InlineData("head", "/key/generate", """{"team_id":"blue"}""", "team_id")]
    [InlineData("head", "/key/generate", """{"team_id":"red","user_id":"boss"}""", "user_id")]
    [InlineData("head", "/key/service-account/generate", """{"team_id":"blue"}""", "team_id")]
    [InlineData("head", "/team/update", """{"team_id":"red","max_budget":1000}""", "max_budget")]
    [InlineData("head", "/team/update", """{"team_id":"red","models":[]}""", "models")]
    [InlineData("head", "/team/update", """{"team_id":"red","blocked":false}""", "blocked")]
    [InlineData("head", "/key/generate", """{"temp_budget_increase":5}""", "temp_budget_increase")]
    public async Task A_field_beyond_ones_role_is_refused_by_name(string who, string path, string body, string field) =>
        (await fixture.RefusedAsync(who, 403, path, body)).GetProperty("param").GetString().ShouldBe(field);

    [Theory]
    [InlineData("head", "/team/update", """{"team_id":"blue","team_alias":"mine"}""", 404)]
    [InlineData("worker", "/user/update", """{"user_id":"head","user_alias":"x"}""", 404)]
    [InlineData("head", "/team/member_add", """{"team_id":"blue","member":{"user_id":"head","role":"admin"}}""", 404)]
    [InlineData("head", "/team/member_update", """{"team_id":"red","user_id":"head","max_budget_in_team":1000}""", 403)]
    [InlineData("head", "/team/member_delete", """{"team_id":"red","user_id":"head"}""", 403)]
    [InlineData("head", "/team/member_add", """{"team_id":"red","member":{"user_id":"head","role":"admin","max_budget_in_team":1000}}""", 403)]
    public async Task Accounts_of_others_are_out_of_reach(string who, string path, string body, int status) => await fixture.RefusedAsync(who, status, path, body);

    [Fact]
    public async Task Keys_of_others_are_neither_seen_nor_changed()
    {
        string key = await fixture.KeyAsync("""{"user_id":"boss","team_id":"red"}""");
        foreach (string who in (string[])["caller", "watcher", "worker", "other-head"])
        {
            (await fixture.AskAsync(who, "GET", $"/key/info?key={key}")).Status.ShouldBe(404, who);
            (await fixture.GetAsync(who, "/key/list?size=100")).ToString().ShouldNotContain(fixture.Gateway.Accounts.Book.FindKeyByText(key)!.Id);
        }

        foreach (string path in (string[])["/key/update", "/key/regenerate"])
        {
            await fixture.RefusedAsync("worker", 404, path, $$"""{"key":"{{key}}"}""");

            // It is of the team that head manages, but it is a proxy_admin's: whoever held it would be one.
            await fixture.RefusedAsync("head", 403, path, $$"""{"key":"{{key}}"}""");
        }

        await fixture.RefusedAsync("worker", 404, "/key/delete", $$"""{"keys":["{{key}}"]}""");
        (await fixture.CallAsync(key)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("models", """["tools"]""", """["ok"]""", """["ok","tools"]""", """["all-proxy-models"]""", """["*"]""", """["o*"]""")]
    [InlineData("max_budget", "5", "5", "5.01", "1000000000")]
    [InlineData("rpm_limit", "9", "3", "10", "11")]
    [InlineData("tpm_limit", "9", "9", "10")]
    [InlineData("max_parallel_requests", "2", "1", "3")]
    [InlineData("allowed_routes", """["/key/*","llm_api_routes"]""", """["/key/info"]""", """["/*"]""", """["management_routes"]""", """["/k*"]""", """["info_routes"]""")]
    [InlineData("model_rpm_limit", """{"ok":5}""", """{"ok":4,"tools":9}""", """{"ok":6}""", """{"tools":1}""", "{}")]
    [InlineData("model_max_budget", """{"ok":{"max_budget":2,"budget_duration":"1d"}}""", """{"ok":{"budget_limit":1,"time_period":"1d"}}""", """{"ok":3}""", """{"ok":{"max_budget":2,"budget_duration":"1h"}}""", "{}")]
    [InlineData("budget_limits", """[{"budget_duration":"1d","max_budget":2}]""", """[{"budget_duration":"1d","max_budget":1},{"budget_duration":"1h","max_budget":1}]""", "[]", """[{"budget_duration":"1h","max_budget":2}]""")]
    public async Task A_key_never_gets_more_than_its_giver_has(string field, string own, string within, params string[] beyond)
    {
        // "models" has its own list of what is within.
        string granter = await fixture.KeyAsync($$"""{"user_id":"spender","{{field}}":{{(field == "models" ? """["ok","any/*"]""" : own)}}}""");
        JsonElement less = await fixture.MakeAsync(granter, "/key/generate", $$"""{"{{field}}":{{(field == "models" ? """["any/x*"]""" : within)}}}""");
        less.GetProperty("user_id").GetString().ShouldBe("spender");
        foreach (string more in beyond)
        {
            (await fixture.RefusedAsync(granter, 403, "/key/generate", $$"""{"{{field}}":{{more}}}""")).GetProperty("param").GetString().ShouldBe(field, more);
            (await fixture.RefusedAsync(granter, 403, "/key/update", $$"""{"key":"{{granter}}","{{field}}":{{more}}}""")).GetProperty("param").GetString().ShouldBe(field, more);
        }

        // Left out is not unlimited: it is what the giver has.
        string same = (await fixture.MakeAsync(granter, "/key/generate", "{}")).GetProperty(field).ToString();
        same.ShouldBe((await fixture.GetAsync(granter, "/key/info")).GetProperty("info").GetProperty(field).ToString());

        // Nor can it be taken off oneself, or got by making a key anew that has less limits.
        await fixture.RefusedAsync(granter, 403, "/key/update", $$"""{"key":"{{granter}}","{{field}}":null}""");
        await fixture.RefusedAsync(granter, 403, "/key/regenerate", $$"""{"key":"{{fixture.Keys["spender"]}}"}""");
    }

    [Theory]
    [InlineData("\"max_budget\":5")]
    [InlineData("\"budget_limits\":[{\"budget_duration\":\"1d\",\"max_budget\":2}]")]
    [InlineData("\"model_max_budget\":{\"ok\":3}")]
    public async Task A_key_with_a_budget_does_not_multiply_it_by_making_keys(string budget)
    {
        string granter = await fixture.KeyAsync($$"""{"user_id":"worker",{{budget}}}""");
        (await fixture.RefusedAsync(granter, 403, "/key/generate", "{}")).GetProperty("param").GetString().ShouldBe("max_budget");

        // A budget of the user holds over all of its keys.
        string covered = await fixture.KeyAsync($$"""{"user_id":"spender",{{budget}}}""");
        await fixture.MakeAsync(covered, "/key/generate", "{}");
    }

    [Fact]
    public async Task A_shorter_window_of_a_budget_is_more()
    {
        string granter = await fixture.KeyAsync("""{"user_id":"spender","max_budget":10,"budget_duration":"30d"}""");
        await fixture.MakeAsync(granter, "/key/generate", """{"max_budget":10,"budget_duration":"60d"}""");
        await fixture.MakeAsync(granter, "/key/generate", """{"max_budget":10}""");
        await fixture.RefusedAsync(granter, 403, "/key/generate", """{"max_budget":10,"budget_duration":"1d"}""");
        await fixture.RefusedAsync(granter, 403, "/key/update", $$"""{"key":"{{granter}}","budget_duration":"1h"}""");
    }

    [Fact]
    public async Task A_key_never_outlives_its_giver()
    {
        string granter = await fixture.KeyAsync("""{"user_id":"worker","duration":"1h"}""");
        (await fixture.MakeAsync(granter, "/key/generate", "{}")).GetProperty("expires").GetDateTimeOffset().ShouldBe((await fixture.GetAsync(granter, "/key/info")).GetProperty("info").GetProperty("expires").GetDateTimeOffset());
        await fixture.MakeAsync(granter, "/key/generate", """{"duration":"30m"}""");
        await fixture.RefusedAsync(granter, 403, "/key/generate", """{"duration":"2h"}""");
        await fixture.RefusedAsync(granter, 403, "/key/update", $$"""{"key":"{{granter}}","duration":"2h"}""");
        await fixture.RefusedAsync(granter, 403, "/key/update", $$"""{"key":"{{granter}}","duration":null}""");
    }

    [Fact]
    public async Task A_key_in_a_team_cannot_make_one_outside_of_it()
    {
        string granter = await fixture.KeyAsync("""{"user_id":"worker","team_id":"red"}""");
        (await fixture.MakeAsync(granter, "/key/generate", "{}")).GetProperty("team_id").GetString().ShouldBe("red");
        await fixture.RefusedAsync(granter, 403, "/key/generate", """{"team_id":null}""");
        await fixture.RefusedAsync(granter, 403, "/key/update", $$"""{"key":"{{granter}}","team_id":null}""");
    }

    [Fact]
    public async Task Who_leaves_a_team_loses_its_keys_of_the_team_and_no_other()
    {
        await fixture.MakeAsync("head", "/team/member_add", """{"team_id":"red","member":{"user_id":"leaver"}}""");
        string ofTeam = (await fixture.MakeAsync("head", "/key/generate", """{"team_id":"red","user_id":"leaver"}""")).GetProperty("key").GetString()!;
        string own = await fixture.KeyAsync("""{"user_id":"leaver"}""");
        (await fixture.CallAsync(ofTeam)).Status.ShouldBe(200);
        await fixture.MakeAsync("head", "/team/member_delete", """{"team_id":"red","user_id":"leaver"}""");
        (await fixture.CallAsync(ofTeam)).Status.ShouldBe(401);
        (await fixture.CallAsync(own)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_admins_key_for_making_keys_cannot_make_one_that_may_call()
    {
        string minter = await fixture.KeyAsync("""{"user_id":"boss","allowed_routes":["/key/generate"]}""");
        (await fixture.MakeAsync(minter, "/key/generate", """{"user_id":"boss"}""")).GetProperty("allowed_routes").ToString().ShouldBe("""["/key/generate"]""");
        await fixture.RefusedAsync(minter, 403, "/key/generate", """{"user_id":"boss","key_type":"llm_api"}""");
        (await fixture.CallAsync(minter)).Status.ShouldBe(403);
    }

    [Fact]
    public async Task An_alias_of_ones_own_opens_no_model()
    {
        string key = await fixture.KeyAsync("""{"user_id":"worker","models":["ok"]}""");
        await fixture.MakeAsync(key, "/key/update", $$"""{"key":"{{key}}","aliases":{"ok":"tools","fine":"ok"} }""");
        (await fixture.CallAsync(key, "ok")).Status.ShouldBe(403);
        (await fixture.CallAsync(key, "fine")).Status.ShouldBe(200);
        (await fixture.CallAsync(key, "fine", ",\"fallbacks\":[\"tools\"]")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task What_a_key_is_kept_by_is_no_key()
    {
        string key = await fixture.KeyAsync("""{"user_id":"boss"}""");
        JsonElement info = (await fixture.GetAsync("master", $"/key/info?key={key}")).GetProperty("info");
        string token = info.GetProperty("token").GetString()!;
        string first20 = key[..20];
        foreach (string wrong in (string[])[token, token.ToUpperInvariant(), "sk-" + token, info.GetProperty("key_name").GetString()!, first20, first20 + new string('A', key.Length - 20), key + "x", key[..^1], key.ToUpperInvariant(), AccountFixture.InstallationSecret])
        {
            (await fixture.CallAsync(wrong)).Status.ShouldBe(401, wrong);
        }

        foreach (string field in (string[])["digest", "previous_digest", "earlier_digests"])
        {
            info.TryGetProperty(field, out _).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("0s", 401)]
    [InlineData("1h", 200)]
    public async Task What_an_earlier_secret_keeps_of_a_key_ends_with_the_key(string grace, int status)
    {
        string key = await fixture.KeyAsync("{}");
        string other = $"sk-the-same-key-by-another-digest-{grace}";
        AccountBook book = fixture.Gateway.Accounts.Book;
        KeyEntry entry = book.FindKeyByText(key)!;
        string document = entry.Row.Document!.Replace("\"digest\":", $"\"previous_digest\":\"{book.Hasher.Hash(other)}\",\"digest\":", StringComparison.Ordinal);
        (await book.WriteAsync([new(AccountKinds.Key, entry.Id, document, entry.Row.Revision)], CancellationToken.None)).ShouldNotBeNull();
        (await fixture.CallAsync(other)).Status.ShouldBe(200);
        await fixture.MakeAsync("/key/regenerate", $$"""{"key":"{{key}}","grace_period":"{{grace}}"}""");
        ((await fixture.CallAsync(key)).Status, (await fixture.CallAsync(other)).Status).ShouldBe((status, status));
    }

    [Fact]
    public async Task Keys_that_begin_alike_are_two_keys()
    {
        const string Common = "sk-twenty-characters-alike-";
        await fixture.MakeAsync("/key/generate", $$"""{"key":"{{Common}}a","models":["ok"]}""");
        await fixture.MakeAsync("/key/generate", $$"""{"key":"{{Common}}b","models":["tools"]}""");
        (await fixture.CallAsync(Common + "a", "ok")).Status.ShouldBe(200);
        (await fixture.CallAsync(Common + "b", "ok")).Status.ShouldBe(403);
        (await fixture.CallAsync(Common + "c", "ok")).Status.ShouldBe(401);
        await fixture.RefusedAsync("master", 409, "/key/generate", $$"""{"key":"{{Common}}a"}""");
        await fixture.RefusedAsync("master", 400, "/key/generate", """{"key":"sk-short"}""");
    }

    [Fact]
    public async Task Fields_that_are_not_for_setting_are_not_set()
    {
        JsonElement made = await fixture.MakeAsync("worker", "/key/generate", """{"spend":-1000,"token":"abc","digest":"00","earlier_digests":[],"previous_digest":"00","user_role":"proxy_admin","role":"admin","created_by":"boss","key_name":"x","rotation_count":-5,"is_admin":true}""");
        made.GetProperty("spend").GetDecimal().ShouldBe(0);
        made.GetProperty("token").GetString()!.Length.ShouldBe(64);
        made.GetProperty("created_by").GetString().ShouldBe("worker");
        foreach (string field in (string[])["user_role", "role", "is_admin", "digest", "rotation_count"])
        {
            made.TryGetProperty(field, out _).ShouldBeFalse(field);
        }

        made.GetProperty("warnings").EnumerateArray().Select(x => x.GetString()!.Split(':')[0]).ShouldBe(["spend", "token", "digest", "earlier_digests", "previous_digest", "user_role", "role", "created_by", "key_name", "rotation_count", "is_admin"]);
        (await fixture.AskAsync(made.GetProperty("key").GetString()!, "GET", "/user/list")).Status.ShouldBe(403);
    }

    [Theory]
    [InlineData("max_budget", "-1")]
    [InlineData("max_budget", "1e400")]
    [InlineData("max_budget", "-1e400")]
    [InlineData("max_budget", "1000000000.01")]
    [InlineData("max_budget", "9223372036854775808")]
    [InlineData("max_budget", "79228162514264337593543950336")]
    [InlineData("max_budget", "\"10\"")]
    [InlineData("max_budget", "true")]
    [InlineData("max_budget", "[1]")]
    [InlineData("soft_budget", "-0.01")]
    [InlineData("tpm_limit", "9223372036854775808")]
    [InlineData("tpm_limit", "-1")]
    [InlineData("tpm_limit", "1.5")]
    [InlineData("rpm_limit", "18446744073709551616")]
    [InlineData("max_parallel_requests", "2147483648")]
    [InlineData("budget_duration", "\"0d\"")]
    [InlineData("budget_duration", "\"-1d\"")]
    [InlineData("budget_duration", "\"99999999999d\"")]
    [InlineData("budget_duration", "\"1 day\"")]
    [InlineData("budget_duration", "30")]
    [InlineData("duration", "\"1000000mo\"")]
    [InlineData("duration", "\"yes\"")]
    [InlineData("models", "\"ok\"")]
    [InlineData("models", "[1]")]
    [InlineData("models", "[null]")]
    [InlineData("aliases", "{\"a\":{}}")]
    [InlineData("metadata", "[]")]
    [InlineData("blocked", "\"yes\"")]
    [InlineData("model_max_budget", "{\"ok\":-1}")]
    [InlineData("model_max_budget", "{\"ok\":{\"max_budget\":1e400}}")]
    [InlineData("model_rpm_limit", "{\"ok\":-1}")]
    [InlineData("budget_limits", "[{\"max_budget\":-1}]")]
    [InlineData("key_alias", "\"\"")]
    [InlineData("key_alias", "\"a\\u0000b\"")]
    [InlineData("key_type", "\"root\"")]
    [InlineData("allowed_routes", "[\"everything\"]")]
    public async Task A_value_that_cannot_be_meant_is_refused_by_name(string field, string value) =>
        (await fixture.RefusedAsync("master", 400, "/key/generate", $$"""{"{{field}}":{{value}}}""")).GetProperty("param").GetString().ShouldBe(field);

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("""{"max_budget":NaN}""")]
    [InlineData("""{"max_budget":Infinity}""")]
    [InlineData("""{"max_budget":1,"max_budget":2}""")]
    [InlineData("""{"key_alias":"\ud800"}""")]
    [InlineData("""{"metadata":{"\udc00":1}}""")]
    public async Task A_body_that_can_be_read_two_ways_or_none_is_refused(string body) => await fixture.RefusedAsync("master", 400, "/key/generate", body);

    [Fact]
    public async Task A_body_of_more_than_a_mebibyte_is_refused() =>
        await fixture.RefusedAsync("master", 413, "/key/generate", $$"""{"key_alias":"{{new string('x', 1 << 20)}}"}""");

    [Fact]
    public async Task Text_of_SQL_is_text_in_every_field_and_path()
    {
        string text = JsonSerializer.Serialize(Sql);
        string metadata = "{" + text + ":" + text + "}";
        foreach ((string path, string field, string show) in ((string, string, string)[])
            [("/team/new", "team_id", "/team/info?team_id="), ("/user/new", "user_id", "/user/info?user_id="), ("/customer/new", "user_id", "/customer/info?end_user_id="), ("/budget/new", "budget_id", ""), ("/tag/new", "name", "")])
        {
            (await fixture.MakeAsync(path, $$"""{"{{field}}":{{text}},"metadata":{{metadata}}}""")).GetProperty(field).GetString().ShouldBe(Sql);
            if (show.Length > 0)
            {
                await fixture.GetAsync("master", show + Uri.EscapeDataString(Sql));
            }
        }

        JsonElement key = await fixture.MakeAsync("/key/generate", $$"""{"key_alias":{{text}},"user_id":{{text}},"team_id":{{text}},"tags":[{{text}}],"models":[{{text}}],"metadata":{{metadata}}}""");
        key.GetProperty("key_alias").GetString().ShouldBe(Sql);
        (await fixture.GetAsync("master", "/key/list?key_alias=" + Uri.EscapeDataString(Sql))).GetProperty("total_count").GetInt32().ShouldBe(1);
        (await fixture.GetAsync("master", "/key/list?key_alias=" + Uri.EscapeDataString("' OR '1'='1"))).GetProperty("total_count").GetInt32().ShouldBe(0);
        (await fixture.AskAsync("master", "GET", "/key/info?key=" + Uri.EscapeDataString("' OR 1=1 --"))).Status.ShouldBe(404);
        (await fixture.AskAsync("master", "POST", "/key/" + Uri.EscapeDataString("' OR 1=1 --") + "/regenerate", "{}")).Status.ShouldBe(404);
        (await fixture.CallAsync("sk-' OR '1'='1' --")).Status.ShouldBe(401);
        await fixture.RefusedAsync("master", 400, "/team/new", """{"team_id":"a/b"}""");
    }

    [Fact]
    public async Task A_call_of_others_is_not_shown()
    {
        using HttpResponseMessage response = await fixture.Gateway.AskAsync("POST", "/v1/chat/completions", fixture.Keys["boss"], RunningGateway.Chat("ok"));
        string id = response.Header("x-litellm-call-id");
        foreach ((string who, int status) in ((string, int)[])[("boss", 200), ("master", 200), ("auditor", 200), ("worker", 404), ("caller", 404), ("head", 404)])
        {
            (await fixture.AskAsync(who, "GET", $"/v1/calls/{id}")).Status.ShouldBe(status, who);
            (await fixture.AskAsync(who, "GET", $"/v1/decisions/{id}")).Status.ShouldBe(status, who);
        }
    }

    private async Task<string> RawAsync(string method, string target, string? key, string body, string? header = null)
    {
        using RawConnection connection = await RawConnection.OpenAsync(fixture.Gateway.Address);
        var request = new StringBuilder($"{method} {target} HTTP/1.1\r\n");
        request.Append(header?.StartsWith("Host:", StringComparison.Ordinal) == true ? "" : "Host: localhost\r\n");
        request.Append(header is null ? "" : header + "\r\n");
        request.Append(key is null ? "" : $"Authorization: Bearer {key}\r\n");
        request.Append($"Content-Type: application/json\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        await connection.SendAsync(request.ToString());
        return await connection.ReadToEndAsync();
    }
}
