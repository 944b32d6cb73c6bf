using System.Collections.Frozen;

namespace Interline.Core.Catalog;

/// <summary>What a provider does with top-level parameters of a chat request. A parameter not named here goes through as it is.</summary>
public sealed record ParameterRules
{
    /// <summary>No rule at all.</summary>
    public static ParameterRules None { get; } = new();

    /// <summary>Parameters it knows under another name: from the client's name to its own.</summary>
    public FrozenDictionary<string, string> Renames { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Parameters it refuses: dropped and reported with <c>drop_params</c>, else a 400 that names the field.</summary>
    public FrozenSet<string> Unsupported { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Whether <c>stream_options.include_usage</c> may be added to a stream; false where it is refused or usage comes anyway.</summary>
    public bool StreamUsageOption { get; init; } = true;
}
