using System.Runtime.InteropServices;

namespace Interline.Core.Routing;

/// <summary>What routing knows of one deployment at one moment. Part of a decision's kept inputs; what no rule of the group asks for is left at its default.</summary>
/// <param name="CoolingFor">How much longer it cools; zero or less if it does not.</param>
/// <param name="RateLimited">Whether it cools because of a rate limit.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct HealthReading(TimeSpan CoolingFor, bool RateLimited)
{
    /// <summary>Whether its cooldown is over and a call is trying it; who can go elsewhere does until that has ended.</summary>
    public bool Probing { get; init; }

    /// <summary>Whether it, or its provider, has spent its budget.</summary>
    public bool OverBudget { get; init; }

    /// <summary>Calls now under way on it.</summary>
    public int InFlight { get; init; }

    /// <summary>Calls begun on it in this minute, where they are counted.</summary>
    public int MinuteRequests { get; init; }

    /// <summary>Failures of this minute that count.</summary>
    public int MinuteFailures { get; init; }

    /// <summary>Tokens it used in this minute.</summary>
    public long MinuteTokens { get; init; }

    /// <summary>Mean time to a stream's first event over the newest measurements; zero if there is none.</summary>
    public TimeSpan FirstEvent { get; init; }

    /// <summary>Mean time of a plain answer per output token over the newest measurements; zero if there is none.</summary>
    public TimeSpan PerToken { get; init; }

    /// <summary>Whether it may be called.</summary>
    public bool IsAvailable => CoolingFor <= TimeSpan.Zero;
}
