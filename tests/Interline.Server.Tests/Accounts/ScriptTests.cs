using System.Text.Json;

namespace Interline.Server.Tests.Accounts;

/// <summary>What scripts written for LiteLLM do.</summary>
public sealed class ScriptTests(AccountFixture fixture) : IClassFixture<AccountFixture>
{
    [Fact]
    public async Task A_script_for_LiteLLM_runs_from_team_to_deletion()
    {
        JsonElement team = await fixture.MakeAsync("/team/new", """{"team_alias":"script","models":["ok","tools"],"max_budget":100,"budget_duration":"30d","tpm_limit":100000,"rpm_limit":1000}""");
        string teamId = team.GetProperty("team_id").GetString()!;
        JsonElement user = await fixture.MakeAsync("/user/new", $$"""{"user_email":"script@example.com","teams":["{{teamId}}"],"user_role":"internal_user"}""");
        string userId = user.GetProperty("user_id").GetString()!;
        user.GetProperty("key").GetString()!.ShouldStartWith("sk-");

        JsonElement made = await fixture.MakeAsync("/key/generate", $$"""{"team_id":"{{teamId}}","user_id":"{{userId}}","key_alias":"script-key","duration":"30d","models":["ok"],"max_budget":10.5,"metadata":{"project":"x"},"tags":["nightly"],"aliases":{"mine":"ok"} }""");
        string key = made.GetProperty("key").GetString()!;
        string token = made.GetProperty("token").GetString()!;
        made.GetProperty("token_id").GetString().ShouldBe(token);
        made.GetProperty("key_name").GetString().ShouldBe("sk-..." + key[^4..]);
        made.GetProperty("expires").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch.AddYears(50));

        (await fixture.CallAsync(key)).Status.ShouldBe(200);
        (await fixture.CallAsync(key, "mine")).Status.ShouldBe(200);
        (int status, JsonElement denied) = await fixture.CallAsync(key, "tools");
        status.ShouldBe(403);
        denied.GetProperty("error").GetProperty("type").GetString().ShouldBe("key_model_access_denied");
        denied.GetProperty("error").GetProperty("message").GetString()!.ShouldContain("ok");

        JsonElement info = (await fixture.GetAsync("master", $"/key/info?key={key}")).GetProperty("info");
        info.GetProperty("max_budget").GetDecimal().ShouldBe(10.5m);
        info.GetProperty("spend").GetDecimal().ShouldBe(1.25m);
        info.GetProperty("team_id").GetString().ShouldBe(teamId);
        info.GetProperty("metadata").GetProperty("project").GetString().ShouldBe("x");
        (await fixture.GetAsync(key, "/key/info")).GetProperty("key").GetString().ShouldBe(token);
        (await fixture.GetAsync("master", $"/key/list?team_id={teamId}")).GetProperty("keys").EnumerateArray().Select(x => x.GetString()).ShouldBe([token]);

        await fixture.MakeAsync("/key/update", $$"""{"key":"{{key}}","models":["ok","tools"],"max_budget":20}""");
        (await fixture.CallAsync(key, "tools")).Status.ShouldBe(200);

        await fixture.MakeAsync("/key/block", $$"""{"key":"{{key}}"}""");
        (status, denied) = await fixture.CallAsync(key);
        (status, denied.GetProperty("error").GetProperty("type").GetString()).ShouldBe((401, "auth_error"));
        await fixture.MakeAsync("/key/unblock", $$"""{"key":"{{key}}"}""");
        (await fixture.CallAsync(key)).Status.ShouldBe(200);

        string next = (await fixture.MakeAsync($"/key/{key}/regenerate", """{"grace_period":"1h"}""")).GetProperty("key").GetString()!;
        next.ShouldNotBe(key);
        (await fixture.CallAsync(key)).Status.ShouldBe(200);
        (await fixture.CallAsync(next)).Status.ShouldBe(200);
        string last = (await fixture.MakeAsync("/key/regenerate", $$"""{"key":"{{next}}"}""")).GetProperty("key").GetString()!;
        (await fixture.CallAsync(next)).Status.ShouldBe(401);
        (await fixture.GetAsync("master", $"/key/info?key={last}")).GetProperty("key").GetString().ShouldBe(token, "budgets are counted by it");

