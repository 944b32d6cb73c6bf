using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>Reads <c>router_settings</c>, and what <c>litellm_settings</c> says of the same; the router's own wins where both exist.</summary>
internal static class RouterSettingsReader
{
    private static readonly ImmutableArray<string> Strategies =
        ["simple-shuffle", "least-busy", "latency-based-routing", "usage-based-routing", "usage-based-routing-v2", "cost-based-routing", "provider-budget-routing"];

    /// <summary>Reads the settings.</summary>
    /// <param name="router">The section <c>router_settings</c>.</param>
    /// <param name="liteLlm">The section <c>litellm_settings</c>.</param>
    /// <param name="fallbacks">Fallbacks, already read.</param>
    public static RouterSettings Read(SectionReader router, SectionReader liteLlm, FrozenDictionary<string, ImmutableArray<string>> fallbacks)
    {
        var defaults = new RouterSettings();
        Strategy(router);

        // Both are read, so that a wrong value is told even where it does not count.
        int? retries = liteLlm.Count("num_retries");
        TimeSpan? timeout = liteLlm.Seconds("request_timeout");
        int? allowedFails = liteLlm.Count("allowed_fails");
        int? maxFallbacks = liteLlm.Count("max_fallbacks");
        return defaults with
        {
            NumRetries = router.Count("num_retries") ?? retries ?? defaults.NumRetries,
            Timeout = router.Seconds("timeout") ?? timeout ?? defaults.Timeout,
            StreamTimeout = router.Seconds("stream_timeout"),
            StreamTotalTimeout = router.Seconds("stream_total_timeout"),
            ConnectTimeout = router.Seconds("connect_timeout") ?? defaults.ConnectTimeout,
            RetryAfter = router.Seconds("retry_after", zero: true) ?? defaults.RetryAfter,
            AllowedFails = router.Count("allowed_fails") ?? allowedFails,
            CooldownTime = router.Seconds("cooldown_time", zero: true) ?? defaults.CooldownTime,
            DisableCooldowns = router.Flag("disable_cooldowns") ?? false,
            MaxFallbacks = router.Count("max_fallbacks") ?? maxFallbacks ?? defaults.MaxFallbacks,
            Fallbacks = fallbacks,
        };
    }

    /// <summary>Reads <c>model_group_alias</c>: alias to name, or to a mapping of <c>model</c> and <c>hidden</c>.</summary>
    public static FrozenDictionary<string, ModelAlias> Aliases(SectionReader router)
    {
        var aliases = new Dictionary<string, ModelAlias>(StringComparer.Ordinal);
        if (router.Section("model_group_alias") is not { } mapping)
        {
            return FrozenDictionary<string, ModelAlias>.Empty;
        }

        string path = router.PathOf("model_group_alias");
        foreach (YamlEntry entry in mapping.Entries)
        {
            string place = $"{path}.{entry.Key}";
            switch (entry.Value)
            {
                case YamlScalar scalar when router.Scope.Follow(scalar, place) is { IsNull: false } target:
                    aliases[entry.Key] = new(target.Text, Hidden: false);
                    break;
                case YamlMapping shape:
                    var section = new SectionReader(router.Scope, shape, place);
                    bool hidden = section.Flag("hidden") ?? false;
                    if (section.Text("model") is { } model)
                    {
                        aliases[entry.Key] = new(model, hidden);
                    }
                    else
                    {
                        router.RefuseAt(entry.Value.Place, place, "expected model, found nothing");
                    }

                    IgnoredKeys.Tell(section, "model_group_alias", AliasKeys);
                    break;
                default:
                    router.RefuseAt(entry.Value.Place, place, $"expected the name of a model, or a mapping of model and hidden, found {entry.Value.Kind}");
                    break;
            }
        }

        return aliases.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static readonly FrozenSet<string> AliasKeys = FrozenSet.Create(StringComparer.Ordinal, "model", "hidden");

    private static void Strategy(SectionReader router)
    {
        string? name = router.Text("routing_strategy");
        if (name is null or "simple-shuffle")
        {
            return;
        }

        bool known = Strategies.Contains(name);
        Place place = router.Mapping.Find("routing_strategy")?.Value.Place ?? router.Mapping.Place;
        router.Scope.Problems.Warning(
            place,
            router.PathOf("routing_strategy"),
            known ? $"'{name}' is not yet supported, simple-shuffle is used" : $"unknown strategy '{name}', simple-shuffle is used",
            known ? null : Nearest.Text(name, Strategies));
    }
}
