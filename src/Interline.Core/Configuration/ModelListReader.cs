using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>Reads <c>model_list</c> and keeps what it listed, what was left out too.</summary>
/// <param name="scope">Problems and variables.</param>
/// <param name="catalog">Providers and models.</param>
/// <param name="wasSetAside">Whether an item is empty only because of a syntax error, which is told.</param>
internal sealed class ModelListReader(ReadScope scope, ICatalog catalog, Func<YamlNode, bool> wasSetAside)
{
    private readonly List<(string Name, Place Place, string Path, DeploymentDraft? Draft)> _listed = [];

    public ReadScope Scope => scope;

    public ICatalog Catalog => catalog;

    /// <summary>Names of every item, of those left out too.</summary>
    public IEnumerable<string> Names => _listed.Select(static item => item.Name);

    /// <summary>Reads the list.</summary>
    public GroupSet Read(SectionReader top, SectionReader router, SectionReader liteLlm)
    {
        var layers = new ParameterLayers(scope, top.List("credential_list"), router.Section("default_litellm_params"));
        var reader = new DeploymentReader(scope, catalog, layers, liteLlm.Flag("drop_params") ?? false);
        var drafts = new List<DeploymentDraft>();
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (YamlNode item in top.List("model_list")?.Items ?? [])
        {
            // Counted in the file the item stands in: that is where its reader will count.
            string file = item.Place.File ?? "";
            int index = indexes.GetValueOrDefault(file);
            indexes[file] = index + 1;
            if (!wasSetAside(item))
            {
                Read(reader, item, $"model_list[{index}]", drafts);
            }
        }

        return GroupBuilder.Build(drafts, scope.Problems);
    }

    /// <summary>Every deployment the files list.</summary>
    /// <param name="main">The main file.</param>
    /// <param name="problems">All that was told.</param>
    public ImmutableArray<ListedDeployment> Listed(string main, ImmutableArray<ConfigProblem> problems) =>
        [.. _listed.Select(item => new ListedDeployment(
            item.Name,
            item.Place.File ?? main,
            item.Place.Line,
            item.Path,
            item.Draft is { } draft ? draft.Deployment.Missing : WhyLeftOut(item.Place.File ?? main, item.Path, problems)))];

    // What an anchor shares is told once, at the first of those that use it.
    private static string WhyLeftOut(string file, string path, ImmutableArray<ConfigProblem> problems) =>
        problems.FirstOrDefault(problem => problem.Severity == ConfigSeverity.Error && problem.File == file && IsIn(problem.Path, path)) is { } problem
            ? problem.Suggestion is { } suggestion ? $"{problem.Message} (did you mean {suggestion}?)" : problem.Message
            : "an error in what it shares with another";

    private static bool IsIn(string path, string item) =>
        path.StartsWith(item, StringComparison.Ordinal) && (path.Length == item.Length || path[item.Length] == '.');

    private void Read(DeploymentReader reader, YamlNode item, string path, List<DeploymentDraft> drafts)
    {
        DeploymentReading reading = reader.Read(item, path);
        drafts.AddRange(reading.Drafts);
        if (reading.Name is { } name && !reading.IsElsewhere)
        {
            _listed.AddRange(reading.Drafts.IsEmpty
                ? [(name, item.Place, path, null)]
                : reading.Drafts.Select(draft => (name, item.Place, path, (DeploymentDraft?)draft)));
        }
    }
}
