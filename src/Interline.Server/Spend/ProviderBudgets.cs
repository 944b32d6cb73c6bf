using Interline.Books;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary>LiteLLM's <c>/provider/budgets</c>: those of <c>provider_budget_config</c>, with what the books say was spent in the current window.</summary>
internal sealed class ProviderBudgets(BookAccess books)
{
    public async Task GetAsync(HttpContext http)
    {
        DateTimeOffset now = books.Time.GetUtcNow();
        var lines = new List<(string Provider, Budget Budget, decimal Spent, DateTimeOffset Reset)>();
        foreach ((string provider, Budget budget) in books.Gateway.Current.Snapshot.Router.ProviderBudgets.OrderBy(x => x.Key, StringComparer.Ordinal))
        {
            // The window the budget is held in: a week ends with Sunday, 30 days with the month.
            WindowSpan window = BudgetWindow.Of(budget.Period).At(now);
            if (await SpentAsync(http, provider, window.From, now) is not { } spent)
            {
                return;
            }

            lines.Add((provider, budget, spent, window.To));
        }

        await JsonResponse.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("providers"u8);
            foreach ((string provider, Budget budget, decimal spent, DateTimeOffset reset) in lines)
            {
                json.WriteStartObject(provider);
                json.WriteUsd("budget_limit", budget.Limit);
                json.WriteString("time_period"u8, Period(budget.Period));
                json.WriteUsd("spend", spent);
                json.WriteString("budget_reset_at"u8, reset.UtcDateTime);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private async ValueTask<decimal?> SpentAsync(HttpContext http, string provider, DateTimeOffset start, DateTimeOffset now)
    {
        if (UsagePeriods.Start(UsagePeriod.Hour, start) != start)
        {
            return await AddUpAsync(http, provider, start, now);
        }

        UsageQuery query = new() { From = start, To = now.AddTicks(1), Period = UsagePeriod.Hour, ByPeriod = false, ByProvider = true };
        return await books.SumAsync(http, query, new CallQuery()) is { } rows ? rows.Where(x => x.Provider == provider).Sum(x => x.UpstreamCost) : null;
    }

    /// <summary>The roll-ups know no part of an hour.</summary>
    private async ValueTask<decimal?> AddUpAsync(HttpContext http, string provider, DateTimeOffset start, DateTimeOffset now)
    {
        decimal spent = 0;
        int count = 0;
        if (books.SightOf(http).Narrow(new CallQuery { Provider = provider, From = start, To = now.AddTicks(1), Most = UsageBook.MostCalls + 1 }) is { } visible)
        {
            await foreach (StoredCall call in books.Reader.CallsAsync(visible, http.RequestAborted))
            {
                spent += call.Record.Cost ?? 0;
                if (++count > UsageBook.MostCalls)
                {
                    await ErrorResponse.WriteAsync(http, BookAccess.TooMany);
                    return null;
                }
            }
        }

        return spent;
    }

    private static string Period(TimeSpan period) =>
        period.Ticks % TimeSpan.TicksPerDay == 0 ? $"{period.Ticks / TimeSpan.TicksPerDay}d"
        : period.Ticks % TimeSpan.TicksPerHour == 0 ? $"{period.Ticks / TimeSpan.TicksPerHour}h"
        : period.Ticks % TimeSpan.TicksPerMinute == 0 ? $"{period.Ticks / TimeSpan.TicksPerMinute}m"
        : $"{period.Ticks / TimeSpan.TicksPerSecond}s";
}
