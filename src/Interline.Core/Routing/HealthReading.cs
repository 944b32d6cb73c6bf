namespace Interline.Core.Routing;

/// <summary>What routing knows of one deployment's health at one moment. Part of a decision's kept inputs.</summary>
/// <param name="CoolingFor">How much longer it cools; zero or less if it does not.</param>
/// <param name="RateLimited">Whether it cools because of a rate limit.</param>
public readonly record struct HealthReading(TimeSpan CoolingFor, bool RateLimited)
{
    /// <summary>Whether it may be called.</summary>
    public bool IsAvailable => CoolingFor <= TimeSpan.Zero;
}
