using Interline.Core.Catalog;

namespace Interline.Core.Tests.Catalog;

public sealed class BaseUrlTests
{
    [Theory]
    [InlineData("ollama", null, "http://localhost:11434/v1")]
    [InlineData("ollama", "gpu.lan", "http://gpu.lan:11434/v1")]
    [InlineData("ollama", "0.0.0.0:1234", "http://127.0.0.1:1234/v1")]
    [InlineData("ollama", "0.0.0.0", "http://127.0.0.1:11434/v1")]
    [InlineData("ollama", ":8000", "http://127.0.0.1:8000/v1")]
    [InlineData("ollama", "https://ollama.example/", "https://ollama.example/v1")]
    [InlineData("ollama", "https://proxy.example/ollama", "https://proxy.example/ollama/v1")]
    [InlineData("ollama", "http://localhost:11434/v1/", "http://localhost:11434/v1")]
    [InlineData("hosted_vllm", "http://10.0.0.5:8000", "http://10.0.0.5:8000/v1")]
    [InlineData("hosted_vllm", "http://10.0.0.5:8000/mine", "http://10.0.0.5:8000/mine")]
    [InlineData("lm_studio", null, "http://127.0.0.1:1234/v1")]
    [InlineData("llamacpp", "http://box:9000/v1", "http://box:9000/v1")]
    [InlineData("heroku", "https://us.inference.heroku.com", "https://us.inference.heroku.com/v1")]
    [InlineData("datarobot", "https://app.eu.datarobot.com/api/v2", "https://app.eu.datarobot.com/api/v2/genai/llmgw")]
    [InlineData("azure", "https://mine.openai.azure.com/", "https://mine.openai.azure.com/openai/v1")]
    [InlineData("perplexity", null, "https://api.perplexity.ai/")]
    [InlineData("openai", "https://proxy.example", "https://proxy.example/")]
    [InlineData("openai", "  ", "https://api.openai.com/v1")]
    public void A_base_url_is_completed(string provider, string? given, string expected) =>
        BaseUrl.ForOpenAI(ModelCatalog.BuiltIn.FindProvider(provider)!, given).ShouldBe(new Uri(expected));

    [Theory]
    [InlineData("hosted_vllm", null)]
    [InlineData("openai", "ftp://example.org")]
    [InlineData("openai", "https://")]
    [InlineData("openai", "https://user:secret@example.org")]
    [InlineData("openai", "file:///etc/passwd")]
    [InlineData("anthropic", "https://api.anthropic.com")]
    public void What_is_no_base_url_is_none(string provider, string? given) =>
        BaseUrl.ForOpenAI(ModelCatalog.BuiltIn.FindProvider(provider)!, given).ShouldBeNull();
}
