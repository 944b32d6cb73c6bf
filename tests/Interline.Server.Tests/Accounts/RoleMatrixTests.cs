using Interline.Accounts;
using Interline.Server.Accounts;
using Interline.Server.Credentials;
using Interline.Server.Endpoints;
using Interline.Server.Health;
using Interline.Server.Telemetry;
using Interline.Server.Tests.Running;
using Microsoft.Extensions.Logging.Abstractions;
using Endpoint = Interline.Server.Endpoints.Endpoint;

namespace Interline.Server.Tests.Accounts;

/// <summary>Every endpoint with every role. Who may what is written down here once more, by hand: an endpoint nobody has decided about fails.</summary>
public sealed class RoleMatrixTests(AccountFixture fixture) : IClassFixture<AccountFixture>
{
    private static readonly string[] Everybody = ["caller", "watcher", "worker", "head", "auditor", "boss", "master"];

    /// <summary>Classes of endpoints, and who may use them.</summary>
    private static readonly Dictionary<string, string[]> Classes = new(StringComparer.Ordinal)
    {
        ["open"] = Everybody,
        ["key"] = Everybody,
        ["own"] = ["worker", "head", "boss", "master"],
        ["team"] = ["head", "boss", "master"],
        ["see"] = ["auditor", "boss", "master"],
        ["admin"] = ["boss", "master"],
    };

    private readonly AuditLog _audit = new(NullLogger<AuditLog>.Instance, TimeProvider.System);

    private static readonly Dictionary<string, string> Decided = new[]
    {
        "open: GET /health/liveliness, GET /health/liveness, GET /health/readiness, GET /openapi/v1.json",
        "key: GET /v1/models, GET /models, GET /v1/models/{model}, GET /models/{model}, GET /v1beta/models, GET /v1beta/models/{model}, GET /v1/calls/{id}, GET /v1/decisions/{call}",
        "key: GET /key/info, POST /v2/key/info, GET /key/list, GET /key/aliases, GET /user/info, GET /user/available_roles, GET /team/info, GET /team/list",
        "key: GET /model/info, GET /v1/model/info, GET /model_group/info",
        "see: GET /health, GET /metrics, GET /v1/audit, GET /user/list, POST /budget/info, GET /budget/list, POST /tag/info, GET /tag/list",
        "see: GET /customer/info, GET /customer/list, GET /end_user/info, GET /end_user/list",
        "key: GET /v1/usage, GET /v1/calls, GET /v1/calls/{id}/content, GET /spend/logs, GET /spend/logs/v2, GET /spend/keys, GET /spend/users, GET /spend/tags",
        "key: POST /spend/calculate, POST /cost/estimate, GET /user/daily/activity, GET /team/daily/activity, GET /customer/daily/activity",
        "key: GET /end_user/daily/activity, GET /tag/daily/activity",
        "see: GET /global/spend, GET /global/spend/logs, GET /global/spend/keys, GET /global/spend/teams, GET /global/spend/models, GET /global/spend/tags",
        "see: GET /global/spend/provider, GET /global/spend/report, POST /global/spend/end_users, GET /global/activity, GET /global/activity/model, GET /provider/budgets",
        "see: GET /credentials, GET /credentials/by_name/{credential_name}",
        "admin: POST /credentials, PATCH /credentials/{credential_name}, DELETE /credentials/{credential_name}",
        "own: POST /key/generate, POST /key/update, POST /key/bulk_update, POST /key/regenerate, POST /key/{key}/regenerate, POST /key/delete, POST /user/update",
        "team: POST /key/service-account/generate, POST /key/block, POST /key/unblock, POST /team/update, POST /team/member_add, POST /team/member_update, POST /team/member_delete",
        "admin: POST /user/new, POST /user/delete, POST /team/new, POST /team/delete, POST /team/block, POST /team/unblock, POST /team/model/add, POST /team/model/delete",
        "admin: POST /customer/new, POST /customer/update, POST /customer/delete, POST /customer/block, POST /customer/unblock",
        "admin: POST /end_user/new, POST /end_user/update, POST /end_user/delete, POST /end_user/block, POST /end_user/unblock",
        "admin: POST /budget/new, POST /budget/update, POST /budget/delete, POST /tag/new, POST /tag/update, POST /tag/delete, POST /model/new, POST /model/update, POST /model/delete",
    }.SelectMany(line => line.Split(": ", 2)[1].Split(", ").Select(x => (Row: x, Class: line.Split(": ", 2)[0]))).ToDictionary(x => x.Row, x => x.Class, StringComparer.Ordinal);

