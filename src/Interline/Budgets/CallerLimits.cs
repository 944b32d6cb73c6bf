namespace Interline.Budgets;

/// <summary>How a caller's limits stand: of each kind the one that has the least left. Null is no limit.</summary>
public record struct CallerLimits
{
    /// <summary>Requests a minute.</summary>
    public long? Requests { get; set; }

    /// <summary>Requests left in this minute.</summary>
    public long RequestsLeft { get; set; }

    /// <summary>Tokens a minute.</summary>
    public long? Tokens { get; set; }

    /// <summary>Tokens left in this minute.</summary>
    public long TokensLeft { get; set; }

    /// <summary>Seconds until the minute ends; 0 without such a limit.</summary>
    public long Reset { get; set; }

    /// <summary>USD that the key has spent in its first budget's window.</summary>
    public decimal? KeySpend { get; set; }

    /// <summary>The key's first budget, USD.</summary>
    public decimal? KeyBudget { get; set; }

    /// <summary>The key's own requests a minute.</summary>
    public long? KeyRequests { get; set; }

    /// <summary>The key's own tokens a minute.</summary>
    public long? KeyTokens { get; set; }

    /// <summary>Whether requests or tokens are limited.</summary>
    public readonly bool AreRates => Requests is not null || Tokens is not null;

    internal void AddRequests((long Limit, long Left) rate, long reset, bool key)
    {
        Reset = Math.Max(0, reset);
        KeyRequests = key ? rate.Limit : KeyRequests;
        if (Requests is null || rate.Left < RequestsLeft)
        {
            (Requests, RequestsLeft) = rate;
        }
    }

    internal void AddTokens((long Limit, long Left) rate, long reset, bool key)
    {
        Reset = Math.Max(0, reset);
        KeyTokens = key ? rate.Limit : KeyTokens;
        if (Tokens is null || rate.Left < TokensLeft)
        {
            (Tokens, TokensLeft) = rate;
        }
    }

    internal void SetKeyBudget(in MeterReading reading) => (KeySpend, KeyBudget) = (reading.Spent, reading.Limit);
}
