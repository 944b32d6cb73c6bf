using System.Collections.Immutable;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>What became of a configuration file.</summary>
/// <param name="Snapshot">
/// What it says; null if the file is refused: it is not YAML, has the wrong shape, or a setting of the router or the server has a value that cannot be meant.
/// A bad deployment does not refuse the file: it is left out, and its error is among the problems.
/// </param>
/// <param name="Problems">Everything there is to tell, in the order of the file.</param>
public sealed record ConfigResult(Snapshot? Snapshot, ImmutableArray<ConfigProblem> Problems)
{
    /// <summary>Whether anything in the file cannot be used.</summary>
    public bool HasErrors => Problems.Any(static problem => problem.Severity == ConfigSeverity.Error);
}
