using System.Globalization;
using Interline.Budgets;
using Interline.Protocols.Errors;

namespace Interline.Server.Pipeline;

/// <summary>Tells callers how their own limits stand, by OpenAI's names of headers and LiteLLM's.</summary>
internal static class LimitHeaders
{
    /// <summary>Writes the limits of a call that was let in.</summary>
    public static void Write(IHeaderDictionary headers, in CallerLimits limits)
    {
        if (limits.Requests is { } requests)
        {
            Rate(headers, "requests", requests, limits.RequestsLeft, limits.Reset);
        }

        if (limits.Tokens is { } tokens)
        {
            Rate(headers, "tokens", tokens, limits.TokensLeft, limits.Reset);
        }

        Write(headers, "x-litellm-key-spend", limits.KeySpend);
        Write(headers, "x-litellm-key-max-budget", limits.KeyBudget);
        Write(headers, "x-litellm-key-rpm-limit", limits.KeyRequests);
        Write(headers, "x-litellm-key-tpm-limit", limits.KeyTokens);
    }

    /// <summary>Writes the limit that refused a call.</summary>
    public static void Write(IHeaderDictionary headers, LimitDetails limit, DateTimeOffset now)
    {
        if (limit.Unit is "requests" or "tokens")
        {
            long reset = limit.ResetsAt is { } end ? Math.Max(1, (long)Math.Ceiling((end - now).TotalSeconds)) : 0;
            Rate(headers, limit.Unit, (long)limit.Limit, (long)Math.Max(0, limit.Limit - limit.Spent - limit.Reserved), reset);
        }
        else if (limit is { Unit: "usd", Scope: "key", Model: null })
        {
            Write(headers, "x-litellm-key-spend", limit.Spent);
            Write(headers, "x-litellm-key-max-budget", limit.Limit);
        }
    }

    private static void Rate(IHeaderDictionary headers, string unit, long limit, long left, long reset)
    {
        headers[$"x-ratelimit-limit-{unit}"] = limit.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{unit}"] = left.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-reset-{unit}"] = string.Create(CultureInfo.InvariantCulture, $"{reset}s");
    }

    private static void Write(IHeaderDictionary headers, string name, decimal? value)
    {
        if (value is { } number)
        {
            headers[name] = number.ToString(CultureInfo.InvariantCulture);
        }
    }
}
