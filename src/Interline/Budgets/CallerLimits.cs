using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>How a caller's limits stand: of each kind the one that has the least left. Null is no limit.</summary>
public readonly record struct CallerLimits
{
    /// <summary>Requests a minute.</summary>
    public long? Requests { get; init; }

    /// <summary>Requests left in this minute.</summary>
    public long RequestsLeft { get; init; }

    /// <summary>Tokens a minute.</summary>
    public long? Tokens { get; init; }

    /// <summary>Tokens left in this minute.</summary>
    public long TokensLeft { get; init; }

    /// <summary>Seconds until the minute ends; 0 without such a limit.</summary>
    public long Reset { get; init; }

    /// <summary>USD that the key has spent in its first budget's window.</summary>
    public decimal? KeySpend { get; init; }

    /// <summary>The key's first budget, USD.</summary>
    public decimal? KeyBudget { get; init; }

    /// <summary>The key's own requests a minute.</summary>
    public long? KeyRequests { get; init; }

    /// <summary>The key's own tokens a minute.</summary>
    public long? KeyTokens { get; init; }

    /// <summary>Whether requests or tokens are limited.</summary>
    public bool AreRates => Requests is not null || Tokens is not null;

    internal static CallerLimits Of(ReadOnlySpan<ScopeMeters> scopes, long now)
    {
        CallerLimits limits = default;
        foreach (ScopeMeters scope in scopes)
        {
            foreach (Meter meter in scope.Meters)
            {
                limits = limits.With(meter, now);
            }
        }

        return limits;
    }

    private CallerLimits With(Meter meter, long now)
    {
        if (meter.Unit == MeterUnit.Slots)
        {
            return this;
        }

        MeterReading reading = meter.Read(now);
        bool key = meter.Scope is { Kind: ScopeKind.Key, Model: null };
        if (meter.Unit == MeterUnit.Usd)
        {
            return key && KeySpend is null ? this with { KeySpend = reading.Spent, KeyBudget = reading.Limit } : this;
        }

        var (limit, left) = ((long)(reading.Limit ?? 0), (long)(reading.Left ?? 0));
        CallerLimits more = this with { Reset = reading.ResetsAt is { } end ? Math.Max(0, end.ToUnixTimeSeconds() - now) : 0 };
        if (meter.Unit == MeterUnit.Requests)
        {
            more = key ? more with { KeyRequests = limit } : more;
            return Requests is null || left < RequestsLeft ? more with { Requests = limit, RequestsLeft = left } : more;
        }

        more = key ? more with { KeyTokens = limit } : more;
        return Tokens is null || left < TokensLeft ? more with { Tokens = limit, TokensLeft = left } : more;
    }
}
