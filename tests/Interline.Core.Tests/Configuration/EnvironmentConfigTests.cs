using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Configuration;

public sealed class EnvironmentConfigTests
{
    [Fact]
    public void Each_provider_whose_key_is_set_is_there_as_a_pattern_and_by_plain_names()
    {
        Snapshot snapshot = Read(("OPENAI_API_KEY", "sk-a"), ("GROQ_API_KEY", " gsk\n"), ("TOGETHER_API_KEY", ""));
        snapshot.Wildcards.Select(group => group.Name).Order().ShouldBe(["groq/*", "openai/*", "text-completion-openai/*"]);
        snapshot.Groups.Keys.Order().ShouldBe(["gpt-4o", "gpt-4o-mini", "llama-3.1-8b-instant", "text-embedding-3-small"]);
        Deployment plain = snapshot.Groups["gpt-4o"].Deployments.ShouldHaveSingleItem();
        plain.Price!.Output.ShouldBe(10m);
        plain.Id.ShouldNotBe(snapshot.Resolve("openai/gpt-4o")!.Deployments[0].Id);
        Deployment groq = snapshot.Resolve("groq/any/model")!.Deployments[0];
        groq.UpstreamModel.ShouldBe("any/model");
        groq.ApiKey!.Reveal().ShouldBe("gsk");
    }

    [Fact]
    public void A_plain_name_of_two_providers_is_one_group_of_both() =>
        Read(("OPENAI_API_KEY", "a"), ("MIRROR_API_KEY", "b")).Groups["gpt-4o"].Deployments.Select(deployment => deployment.Provider.Id).ShouldBe(["openai", "mirror"]);

    [Fact]
    public void A_local_server_is_there_when_its_base_is_set()
    {
        Snapshot snapshot = Read(("OLLAMA_API_BASE", "http://gpu:11434/"), ("HOSTED_VLLM_API_BASE", "http://gpu:8000/v1"));
        snapshot.Wildcards.Select(group => group.Name).Order().ShouldBe(["hosted_vllm/*", "ollama/*"]);
        snapshot.Resolve("ollama/qwen3:14b")!.Deployments[0].BaseUrl.OriginalString.ShouldBe("http://gpu:11434/v1");
        snapshot.Resolve("hosted_vllm/x")!.Deployments[0].ApiKey.ShouldBeNull();
    }

    [Fact]
    public void Providers_of_Anthropics_and_Geminis_formats_are_there_too()
    {
        Snapshot snapshot = Read(("ANTHROPIC_API_KEY", "sk-ant"), ("GEMINI_API_KEY", "AIza"), ("TWOFOLD_API_KEY", "k"), ("ANTHROPIC_BASE_URL", "https://relay.example.com/v1"));
        snapshot.Wildcards.Select(group => group.Name).Order().ShouldBe(["anthropic/*", "gemini/*", "twofold/*"]);
        snapshot.Groups.Keys.Order().ShouldBe(["claude-sonnet-4-5", "gemini-2.5-flash"]);
        snapshot.Groups["claude-sonnet-4-5"].Deployments[0].BaseUrl.OriginalString.ShouldBe("https://relay.example.com");
        snapshot.Groups["gemini-2.5-flash"].Deployments[0].BaseUrl.OriginalString.ShouldBe("https://generativelanguage.googleapis.com/v1beta");
        snapshot.Resolve("gemini/models/gemini-9")!.Deployments[0].UpstreamModel.ShouldBe("gemini-9");
        snapshot.Resolve("twofold/x")!.Deployments[0].BaseUrlFor("anthropic")!.OriginalString.ShouldBe("https://twofold.example.com/anthropic");
    }

    [Theory]
    [InlineData("FOREIGN_API_KEY", "k")]
    [InlineData("HOSTED_VLLM_API_KEY", "k")]
    [InlineData("OLLAMA_API_BASE", "not a url")]
    [InlineData("OTHER", "k")]
    public void What_cannot_be_called_is_not_there(string name, string value) => Read((name, value)).Names.ShouldBeEmpty();

    [Fact]
    public void The_version_does_not_depend_on_keys()
    {
        Read(("OPENAI_API_KEY", "a")).Version.ShouldBe(Read(("OPENAI_API_KEY", "b")).Version);
        Read(("OPENAI_API_KEY", "a")).Version.ShouldNotBe(Read(("GROQ_API_KEY", "a")).Version);
    }

    private static Snapshot Read(params (string Name, string Value)[] environment) =>
        EnvironmentConfig.Read(name => Array.Find(environment, pair => pair.Name == name).Value, new FakeCatalog());
}
