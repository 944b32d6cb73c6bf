using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Retry;

/// <summary>Finds groups by the names that fallbacks are written with.</summary>
public interface IGroups
{
    /// <summary>The name of the group that is meant: aliases followed, patterns filled. Null if there is none.</summary>
    /// <param name="name">Name as in the configuration or the request.</param>
    string? Find(string name);
}

/// <summary>
/// The groups behind the one asked for, by the kind of error that ends a group: a request that is too long goes through <c>context_window_fallbacks</c>, else
/// <c>fallbacks</c>; a refusal by content policy through <c>content_policy_fallbacks</c> only; a request that is wrong nowhere; all else through <c>fallbacks</c>.
/// The rules are those of the group asked for; fallbacks of fallbacks are not followed, no group is entered twice, and there are at most <c>max_fallbacks</c>.
/// </summary>
public sealed class FallbackChain
{
    private readonly ImmutableArray<string> _general;
    private readonly ImmutableArray<string> _window;
    private readonly ImmutableArray<string> _policy;
    private readonly IGroups _groups;
    private readonly HashSet<string> _entered;
    private int _left;

    private FallbackChain(string group, ImmutableArray<string> general, ImmutableArray<string> window, ImmutableArray<string> policy, int most, IGroups groups)
    {
        _general = general;
        _window = window;
        _policy = policy;
        _left = most;
        _groups = groups;
        _entered = new(StringComparer.Ordinal) { group };
    }

    /// <summary>The chain behind a group; null if there is none.</summary>
    /// <param name="group">Name of the group asked for.</param>
    /// <param name="settings">The router's settings.</param>
    /// <param name="options">What the caller asks for.</param>
    /// <param name="groups">Finds groups by name.</param>
    public static FallbackChain? Of(string group, RouterSettings settings, CallerOptions options, IGroups groups)
    {
        if (options.DisableFallbacks || (ReferenceEquals(options, CallerOptions.None) && settings.Fallbacks.Count + settings.ContextWindowFallbacks.Count + settings.ContentPolicyFallbacks.Count == 0))
        {
            return null;
        }

        ImmutableArray<string> general = options.Fallbacks ?? Rule(settings.Fallbacks, group);
        ImmutableArray<string> window = options.ContextWindowFallbacks ?? Rule(settings.ContextWindowFallbacks, group);
        ImmutableArray<string> policy = options.ContentPolicyFallbacks ?? Rule(settings.ContentPolicyFallbacks, group);
        return general.Length + window.Length + policy.Length == 0 ? null : new(group, general, window, policy, options.MaxFallbacks ?? settings.MaxFallbacks, groups);
    }

    /// <summary>Whether a group stands behind this one for a kind of error.</summary>
    /// <param name="kind">How the group has failed.</param>
    public bool Has(ErrorKind kind) => Next(kind) is not null;

    /// <summary>Whether a call goes on to another group rather than to a deployment that another call is trying; asked only where one is being tried.</summary>
    /// <param name="health">One reading for each deployment of the group.</param>
    public bool HasElsewhere(ReadOnlySpan<HealthReading> health)
    {
        foreach (ref readonly HealthReading reading in health)
        {
            if (reading.Probing)
            {
                return Has(ErrorKind.Overloaded);
            }
        }

        return false;
    }

    /// <summary>Goes to the next group.</summary>
    /// <param name="kind">How the group has failed.</param>
    /// <returns>Its name; null if there is none.</returns>
    public string? Take(ErrorKind kind)
    {
        if (Next(kind) is not { } next)
        {
            return null;
        }

        _entered.Add(next);
        _left--;
        return next;
    }

    private string? Next(ErrorKind kind)
    {
        if (_left <= 0)
        {
            return null;
        }

        foreach (string name in For(kind))
        {
            if (_groups.Find(name) is { } found && !_entered.Contains(found))
            {
                return found;
            }
        }

        return null;
    }

    private ImmutableArray<string> For(ErrorKind kind) => kind switch
    {
        ErrorKind.BadRequest or ErrorKind.ClientGone => [],
        ErrorKind.ContentPolicy => _policy,
        ErrorKind.ContextLength => _window.Length > 0 ? _window : _general,
        _ => _general,
    };

    /// <summary>The rule of a name: its own, then that of the name without its provider, then the one for all.</summary>
    private static ImmutableArray<string> Rule(FrozenDictionary<string, ImmutableArray<string>> rules, string group)
    {
        if (rules.Count == 0)
        {
            return [];
        }

        int slash = group.IndexOf('/', StringComparison.Ordinal);
        return rules.TryGetValue(group, out ImmutableArray<string> found)
            || (slash >= 0 && rules.TryGetValue(group[(slash + 1)..], out found))
            || rules.TryGetValue("*", out found) ? found : [];
    }
}
