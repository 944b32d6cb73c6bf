using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Interline.Core.Configuration.Yaml;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>Reads a configuration file in LiteLLM's format. Pure: texts and environment are arguments.</summary>
public static class ConfigReader
{
    /// <summary>Reads a file. Never throws on what the file says; everything there is to tell is among the problems.</summary>
    /// <param name="text">Text of the file.</param>
    /// <param name="file">Name of the file, as problems name it.</param>
    /// <param name="environment">Value of an environment variable, or null.</param>
    /// <param name="catalog">Providers and models.</param>
    /// <param name="included">Text of an included file, named with the folder of <paramref name="file"/> before it; null if it cannot be read.</param>
    public static ConfigResult Read(string text, string file, Func<string, string?> environment, ICatalog catalog, Func<string, string?>? included = null)
    {
        var problems = new ProblemList(file);
        YamlTree tree = YamlTree.Parse(text);
        problems.Add(tree);
        var includes = new IncludeReader(problems, file, included);
        YamlMapping? root = RootReader.Read(tree, Place.Start, "expected a mapping with model_list", problems);
        if (root is null)
        {
            return new(null, problems.ToImmutable()) { Files = includes.Files };
        }

        root = includes.Merge(root);
        bool broken = tree.IsBroken || includes.IsBroken;
        var models = new ModelListReader(new ReadScope(problems, environment), catalog, node => node.Place.File is null ? tree.WasSetAside(node) : includes.WasSetAside(node));
        Snapshot? snapshot = Snapshot(root, broken, models, Version(string.Join('\0', includes.Texts.Prepend(text))));
        ImmutableArray<ConfigProblem> told = problems.ToImmutable();
        return new(broken || includes.Failed ? null : snapshot, told) { Files = includes.Files, Listed = models.Listed(file, told) };
    }

    /// <summary>Short hash of a text, for <see cref="Snapshot.Version"/>.</summary>
    internal static string Version(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private static Snapshot? Snapshot(YamlMapping root, bool broken, ModelListReader models, string version)
    {
        ReadScope scope = models.Scope;
        var top = new SectionReader(scope, root, "");
        EnvironmentVariables(top);
        SectionReader router = Section(top, "router_settings");
        SectionReader liteLlm = Section(top, "litellm_settings");
        SectionReader general = Section(top, "general_settings");

        GroupSet groups = models.Read(top, router, liteLlm);
        var fallbacks = new FallbackReader(scope);
        var aliases = new AliasReader(scope);
        var snapshot = new Snapshot
        {
            Version = version,
            Groups = groups.Exact,
            Wildcards = groups.Wildcards,
            Names = groups.Names,
            Aliases = aliases.Read(router, liteLlm),
            Router = RouterSettingsReader.Read(router, liteLlm, fallbacks, models.Catalog),
            General = GeneralSettingsReader.Read(general, liteLlm, models.Catalog),
        };
        if (!broken)
        {
            // In what is left of a broken file, names are missing that are not missing in the file.
            var names = models.Names.ToHashSet(StringComparer.Ordinal);
            bool Exists(string name) => snapshot.Resolve(name) is not null || names.Contains(name);
            fallbacks.WarnOfUnknownNames(Exists, [.. names, .. snapshot.Aliases.Keys]);
            aliases.WarnOfUnknownNames(Exists, names);
        }

        IgnoredKeys.Tell(top, "", KnownKeys.TopLevel);
        IgnoredKeys.Tell(router, "router_settings", KnownKeys.Router);
        IgnoredKeys.Tell(liteLlm, "litellm_settings", KnownKeys.LiteLlmSettings);
        IgnoredKeys.Tell(general, "general_settings", KnownKeys.General);
        return top.Failed || router.Failed || liteLlm.Failed || general.Failed ? null : snapshot;
    }

    private static SectionReader Section(SectionReader top, string key) =>
        new(top.Scope, top.Section(key) ?? new YamlMapping(top.PlaceOf(key), []), key);

    private static void EnvironmentVariables(SectionReader top)
    {
        if (top.Section("environment_variables") is not { } mapping)
        {
            return;
        }

        var section = new SectionReader(top.Scope, mapping, "environment_variables");
        foreach (YamlEntry entry in mapping.Entries)
        {
            if (section.Text(entry.Key) is { } value)
            {
                top.Scope.Write(entry.Key, value);
            }
        }
    }
}
