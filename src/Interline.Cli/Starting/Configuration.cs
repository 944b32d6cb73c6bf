using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Cli.Commands;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Demo;

namespace Interline.Cli.Starting;

/// <summary>The configuration to start with: the file's, or the environment's, or the demo alone.</summary>
internal static class Configuration
{
    /// <summary>The catalogue, with a price map over it.</summary>
    /// <param name="priceMap">LiteLLM's price map; null for none.</param>
    /// <returns>Null if the price map cannot be used.</returns>
    public static ICatalog? Catalog(FileInfo? priceMap)
    {
        if (priceMap is null)
        {
            return ShippedCatalog.BuiltIn;
        }

        if (!priceMap.Exists)
        {
            Console.Error.WriteLine($"interline: there is no price map {priceMap.FullName}");
            return null;
        }

        LiteLLMPriceMapResult read = LiteLLMPriceMap.Read(File.ReadAllBytes(priceMap.FullName), ModelCatalog.BuiltIn);
        foreach (PriceMapProblem problem in read.Problems)
        {
            Console.Error.WriteLine($"warning: {priceMap}: {problem.Entry}: {problem.Message}");
        }

        if (read.Models.IsEmpty)
        {
            Console.Error.WriteLine($"interline: {priceMap} holds no model that can be used");
            return null;
        }

        return new ShippedCatalog(ModelCatalog.BuiltIn.With(read.Models));
    }

    /// <summary>Loads the file and tells on standard error what there is to tell.</summary>
    /// <param name="file">The file.</param>
    /// <param name="catalog">Providers and models.</param>
    /// <returns>Null if the file cannot be used.</returns>
    public static ConfigResult? Load(FileInfo file, ICatalog catalog)
    {
        if (ConfigFiles.Read(file.ToString(), catalog, out string? error) is not { } result)
        {
            Console.Error.WriteLine($"interline: {error}");
            return null;
        }

        ProblemLines.Write(Console.Error, result.Problems, Terminal.Error);
        if (result.Snapshot is null)
        {
            Console.Error.WriteLine($"interline: {file} cannot be used; mend the errors above. `./run check {file}` shows them again.");
            return null;
        }

        return result;
    }

    /// <summary>The configuration of a start without a file: the providers of the environment, else the demo.</summary>
    /// <param name="catalog">Providers and models.</param>
    public static Snapshot WithoutFile(ICatalog catalog)
    {
        Snapshot found = EnvironmentConfig.Read(Environment.GetEnvironmentVariable, catalog);
        return found.Groups.Count + found.Wildcards.Length > 0 ? found : WithDemo(found);
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
