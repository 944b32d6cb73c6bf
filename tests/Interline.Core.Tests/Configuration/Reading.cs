using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Configuration;

/// <summary>Reads a configuration as tests write it.</summary>
internal static class Reading
{
    public static ConfigResult Read(string text, params (string Name, string Value)[] environment) =>
        ConfigReader.Read(text, "config.yaml", name => Array.Find(environment, pair => pair.Name == name).Value, new FakeCatalog());

    /// <summary>A file of one deployment with more lines under <c>litellm_params</c>.</summary>
    public static ConfigResult One(string model, params string[] lines) =>
        Read($"model_list:\n  - model_name: m\n    litellm_params:\n      model: {model}\n      api_key: k\n{string.Concat(lines.Select(line => $"      {line}\n"))}");

    public static Deployment Only(this ConfigResult result) => result.Snapshot.ShouldNotBeNull(string.Join('\n', result.Problems)).Groups.Values.Single().Deployments.Single();

    public static string[] Errors(this ConfigResult result) => Told(result, ConfigSeverity.Error);

    public static string[] Warnings(this ConfigResult result) => Told(result, ConfigSeverity.Warning);

    public static string[] Ignored(this ConfigResult result) => Told(result, ConfigSeverity.Ignored);

    private static string[] Told(ConfigResult result, ConfigSeverity severity) =>
        [.. result.Problems.Where(problem => problem.Severity == severity).Select(problem => problem.ToString())];
}