    private IEnumerable<Endpoint> AccountRows =>
        AccountEndpoints.Rows(fixture.Gateway.Gateway, fixture.Gateway.Accounts, _audit, TimeProvider.System).Concat(CredentialEndpoints.Rows(fixture.Gateway.Accounts, _audit));

    private EndpointTable Table => RunningTable.Of(fixture.Gateway);

    [Fact]
    public void Every_row_that_calls_no_model_is_decided_about() =>
        Table.Rows.Where(x => x.Lane is null).Select(NameOf).Order(StringComparer.Ordinal).ShouldBe(Decided.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void The_page_on_accounts_has_every_endpoint_of_accounts_with_its_role()
    {
        var names = new Dictionary<Role, string> { [Role.Caller] = "any key", [Role.User] = "internal_user", [Role.TeamAdmin] = "team admin", [Role.Viewer] = "proxy_admin_viewer", [Role.Admin] = "proxy_admin" };
        string[] told = [.. File.ReadLines(Path.Combine(Root(), "docs", "accounts.md")).Where(x => x.StartsWith("| `", StringComparison.Ordinal) && x.Contains(" /", StringComparison.Ordinal))];
        told.Order(StringComparer.Ordinal).ShouldBe(AccountRows.Select(x => $"| `{NameOf(x)}` | {names[x.Role]} | {x.Summary} |").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_role_gets_what_was_decided_and_nothing_else()
    {
        var wrong = new List<string>();
        foreach (Endpoint row in Table.Rows)
        {
            string[] may = Classes[row.Lane is null ? Decided[NameOf(row)] : "key"];
            foreach (string who in Everybody)
            {
                bool refused = await IsRefusedAsync(row, fixture.Keys[who]);
                if (refused == may.Contains(who))
                {
                    wrong.Add($"{NameOf(row)}: {who} {(refused ? "is refused" : "gets in")}");
                }
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sk-nobody-knows-this-key")]
    public async Task Without_a_key_that_is_known_only_the_open_ones_answer(string? key)
    {
        foreach (Endpoint row in Table.Rows)
        {
            using HttpResponseMessage response = await fixture.Gateway.AskAsync(row.Method, Concrete(row.Path), key, row.Method == "POST" ? "{}" : null);
            ((int)response.StatusCode == 401).ShouldBe(row.Lane is not null || Decided[NameOf(row)] != "open", NameOf(row));
        }
    }

    [Theory]
    [InlineData("llm_api", "open key")]
    [InlineData("management", "open see own team admin")]
    [InlineData("read_only", "open see")]
    public async Task A_key_type_narrows_what_an_admins_key_may(string type, string classes)
    {
        string key = await fixture.KeyAsync($$"""{"user_id":"boss","key_type":"{{type}}"}""");
        foreach (Endpoint row in Table.Rows)
        {
            bool call = row.Lane is not null || row.Tag == "Models";
            bool info = row.Lane is null && row.Tag != "Models" && Decided[NameOf(row)] == "key";
            bool expected = Decided.TryGetValue(NameOf(row), out string? name) && name == "open" ? true
                : call ? type == "llm_api"
                : info ? type != "llm_api"
                : classes.Contains(name!, StringComparison.Ordinal);
            (!await IsRefusedAsync(row, key)).ShouldBe(expected, $"{type}: {NameOf(row)}");
        }
    }

    /// <summary>Whether the role is what a request fails by. Bodies that name nobody keep it from changing anything.</summary>
    private async Task<bool> IsRefusedAsync(Endpoint row, string key)
    {
        string? body = row.Method == "POST" ? """{"key":"nobody's","team_id":"nobody's","models":["x"],"max_budget":"no"}""" : null;
        using HttpResponseMessage response = await fixture.Gateway.AskAsync(row.Method, Concrete(row.Path), key, body);
        if ((int)response.StatusCode == 401)
        {
            return true;
        }

        if ((int)response.StatusCode != 403)
        {
            return false;
        }

        string message = (await response.JsonAsync()).GetProperty("error").GetProperty("message").GetString()!;
        return message.StartsWith("This needs the role", StringComparison.Ordinal) || message.StartsWith("The role", StringComparison.Ordinal) || message.Contains("allowed_routes", StringComparison.Ordinal);
    }

    private static string Root()
    {
        string at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Interline.slnx")))
        {
            at = Path.GetDirectoryName(at)!;
        }

        return at;
    }

    private static string NameOf(Endpoint row) => $"{row.Method} {row.Path}";

    private static string Concrete(string path) =>
        path.Replace("{model}", "ok", StringComparison.Ordinal).Replace("{id}", "0", StringComparison.Ordinal).Replace("{key}", "0", StringComparison.Ordinal).Replace("{call}", "0", StringComparison.Ordinal).Replace("{credential_name}", "0", StringComparison.Ordinal);
}
