using Interline.Budgets;
using Interline.Core.Budgets;

namespace Interline.Server.Accounts;

/// <summary>A warning line for each soft limit that was passed.</summary>
/// <param name="logger">Where the lines go.</param>
internal sealed partial class SoftLimitLog(ILogger<SoftLimitLog> logger)
{
    /// <summary>Writes one. Never blocks: the logger has a queue of its own.</summary>
    /// <param name="passed">What was passed.</param>
    public void Write(SoftLimitPassed passed)
    {
        // A key is named by the end of the digest it is kept by, as in errors.
        string id = passed.Scope is { Kind: ScopeKind.Key, Id.Length: > 4 } key ? $"…{key.Id[^4..]}" : passed.Scope.Id;
        Passed(logger, passed.Scope.Kind, id, passed.Scope.Model ?? "all", passed.SoftLimit, passed.Spent, passed.ResetsAt);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "soft limit passed: {Kind} {Id}, model {Model}: {Spent} USD of {SoftLimit} spent, window ends {ResetsAt}")]
    private static partial void Passed(ILogger logger, ScopeKind kind, string id, string model, decimal softLimit, decimal spent, DateTimeOffset? resetsAt);
}
