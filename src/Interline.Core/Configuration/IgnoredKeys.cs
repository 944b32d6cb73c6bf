using System.Collections.Frozen;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>Tells the keys of a section that nothing read.</summary>
internal static class IgnoredKeys
{
    /// <summary>Tells every unread key as ignored, with the nearest known ones if it is unknown.</summary>
    /// <param name="section">Section, read.</param>
    /// <param name="kind">Kind of section, such as <c>router_settings</c>.</param>
    /// <param name="known">Keys known in it.</param>
    public static void Tell(SectionReader section, string kind, FrozenSet<string> known)
    {
        foreach (YamlEntry entry in section.Unread)
        {
            Tell(section, kind, known, entry);
        }
    }

    /// <summary>Tells one key as ignored.</summary>
    public static void Tell(SectionReader section, string kind, FrozenSet<string> known, YamlEntry entry)
    {
        bool isKnown = known.Contains(entry.Key);
        section.Scope.Problems.Ignored(
            kind,
            entry.Key,
            entry.KeyPlace,
            section.PathOf(entry.Key),
            isKnown ? "not supported yet, has no effect" : "unknown key, has no effect",
            isKnown ? null : Nearest.Text(entry.Key, known));
    }
}
