using System.Collections.Immutable;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>What became of a configuration file.</summary>
/// <param name="Snapshot">
/// What it says; null if the file is refused: it is not YAML, has the wrong shape, or a setting of the router or the server has a value that cannot be meant.
/// A bad deployment does not refuse the file: it is left out, and its error is among the problems.
/// </param>
/// <param name="Problems">Everything there is to tell, in the order of the file; those of included files behind.</param>
public sealed record ConfigResult(Snapshot? Snapshot, ImmutableArray<ConfigProblem> Problems)
{
    /// <summary>The file and those it includes, included or missing, as problems name them. A change of any is a change of the configuration.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>Every deployment the files list, those left out too, in order.</summary>
    public ImmutableArray<ListedDeployment> Listed { get; init; } = [];

    /// <summary>Whether anything in the file cannot be used.</summary>
    public bool HasErrors => Problems.Any(static problem => problem.Severity == ConfigSeverity.Error);
}

/// <summary>A deployment as an item of <c>model_list</c> names it.</summary>
/// <param name="Name">Its <c>model_name</c>.</param>
/// <param name="File">File it stands in.</param>
/// <param name="Line">Line of the item, from 1.</param>
/// <param name="Path">Its path in that file, such as <c>model_list[3]</c>.</param>
/// <param name="Unusable">Why it cannot be called; null if it can.</param>
public sealed record ListedDeployment(string Name, string File, int Line, string Path, string? Unusable);
