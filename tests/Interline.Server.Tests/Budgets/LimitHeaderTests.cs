using Interline.Budgets;
using Interline.Protocols.Errors;
using Interline.Server.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Interline.Server.Tests.Budgets;

public class LimitHeaderTests
{
    private readonly HeaderDictionary _headers = [];

    [Fact]
    public void Limits_are_told_by_the_names_that_clients_know()
    {
        LimitHeaders.Write(_headers, new CallerLimits { Requests = 5, RequestsLeft = 4, Tokens = 5000, TokensLeft = 4000, Reset = 17, KeySpend = 0.25m, KeyBudget = 1, KeyRequests = 10 });
        All().ShouldBe([
            "x-litellm-key-max-budget: 1", "x-litellm-key-rpm-limit: 10", "x-litellm-key-spend: 0.25", "x-ratelimit-limit-requests: 5", "x-ratelimit-limit-tokens: 5000",
            "x-ratelimit-remaining-requests: 4", "x-ratelimit-remaining-tokens: 4000", "x-ratelimit-reset-requests: 17s", "x-ratelimit-reset-tokens: 17s",
        ]);
    }

    [Fact]
    public void What_is_not_limited_is_not_told()
    {
        LimitHeaders.Write(_headers, default);
        All().ShouldBeEmpty();
    }

    [Fact]
    public void A_refusal_tells_its_own_limit()
    {
        DateTimeOffset now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);
        LimitHeaders.Write(_headers, new LimitDetails { Scope = "team", Unit = "requests", Limit = 5, Spent = 3, Reserved = 2, Needed = 1, ResetsAt = now.AddSeconds(20) }, now);
        All().ShouldBe(["x-ratelimit-limit-requests: 5", "x-ratelimit-remaining-requests: 0", "x-ratelimit-reset-requests: 20s"]);
    }

    [Fact]
    public void Each_limit_is_told_as_it_was_given_however_many_there_are()
    {
        foreach (decimal amount in (decimal[])[1.0m, 1.00m, 1m, 0.10m, 0.1m])
        {
            LimitHeaders.Write(_headers, new CallerLimits { KeyBudget = amount });
            _headers["x-litellm-key-max-budget"].ToString().ShouldBe(amount.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        for (long limit = 0; limit < 5000; limit += 7)
        {
            LimitHeaders.Write(_headers, new CallerLimits { Requests = limit, RequestsLeft = limit, Reset = limit });
            All().ShouldContain($"x-ratelimit-limit-requests: {limit}");
            All().ShouldContain($"x-ratelimit-remaining-requests: {limit}");
            All().ShouldContain($"x-ratelimit-reset-requests: {limit}s");
        }
    }

    private string[] All() => [.. _headers.Select(x => $"{x.Key}: {x.Value}").Order(StringComparer.Ordinal)];
}
