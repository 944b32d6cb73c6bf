using System.Globalization;
using Interline.Budgets;
using Interline.Protocols.Errors;

namespace Interline.Server.Pipeline;

/// <summary>Tells callers how their own limits stand, by OpenAI's names of headers and LiteLLM's.</summary>
internal static class LimitHeaders
{
    private static readonly RateNames Requests = new("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests");
    private static readonly RateNames Tokens = new("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens");
    private static readonly LimitTexts<long> Counts = new();
    private static readonly LimitTexts<decimal> Amounts = new();

    /// <summary>Each second of a minute: rates begin anew with the next.</summary>
    private static readonly string[] Seconds = [.. Enumerable.Range(0, 61).Select(static x => string.Create(CultureInfo.InvariantCulture, $"{x}s"))];

    /// <summary>Writes the limits of a call that was let in.</summary>
    public static void Write(IHeaderDictionary headers, in CallerLimits limits)
    {
        if (limits.Requests is { } requests)
        {
            Rate(headers, Requests, requests, limits.RequestsLeft, limits.Reset);
        }

        if (limits.Tokens is { } tokens)
        {
            Rate(headers, Tokens, tokens, limits.TokensLeft, limits.Reset);
        }

        if (limits.KeySpend is { } spend)
        {
            headers["x-litellm-key-spend"] = spend.ToString(CultureInfo.InvariantCulture);
        }

        if (limits.KeyBudget is { } budget)
        {
            headers["x-litellm-key-max-budget"] = Amounts.Of(budget);
        }

        if (limits.KeyRequests is { } keyRequests)
        {
            headers["x-litellm-key-rpm-limit"] = Counts.Of(keyRequests);
        }

        if (limits.KeyTokens is { } keyTokens)
        {
            headers["x-litellm-key-tpm-limit"] = Counts.Of(keyTokens);
        }
    }

    /// <summary>Writes the limit that refused a call.</summary>
    public static void Write(IHeaderDictionary headers, LimitDetails limit, DateTimeOffset now)
    {
        if (limit.Unit is "requests" or "tokens")
        {
            long reset = limit.ResetsAt is { } end ? Math.Max(1, (long)Math.Ceiling((end - now).TotalSeconds)) : 0;
            Rate(headers, limit.Unit == "requests" ? Requests : Tokens, (long)limit.Limit, (long)Math.Max(0, limit.Limit - limit.Spent - limit.Reserved), reset);
        }
        else if (limit is { Unit: "usd", Scope: "key", Model: null })
        {
            headers["x-litellm-key-spend"] = limit.Spent.ToString(CultureInfo.InvariantCulture);
            headers["x-litellm-key-max-budget"] = limit.Limit.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static void Rate(IHeaderDictionary headers, RateNames names, long limit, long left, long reset)
    {
        headers[names.Limit] = Counts.Of(limit);
        headers[names.Remaining] = left == limit ? Counts.Of(limit) : left.ToString(CultureInfo.InvariantCulture);
        headers[names.Reset] = reset < Seconds.Length ? Seconds[reset] : string.Create(CultureInfo.InvariantCulture, $"{reset}s");
    }

    private sealed record RateNames(string Limit, string Remaining, string Reset);
}

/// <summary>Texts of the newest limits: they are few, and the same on call after call. A place for each of so many hashes; who comes last has it. Thread-safe.</summary>
internal sealed class LimitTexts<T>
    where T : struct, IEquatable<T>, IFormattable
{
    private const int Places = 256;

    private readonly Entry?[] _places = new Entry?[Places];

    public string Of(T value)
    {
        ref Entry? place = ref _places[value.GetHashCode() & (Places - 1)];
        Entry? known = Volatile.Read(ref place);
        if (known is null || !Same(known.Value, value))
        {
            known = new Entry(value, value.ToString(null, CultureInfo.InvariantCulture));
            Volatile.Write(ref place, known);
        }

        return known.Text;
    }

    /// <summary>1.0 and 1.00 are equal, and not the same text.</summary>
    private static bool Same(T one, T other) => one.Equals(other) && (one is not decimal a || other is not decimal b || a.Scale == b.Scale);

    private sealed record Entry(T Value, string Text);
}
