using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Interline.Core.Configuration.Yaml;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>Reads a configuration file in LiteLLM's format. Pure: the text and the environment are arguments.</summary>
public static class ConfigReader
{
    /// <summary>Reads a file. Never throws on what the file says; everything there is to tell is among the problems.</summary>
    /// <param name="text">Text of the file.</param>
    /// <param name="file">Name of the file, as problems name it.</param>
    /// <param name="environment">Value of an environment variable, or null.</param>
    /// <param name="catalog">Providers and models.</param>
    public static ConfigResult Read(string text, string file, Func<string, string?> environment, ICatalog catalog)
    {
        var problems = new ProblemList(file);
        var scope = new ReadScope(problems, environment);
        YamlTree tree = YamlTree.Parse(text);
        foreach (YamlProblem problem in tree.Problems)
        {
            problems.Add(problem.IsError ? ConfigSeverity.Error : ConfigSeverity.Warning, problem.Place, "", problem.Message);
        }

        Snapshot? snapshot = Root(tree, problems) is { } root ? Snapshot(root, tree, scope, catalog, Version(text)) : null;
        return new(tree.IsBroken ? null : snapshot, problems.ToImmutable());
    }

    /// <summary>Short hash of a text, for <see cref="Snapshot.Version"/>.</summary>
    internal static string Version(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private static YamlMapping? Root(YamlTree tree, ProblemList problems)
    {
        switch (tree.Root)
        {
            case YamlMapping mapping:
                return mapping;
            case null or YamlScalar { IsNull: true } when !tree.IsBroken:
                problems.Warning(Place.Start, "", "the file is empty");
                return new YamlMapping(Place.Start, []);
            case null or YamlScalar { IsNull: true }:
                return null;
            case { } other:
                problems.Error(other.Place, "", $"expected a mapping with model_list, found {other.Kind}");
                return null;
        }
    }

    private static Snapshot? Snapshot(YamlMapping root, YamlTree tree, ReadScope scope, ICatalog catalog, string version)
    {
        var top = new SectionReader(scope, root, "");
        EnvironmentVariables(top);
        SectionReader router = Section(top, "router_settings");
        SectionReader liteLlm = Section(top, "litellm_settings");
        SectionReader general = Section(top, "general_settings");

        var drafts = new List<DeploymentDraft>();
        var reader = new DeploymentReader(scope, catalog, liteLlm.Flag("drop_params") ?? false);
        ImmutableArray<YamlNode> items = top.List("model_list")?.Items ?? [];
        for (int index = 0; index < items.Length; index++)
        {
            if (!tree.WasSetAside(items[index]))
            {
                drafts.AddRange(reader.Read(items[index], $"model_list[{index}]"));
            }
        }

        (FrozenDictionary<string, ModelGroup> exact, ImmutableArray<ModelGroup> wildcards, ImmutableArray<string> names) = GroupBuilder.Build(drafts, scope.Problems);
        var fallbacks = new FallbackReader(scope);
        var snapshot = new Snapshot
        {
            Version = version,
            Groups = exact,
            Wildcards = wildcards,
            Names = names,
            Aliases = RouterSettingsReader.Aliases(router),
            Router = RouterSettingsReader.Read(router, liteLlm, fallbacks.Read(router, liteLlm)),
            General = GeneralSettingsReader.Read(general, liteLlm),
        };
        if (!tree.IsBroken)
        {
            // In what is left of a broken file, names are missing that are not missing in the file.
            fallbacks.WarnOfUnknownNames(name => snapshot.Resolve(name) is not null, [.. names, .. snapshot.Aliases.Keys]);
            WarnOfAliases(snapshot, router);
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

    private static void WarnOfAliases(Snapshot snapshot, SectionReader router)
    {
        if (router.Section("model_group_alias") is not { } mapping)
        {
            return;
        }

        foreach (YamlEntry entry in mapping.Entries)
        {
            if (snapshot.Aliases.TryGetValue(entry.Key, out ModelAlias? alias) && snapshot.Resolve(entry.Key) is null)
            {
                router.Scope.Problems.Warning(entry.Value.Place, $"router_settings.model_group_alias.{entry.Key}", $"there is no model '{alias.Target}'", Nearest.Text(alias.Target, snapshot.Names));
            }
        }
    }
}
