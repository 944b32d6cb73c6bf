using System.Text.RegularExpressions;
using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Server.Tests.Docs;

/// <summary>The pages under docs/clients are read by people who copy from them.</summary>
public sealed partial class ClientPageTests
{
    public static TheoryData<string> Pages => [.. Directory.GetFiles(Folder(), "*.md").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_configuration_of_a_page_reads_without_a_complaint(string page)
    {
        string[] blocks = Blocks(page);
        blocks.ShouldNotBeEmpty();
        foreach (string block in blocks)
        {
            ConfigResult result = Read(block);
            result.Problems.Select(problem => problem.ToString()).ShouldBeEmpty();
            result.Snapshot!.Names.ShouldNotBeEmpty();
        }
    }

    [Theory]
    [InlineData("claude-code.md", "claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5")]
    [InlineData("claude-code.md", "gpt", "openai", "gpt-5.4")]
    [InlineData("claude-code.md", "fast", "gemini", "gemini-2.5-flash")]
    [InlineData("gemini-cli.md", "gemini-2.5-pro", "gemini", "gemini-2.5-pro")]
    [InlineData("gemini-cli.md", "claude", "anthropic", "claude-sonnet-4-5")]
    public void The_first_configuration_of_a_page_answers_the_names_the_page_speaks_of(string page, string name, string provider, string upstream)
    {
        Deployment deployment = Read(Blocks(page)[0]).Snapshot!.Resolve(name, ShippedCatalog.BuiltIn)!.Deployments[0];
        deployment.Provider.Id.ShouldBe(provider);
        deployment.UpstreamModel.ShouldBe(upstream);
        deployment.Price.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("claude-code.md", "claude-haiku-4-5", "gemini-2.5-flash")]
    [InlineData("claude-code.md", "claude-opus-4-8", "gpt-5.4")]
    [InlineData("claude-code.md", "claude-sonnet-4-5", "claude-sonnet-4-5")]
    [InlineData("gemini-cli.md", "gemini-2.5-flash-lite", "gpt-5-mini")]
    [InlineData("gemini-cli.md", "gemini-2.5-pro", "gemini-2.5-pro")]
    public void The_second_configuration_of_a_page_sends_elsewhere_what_it_says(string page, string name, string upstream) =>
        Read(Blocks(page)[1]).Snapshot!.Resolve(name)!.Deployments[0].UpstreamModel.ShouldBe(upstream);

    private static ConfigResult Read(string yaml) =>
        ConfigReader.Read(yaml, "page.yaml", static name => name.EndsWith("_KEY", StringComparison.Ordinal) ? "sk-0123456789" : null, ShippedCatalog.BuiltIn);

    private static string[] Blocks(string page) => [.. YamlBlock().Matches(File.ReadAllText(Path.Combine(Folder(), page))).Select(match => match.Groups["block"].Value)];

    private static string Folder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Interline.slnx")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "docs", "clients");
    }

    [GeneratedRegex("```yaml\n(?<block>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex YamlBlock();
}
