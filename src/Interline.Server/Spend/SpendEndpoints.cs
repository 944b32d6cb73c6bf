using Interline.Accounts;
using Interline.Books;

namespace Interline.Server.Spend;

/// <summary>The rows of the endpoint table that show the books: our own, and LiteLLM's paths and fields, so that scripts keep working.</summary>
internal static class SpendEndpoints
{
    /// <summary>Header of answers that know only the newest calls.</summary>
    public const string SourceHeader = "x-interline-source";

    /// <summary>The rows. A caller sees what its role lets it see, whatever the row's own role.</summary>
    public static IEnumerable<Endpoint> Rows(BookAccess books)
    {
        var usage = new UsageEndpoint(books);
        var calls = new CallLogEndpoint(books);
        var logs = new SpendLogs(books);
        var totals = new SpendTotals(books);
        var global = new GlobalSpend(books);
        var activity = new GlobalActivity(books);
        var report = new SpendReport(books);
        var daily = new DailyActivity(books);
        var calculation = new SpendCalculation(books);
        return
        [
            Get("/v1/usage", Role.Caller, "Sums of calls, tokens and money by hour, day or month, as JSON, CSV or JSON lines.", usage.GetAsync),
            Get("/v1/calls", Role.Caller, "The call log, newest first: by pages, or whole as CSV or JSON lines.", calls.GetAsync),
            Row("GET", "/v1/calls/{id}/content", Role.Caller, "Request and answer of a call, without secrets; to its owner and admins, where content is kept.", new ContentEndpoint(books).GetAsync),
            Get("/spend/logs", Role.Caller, "Calls, or their sums by day (LiteLLM).", logs.GetAsync),
            Get("/spend/logs/v2", Role.Caller, "Calls by numbered pages (LiteLLM).", logs.GetPageAsync),
            Get("/spend/keys", Role.Caller, "What each key has spent (LiteLLM).", totals.KeysAsync),
            Get("/spend/users", Role.Caller, "What each user has spent (LiteLLM).", totals.UsersAsync),
            Get("/spend/tags", Role.Caller, "What each tag has cost (LiteLLM).", totals.TagsAsync),
            Post("/spend/calculate", "What a request or an answer costs, by the prices of live calls (LiteLLM).", calculation.CalculateAsync),
            Post("/cost/estimate", "What many requests of a size would cost (LiteLLM).", calculation.EstimateAsync),
            Get("/global/spend", Role.Viewer, "What was spent in all (LiteLLM).", global.AllAsync),
            Get("/global/spend/logs", Role.Viewer, "What was spent each day (LiteLLM).", global.LogsAsync),
            Get("/global/spend/keys", Role.Viewer, "The keys that spent most (LiteLLM).", global.KeysAsync),
            Get("/global/spend/teams", Role.Viewer, "What teams spent each day (LiteLLM).", global.TeamsAsync),
            Get("/global/spend/models", Role.Viewer, "The models that cost most (LiteLLM).", global.ModelsAsync),
            Get("/global/spend/tags", Role.Viewer, "What tags cost (LiteLLM).", global.TagsAsync),
            Get("/global/spend/provider", Role.Viewer, "What was spent with each provider (LiteLLM).", global.ProvidersAsync),
            Get("/global/spend/report", Role.Viewer, "A report by day and team, customer, user or key (LiteLLM).", report.GetAsync),
            Post("/global/spend/end_users", "What customers cost (LiteLLM).", global.CustomersAsync, Role.Viewer),
            Get("/global/activity", Role.Viewer, "Calls and tokens each day (LiteLLM).", activity.AllAsync),
            Get("/global/activity/model", Role.Viewer, "Calls and tokens each day by model (LiteLLM).", activity.ModelsAsync),
            Get("/provider/budgets", Role.Viewer, "Budgets of providers and what is spent of them (LiteLLM).", new ProviderBudgets(books).GetAsync),
            Get("/user/daily/activity", Role.Caller, "Each day's calls, tokens and money, by model, provider and key (LiteLLM).", http => daily.GetAsync(http, UsageDimension.User, "user_id")),
            Get("/team/daily/activity", Role.Caller, "The same for teams (LiteLLM).", http => daily.GetAsync(http, UsageDimension.Team, "team_ids")),
            Get("/customer/daily/activity", Role.Caller, "The same for customers (LiteLLM).", http => daily.GetAsync(http, UsageDimension.Customer, "end_user_ids")),
            Get("/end_user/daily/activity", Role.Caller, "The same for customers (LiteLLM).", http => daily.GetAsync(http, UsageDimension.Customer, "end_user_ids")),
            Get("/tag/daily/activity", Role.Caller, "The same for tags (LiteLLM).", http => daily.GetAsync(http, UsageDimension.Tag, "tags")),
        ];

        Endpoint Get(string path, Role role, string summary, Func<HttpContext, Task> handle) => Row("GET", path, role, summary, (http, _) => handle(http));

        // These only ask, so viewers may too.
        Endpoint Post(string path, string summary, Func<HttpContext, Task> handle, Role role = Role.Caller) => Row("POST", path, role, summary, (http, _) => handle(http)) with { ReadsOnly = true };

        Endpoint Row(string method, string path, Role role, string summary, Func<HttpContext, string?, Task> handle) => new()
        {
            Method = method,
            Path = path,
            Role = role,
            Tag = "Usage",
            Summary = summary,
            ReadsOnly = true,
            Handle = (http, parameter) =>
            {
                if (books.InMemory)
                {
                    http.Response.Headers[SourceHeader] = Source(books);
                }

                return handle(http, parameter);
            },
        };
    }

    /// <summary>Where an answer comes from: <c>database</c>, or <c>memory</c>, which knows the newest calls only.</summary>
    public static string Source(BookAccess books) => books.InMemory ? "memory" : "database";
}
