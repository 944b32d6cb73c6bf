using System.Text.Json;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Accounts;

/// <summary>A secret is in the answer that made it and nowhere else: no other answer, no error, no log line.</summary>
public sealed class SecretTests(AccountFixture fixture) : IClassFixture<AccountFixture>
{
    [Fact]
    public async Task No_secret_is_in_any_answer_but_the_one_that_made_it_nor_in_any_log()
    {
        const string Custom = "sk-custom-key-9988776655443322";
        const string Provider = "sk-run-time-provider-5544332211";
        string made = await fixture.KeyAsync("""{"user_id":"worker","key_alias":"secret-test","metadata":{"note":"x"}}""");
        string again = (await fixture.MakeAsync("/key/regenerate", $$"""{"key":"{{made}}","grace_period":"1h"}""")).GetProperty("key").GetString()!;
        await fixture.MakeAsync("/key/generate", $$"""{"key":"{{Custom}}"}""");
        await fixture.MakeAsync("/model/new", $$"""{"model_name":"sealed","litellm_params":{"model":"openai/ok","api_base":"{{fixture.Provider.BaseUrl}}","api_key":"{{Provider}}","extra_headers":{"x-secret":"{{Provider}}-header"} },"model_info":{"id":"sealed-1"} }""");
        string[] secrets = [made, again, Custom, Provider, AccountFixture.UpstreamKey, AccountFixture.InstallationSecret, RunningGateway.Key, .. fixture.Keys.Values];

        var said = new List<string>();
        foreach (string key in (string[])[made, again, Custom, RunningGateway.Key])
        {
            foreach (string path in (string[])
                ["/key/info", $"/key/info?key={again}", "/key/list?return_full_object=true&size=100", "/key/aliases", "/user/info", "/user/info?user_id=worker", "/user/list", "/team/list", "/team/info?team_id=red", "/model/info", "/model_group/info", "/v1/models", "/v1/audit", "/health", "/metrics", "/openapi/v1.json", "/nothing"])
            {
                said.Add(await SaidAsync("GET", path, key));
            }

            foreach ((string path, string body) in ((string, string)[])
            [
                ("/key/update", $$"""{"key":"{{again}}","max_budget":-1}"""), ("/key/update", $$"""{"key":"{{again}}","key_alias":"secret-test"}"""), ("/v2/key/info", $$"""{"keys":["{{again}}","{{Custom}}"]}"""),
                ("/key/bulk_update", $$"""{"keys":[{"key":"{{again}}","max_budget":"x"}]}"""), ("/key/block", $$"""{"key":"{{Custom}}"}"""), ("/key/unblock", $$"""{"key":"{{Custom}}"}"""),
                ("/key/generate", $$"""{"key":"{{Custom}}"}"""), ("/model/update", """{"model_info":{"id":"sealed-1"},"model_name":"sealed"}"""), ("/v1/chat/completions", RunningGateway.Chat("ok")), ("/v1/chat/completions", RunningGateway.Chat("e500")),
                ("/v1/chat/completions", RunningGateway.Chat("nope")), ("/key/delete", $$"""{"keys":["{{again}}x"]}"""),
            ])
            {
                said.Add(await SaidAsync("POST", path, key, body));
            }
        }

        said.Add(await SaidAsync("POST", $"/key/{again}/regenerate", Custom, "{}"));
        said.Add(string.Concat(fixture.Gateway.LogLines()));
        said.Add(fixture.Gateway.ServerLog.Text);
        fixture.Gateway.ServerLog.Text.ShouldContain("/key/regenerate");
        foreach (string text in said)
        {
            foreach (string secret in secrets)
            {
                text.ShouldNotContain(secret, Case.Sensitive);
            }
        }
    }

    [Fact]
    public async Task What_is_kept_holds_no_key()
    {
        string key = await fixture.KeyAsync("{}");
        string kept = fixture.Gateway.Accounts.Book.FindKeyByText(key)!.Row.Document!;
        kept.ShouldNotContain(key);
        kept.ShouldNotContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key))), Case.Insensitive, "a bare hash could be looked up");
        JsonDocument.Parse(kept).RootElement.GetProperty("key_name").GetString().ShouldBe("sk-..." + key[^4..]);
    }

    [Fact]
    public async Task Who_changed_what_is_told_and_an_id_cannot_forge_a_line()
    {
        await fixture.MakeAsync("boss", "/customer/block", """{"user_ids":["plain"]}""");
        JsonElement newest = (await fixture.GetAsync("auditor", "/v1/audit")).GetProperty("changes").EnumerateArray().First(x => x.GetProperty("id").GetString() == "plain");
        newest.GetProperty("user_id").GetString().ShouldBe("boss");
        newest.GetProperty("action").GetString().ShouldBe("/customer/block");
        fixture.Gateway.ServerLog.Text.ShouldContain("/customer/block: customer plain");
        await fixture.RefusedAsync("master", 400, "/customer/block", """{"user_ids":["a\nInformation: forged"]}""");
    }

    private async Task<string> SaidAsync(string method, string path, string key, string? body = null)
    {
        using HttpResponseMessage response = await fixture.Gateway.AskAsync(method, path, key, body);
        return $"{response.Headers} {await response.Content.ReadAsStringAsync()}";
    }
}
