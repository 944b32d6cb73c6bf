using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Interline.Core.Configuration;
using Interline.Core.Cooldown;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Core.Tests.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Tests.Retry;

/// <summary>The table of docs/routing.md, asked of the rules themselves: fault, stage and setting to what happens.</summary>
internal static class TruthTable
{
    /// <summary>The table as Markdown, without a line break at its end.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        text.Append("| fault | a deployment is left that was not tried | none is left | retries used up | retry policy of its class: retries left, none untried | the same, used up | groups | cools without `allowed_fails` |\n");
        text.Append("|---|---|---|---|---|---|---|---|");
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>())
        {
            text.Append('\n').Append("| ").AppendJoin(" | ", Words(kind), Move(kind, true, true, false), Move(kind, true, false, false), Move(kind, false, true, false), Policy(kind, true), Policy(kind, false), Groups(kind), Cools(kind)).Append(" |");
        }

        return text.ToString();
    }

    private static string Words(ErrorKind kind) => kind switch
    {
        ErrorKind.BadRequest => "bad request (400, 404, 422, …)",
        ErrorKind.NotFound => "model not found (404)",
        ErrorKind.ContextLength => "context length",
        ErrorKind.ContentPolicy => "content policy",
        ErrorKind.Authentication => "authentication (401)",
        ErrorKind.Permission => "permission (403)",
        ErrorKind.QuotaExhausted => "quota exhausted (402)",
        ErrorKind.RateLimit => "rate limit (429)",
        ErrorKind.Overloaded => "overloaded (503, 529)",
        ErrorKind.Server => "server (other 5xx, 409)",
        ErrorKind.Network => "network",
        ErrorKind.Timeout => "timeout (408, 504, own limits)",
        ErrorKind.Malformed => "malformed answer",
        ErrorKind.Unsupported => "unsupported here",
        _ => "client gone",
    };

    private static string Policy(ErrorKind kind, bool retryLeft)
    {
        var all = new RetryPolicy { Authentication = 9, BadRequest = 9, ContentPolicy = 9, InternalServer = 9, RateLimit = 9, Timeout = 9 };
        return RetryLimit.Of(kind, Deployments.One("a"), "g", new() { RetryPolicy = all }, CallerOptions.None).ByPolicy ? Move(kind, retryLeft, false, true) : "no such class";
    }

    /// <summary>What is done with a group behind this one, and without.</summary>
    private static string Move(ErrorKind kind, bool retryLeft, bool untried, bool policy)
    {
        string with = Move(kind, retryLeft, untried, policy, group: Groups(kind) != "none");
        string without = Move(kind, retryLeft, untried, policy, group: false);
        return with == without ? with : $"{with}; without one {without}";
    }

    private static string Move(ErrorKind kind, bool retryLeft, bool untried, bool policy, bool group)
    {
        var state = new RetryState { Attempts = 1, Refused = retryLeft ? 0 : 2, NumRetries = retryLeft ? 1 : 0, ByPolicy = policy, HasUntried = untried, HasLarger = untried, HasNextGroup = group };
        return RetryRules.After(new(kind, 500, "x"), state).Move switch
        {
            NextMove.NextDeployment => kind == ErrorKind.ContextLength ? "larger window" : "that one, at once",
            NextMove.SameDeployment => "the same again, after a wait",
            NextMove.NextGroup => "next group",
            _ => "stop",
        };
    }

    internal static string Groups(ErrorKind kind)
    {
        var settings = new RouterSettings { Fallbacks = Rule("fallbacks"), ContextWindowFallbacks = Rule("context_window_fallbacks"), ContentPolicyFallbacks = Rule("content_policy_fallbacks") };
        string? first = First(settings, kind);
        string? other = First(settings with { ContextWindowFallbacks = FrozenDictionary<string, ImmutableArray<string>>.Empty, ContentPolicyFallbacks = FrozenDictionary<string, ImmutableArray<string>>.Empty }, kind);
        return first is null ? "none" : other is null || other == first ? $"`{first}`" : $"`{first}`, else `{other}`";
    }

    private static string? First(RouterSettings settings, ErrorKind kind) => FallbackChain.Of("g", settings, CallerOptions.None, new AllNames())?.Take(kind);

    private static string Cools(ErrorKind kind)
    {
        if (!CooldownRules.Counts(kind))
        {
            return "does not count";
        }

        return CooldownRules.After(new(kind, 500, "x"), new(9, 1), Deployments.One("a"), isOnlyOne: false, new()) is null ? "more than half of at least 5 calls in the minute" : "at once";
    }

    private static FrozenDictionary<string, ImmutableArray<string>> Rule(string name) => new Dictionary<string, ImmutableArray<string>> { ["g"] = [name] }.ToFrozenDictionary();

    private sealed class AllNames : IGroups
    {
        public string? Find(string name) => name;
    }
}
