using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Demo;

namespace Interline.Cli.Starting;

/// <summary>The configuration to start with: the file's, or the environment's, or the demo alone.</summary>
internal static class Configuration
{
    /// <summary>Loads it and tells on standard error what there is to tell.</summary>
    /// <param name="file">The file; null for none.</param>
    /// <returns>Null if the file cannot be used.</returns>
    public static Snapshot? Load(FileInfo? file)
    {
        if (file is null)
        {
            Snapshot found = EnvironmentConfig.Read(Environment.GetEnvironmentVariable, ShippedCatalog.BuiltIn);
            return found.Groups.Count + found.Wildcards.Length > 0 ? found : WithDemo(found);
        }

        if (!file.Exists)
        {
            Console.Error.WriteLine($"interline: there is no configuration file {file.FullName}");
            return null;
        }

        ConfigResult result = ConfigReader.Read(File.ReadAllText(file.FullName), file.ToString(), Environment.GetEnvironmentVariable, ShippedCatalog.BuiltIn);
        foreach (ConfigProblem problem in result.Problems)
        {
            Console.Error.WriteLine($"{problem.Severity.ToString().ToLowerInvariant()}: {problem}");
        }

        if (result.Snapshot is null)
        {
            Console.Error.WriteLine($"interline: {file} cannot be used; mend the errors above. `./run check {file}` shows them again.");
        }

        return result.Snapshot;
    }

    /// <summary>A fresh machine has something to call: the demo, under the name <c>demo</c>.</summary>
    private static Snapshot WithDemo(Snapshot empty)
    {
        var deployment = new Deployment
        {
            Id = DemoProvider.Id,
            Group = DemoProvider.Model,
            Provider = DemoProvider.Info,
            UpstreamModel = DemoProvider.Model,
            BaseUrl = new Uri(DemoProvider.Info.BaseUrl!),
        };
        ImmutableArray<Deployment> deployments = [deployment];
        return empty with
        {
            Groups = new Dictionary<string, ModelGroup>(StringComparer.Ordinal)
            {
                [DemoProvider.Model] = new(DemoProvider.Model, deployments),
            }.ToFrozenDictionary(StringComparer.Ordinal),
            Names = [DemoProvider.Model],
        };
    }
}