        await fixture.MakeAsync("/key/delete", $$"""{"keys":["{{last}}"]}""");
        (status, denied) = await fixture.CallAsync(last);
        (status, denied.GetProperty("error").GetProperty("type").GetString()).ShouldBe((401, "token_not_found_in_db"));
        await fixture.MakeAsync("/team/delete", $$"""{"team_ids":["{{teamId}}"]}""");
        (await fixture.AskAsync("master", "GET", $"/team/info?team_id={teamId}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Members_customers_budgets_and_tags_are_made_shown_and_deleted()
    {
        await fixture.MakeAsync("/team/member_add", """{"team_id":"blue","member":[{"user_id":"ann","role":"user"},{"user_id":"ben","role":"admin"}],"max_budget_in_team":5}""");
        await fixture.MakeAsync("/team/member_update", """{"team_id":"blue","user_id":"ann","max_budget_in_team":7}""");
        await fixture.MakeAsync("/team/member_delete", """{"team_id":"blue","user_id":"ben"}""");
        JsonElement blue = await fixture.GetAsync("master", "/team/info?team_id=blue");
        JsonElement ann = blue.GetProperty("team_memberships").EnumerateArray().Single(x => x.GetProperty("user_id").GetString() == "ann");
        ann.GetProperty("max_budget_in_team").GetDecimal().ShouldBe(7);
        blue.GetProperty("team_memberships").EnumerateArray().ShouldNotContain(x => x.GetProperty("user_id").GetString() == "ben");

        await fixture.MakeAsync("/budget/new", """{"budget_id":"free","max_budget":1,"budget_duration":"1d"}""");
        await fixture.MakeAsync("/customer/new", """{"user_id":"c-1","alias":"C","budget_id":"free"}""");
        (await fixture.RefusedAsync("master", 409, "/budget/delete", """{"id":"free"}""")).GetProperty("code").GetString().ShouldBe("budget_in_use");
        (await fixture.GetAsync("auditor", "/customer/info?end_user_id=c-1")).GetProperty("alias").GetString().ShouldBe("C");
        await fixture.MakeAsync("/end_user/block", """{"user_ids":["c-1","c-2"]}""");
        (await fixture.CallAsync("caller", more: ",\"user\":\"c-2\"")).Status.ShouldBe(403);
        (await fixture.CallAsync("caller", more: ",\"safety_identifier\":\"c-2\"")).Status.ShouldBe(403);
        (await fixture.CallAsync("caller", more: ",\"user\":\"c-3\"")).Status.ShouldBe(200);
        await fixture.MakeAsync("/customer/unblock", """{"user_ids":["c-2"]}""");
        (await fixture.CallAsync("caller", more: ",\"user\":\"c-2\"")).Status.ShouldBe(200);
        await fixture.MakeAsync("/customer/delete", """{"user_ids":["c-1","c-2"]}""");
        await fixture.MakeAsync("/budget/delete", """{"id":"free"}""");

        await fixture.MakeAsync("/tag/new", """{"name":"nightly-jobs","description":"jobs","max_budget":3}""");
        (await fixture.MakeAsync("auditor", "/tag/info", """{"names":["nightly-jobs"]}""")).GetProperty("nightly-jobs").GetProperty("max_budget").GetDecimal().ShouldBe(3);
        await fixture.MakeAsync("/tag/delete", """{"name":"nightly-jobs"}""");
        (await fixture.GetAsync("auditor", "/tag/list")).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task The_model_list_shows_a_caller_only_what_it_may_use()
    {
        string key = await fixture.KeyAsync("""{"models":["tools","any/*"]}""");
        (await fixture.GetAsync(key, "/v1/models")).GetProperty("data").EnumerateArray().Select(x => x.GetProperty("id").GetString()).ShouldNotContain("ok");
        (await fixture.GetAsync(key, "/v1/models")).GetProperty("data").EnumerateArray().Select(x => x.GetProperty("id").GetString()).ShouldContain("tools");
        (await fixture.AskAsync(key, "GET", "/v1/models/ok")).Status.ShouldBe(403);
        (await fixture.AskAsync(key, "GET", "/v1/models/any/thing")).Status.ShouldBe(200);
        (await fixture.GetAsync(key, "/model/info")).GetProperty("data").EnumerateArray().Select(x => x.GetProperty("model_name").GetString()).ShouldBe(["tools", "any/*"], ignoreOrder: true);
        (await fixture.CallAsync(key, "any/thing")).Status.ShouldBe(200);
        (await fixture.CallAsync(key, "ok")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_model_calls_with_the_credential_it_names_which_goes_to_its_own_host_alone()
    {
        string address = fixture.Provider.BaseUrl;
        const string First = "sk-named-provider-key-111111";
        const string Second = "sk-named-provider-key-222222";
        await fixture.MakeAsync("/credentials", $$"""{"credential_name":"shared","credential_values":{"api_base":"{{address}}","api_key":"{{First}}"} }""");
        const string Model = """{"model_name":"lent","litellm_params":{"model":"openai/ok-lent","litellm_credential_name":"shared"},"model_info":{"id":"lent-1"} }""";
        var shown = new List<string> { (await fixture.MakeAsync("/model/new", Model)).ToString() };
        (await fixture.CallAsync("caller", "lent")).Status.ShouldBe(200);
        fixture.Provider.Received("ok-lent").Single().Headers["Authorization"].ShouldBe("Bearer " + First);

        (await fixture.AskAsync("boss", "PATCH", "/credentials/shared", $$"""{"credential_values":{"api_key":"{{Second}}"} }""")).Status.ShouldBe(200);
        (await fixture.CallAsync("caller", "lent")).Status.ShouldBe(200);
        fixture.Provider.Received("ok-lent").Last().Headers["Authorization"].ShouldBe("Bearer " + Second);

        foreach (string elsewhere in (string[])["""{"model":"openai/x","api_base":"http://127.0.0.1:9/v1","litellm_credential_name":"shared"}""", $$"""{"model":"openai/x","api_base":"{{address}}","base_url":"http://127.0.0.1:9/v1","litellm_credential_name":"shared"}"""])
        {
            (await fixture.RefusedAsync("master", 400, "/model/new", $$"""{"model_name":"x","litellm_params":{{elsewhere}}}""")).GetProperty("message").GetString()!.ShouldContain("not sent anywhere else");
        }

        // A credential must not take a deployment's own secret along to where it points itself.
        (await fixture.RefusedAsync("master", 400, "/model/new", """{"model_name":"x","litellm_params":{"model":"openai/x","api_key":"sk-own-7777777777","litellm_credential_name":"shared"}}""")).GetProperty("message").GetString()!.ShouldContain("api_base");
        (await fixture.RefusedAsync("master", 400, "/model/new", """{"model_name":"x","litellm_params":{"model":"openai/x","litellm_credential_name":"other"}}""")).GetProperty("message").GetString()!.ShouldContain("no credential 'other'");

        foreach (string path in (string[])["/credentials", "/credentials/by_name/shared", "/model/info?litellm_model_id=lent-1", "/v1/audit", "/health", "/metrics"])
        {
            shown.Add(await fixture.Gateway.GetTextAsync(path));
        }

        shown.Add(string.Join('\n', fixture.Gateway.LogLines()));
        shown.ShouldAllBe(x => !x.Contains("sk-named", StringComparison.Ordinal));
        shown[4].ShouldContain("PATCH /credentials");

        // Without its credential the model is left out, and the others go on.
        (await fixture.AskAsync("boss", "DELETE", "/credentials/shared")).Status.ShouldBe(200);
        fixture.Gateway.Accounts.Models!.Problems.Single().ShouldBe("model lent-1 is left out: there is no credential 'shared'");
        (await fixture.CallAsync("caller", "lent")).Status.ShouldBe(404);
        (await fixture.CallAsync("caller")).Status.ShouldBe(200);
        await fixture.MakeAsync("/model/delete", """{"id":"lent-1"}""");
        fixture.Gateway.Accounts.Models!.Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_added_at_run_time_is_called_changed_and_taken_away()
    {
        string address = fixture.Provider.BaseUrl;
        JsonElement made = await fixture.MakeAsync("/model/new", $$"""{"model_name":"fresh","litellm_params":{"model":"openai/ok-fresh","api_base":"{{address}}","api_key":"sk-fresh-provider-key-123456"},"model_info":{"id":"fresh-1"} }""");
        made.ToString().ShouldNotContain("sk-fresh-provider");
        (await fixture.CallAsync("caller", "fresh")).Status.ShouldBe(200);
        fixture.Provider.Received("ok-fresh").Single().Headers["Authorization"].ShouldBe("Bearer sk-fresh-provider-key-123456");
        (await fixture.GetAsync("boss", "/model/info?litellm_model_id=fresh-1")).GetProperty("data")[0].GetProperty("model_info").GetProperty("db_model").GetBoolean().ShouldBeTrue();

        // The credential stays with its host.
        JsonElement refused = await fixture.RefusedAsync("master", 400, "/model/update", """{"model_info":{"id":"fresh-1"},"litellm_params":{"api_base":"http://127.0.0.1:9/elsewhere"}}""");
        refused.GetProperty("param").GetString().ShouldBe("litellm_params.api_base");
        (await fixture.RefusedAsync("master", 400, "/model/new", """{"model_name":"x","litellm_params":{"model":"openai/x","api_key":"os.environ/HOME"}}""")).GetProperty("message").GetString()!.ShouldContain("environment");
        (await fixture.RefusedAsync("master", 400, "/model/new", """{"model_name":"x","litellm_params":{"model":"no-such-provider/x"}}""")).GetProperty("message").GetString()!.ShouldContain("cannot be used");
        await fixture.MakeAsync("/model/update", """{"model_info":{"id":"fresh-1"},"model_name":"fresher"}""");
        (await fixture.CallAsync("caller", "fresh")).Status.ShouldBe(404);
        (await fixture.CallAsync("caller", "fresher")).Status.ShouldBe(200);
        await fixture.MakeAsync("/model/delete", """{"id":"fresh-1"}""");
        (await fixture.CallAsync("caller", "fresher")).Status.ShouldBe(404);
    }
}
