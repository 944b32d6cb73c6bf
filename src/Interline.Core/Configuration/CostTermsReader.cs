using System.Collections.Frozen;
using Interline.Core.Configuration.Yaml;
using Interline.Core.Pricing;

namespace Interline.Core.Configuration;

/// <summary>Reads <c>litellm_settings.cost_discount_config</c> and <c>cost_margin_config</c>: by provider, the latter also for <c>global</c>.</summary>
internal static class CostTermsReader
{
    /// <summary>Largest margin that is believed: a hundredfold. A larger one is a percentage that was written as a whole number.</summary>
    private const decimal MaxMargin = 100m;

    private const string Global = "global";

    /// <summary>Reads both.</summary>
    /// <param name="liteLlm">The section <c>litellm_settings</c>.</param>
    /// <param name="catalog">Knows the providers.</param>
    public static CostTerms Read(SectionReader liteLlm, ICatalog catalog)
    {
        Dictionary<string, decimal> discounts = new(StringComparer.Ordinal);
        foreach ((SectionReader section, YamlEntry entry) in Entries(liteLlm, "cost_discount_config"))
        {
            if (section.Number(entry.Key) is not { } fraction)
            {
                continue;
            }

            if (fraction > 1)
            {
                section.Refuse(entry.Key, "expected a fraction from 0 to 1, such as 0.05 for five percent");
                continue;
            }

            discounts[Provider(section, entry, catalog)] = fraction;
        }

        Dictionary<string, Margin> margins = new(StringComparer.Ordinal);
        Margin global = default;
        foreach ((SectionReader section, YamlEntry entry) in Entries(liteLlm, "cost_margin_config"))
        {
            if (ReadMargin(section, entry) is not { } margin)
            {
                continue;
            }

            if (entry.Key == Global)
            {
                global = margin;
            }
            else
            {
                margins[Provider(section, entry, catalog)] = margin;
            }
        }

        return discounts.Count == 0 && margins.Count == 0 && global == default ? CostTerms.None : new CostTerms
        {
            Discounts = discounts.ToFrozenDictionary(StringComparer.Ordinal),
            Margins = margins.ToFrozenDictionary(StringComparer.Ordinal),
            GlobalMargin = global,
        };
    }

    private static IEnumerable<(SectionReader Section, YamlEntry Entry)> Entries(SectionReader liteLlm, string key)
    {
        if (liteLlm.Section(key) is not { } mapping)
        {
            yield break;
        }

        var section = new SectionReader(liteLlm.Scope, mapping, liteLlm.PathOf(key));
        foreach (YamlEntry entry in mapping.Entries)
        {
            yield return (section, entry);
        }

        // A price that is not what was written is no warning: the file does not load, as with every other section of settings.
        liteLlm.Join(section);
    }

    private static Margin? ReadMargin(SectionReader section, YamlEntry entry)
    {
        if (section.Node(entry.Key) is not YamlMapping mapping)
        {
            return section.Number(entry.Key) is { } fraction && IsMargin(section, entry.Key, fraction) ? new Margin(fraction, 0) : null;
        }

        var inner = new SectionReader(section.Scope, mapping, section.PathOf(entry.Key));
        decimal percentage = inner.Number("percentage") ?? 0;
        decimal amount = inner.Number("fixed_amount") ?? 0;
        bool valid = IsMargin(inner, "percentage", percentage);
        if (!PriceKeys.IsValid(amount))
        {
            inner.Refuse("fixed_amount", "expected USD for each call, such as 0.001");
            valid = false;
        }

        foreach (YamlEntry unknown in inner.Unread)
        {
            inner.RefuseAt(unknown.KeyPlace, inner.PathOf(unknown.Key), "expected percentage or fixed_amount");
        }

        section.Join(inner);
        return valid && !inner.Failed ? new Margin(percentage, amount) : null;
    }

    private static bool IsMargin(SectionReader section, string key, decimal fraction)
    {
        if (fraction <= MaxMargin)
        {
            return true;
        }

        section.Refuse(key, "expected a fraction such as 0.1 for ten percent");
        return false;
    }

    private static string Provider(SectionReader section, YamlEntry entry, ICatalog catalog)
    {
        if (catalog.Provider(entry.Key) is { } provider)
        {
            return provider.Id;
        }

        section.Scope.Problems.Warning(entry.KeyPlace, section.PathOf(entry.Key), $"there is no provider '{entry.Key}'", Nearest.Text(entry.Key, catalog.ProviderIds));
        return entry.Key;
    }
}
