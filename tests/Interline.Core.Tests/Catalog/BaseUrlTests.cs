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
    [InlineData(null, "https://api.anthropic.com")]
    [InlineData("https://api.anthropic.com/", "https://api.anthropic.com")]
    [InlineData("https://api.anthropic.com/v1", "https://api.anthropic.com")]
    [InlineData("https://api.anthropic.com/v1/", "https://api.anthropic.com")]
    [InlineData("https://api.anthropic.com/v1/messages", "https://api.anthropic.com")]
    [InlineData("https://api.anthropic.com/v1/messages/count_tokens", "https://api.anthropic.com")]
    [InlineData("https://api.anthropic.com/v1/messages?beta=true", "https://api.anthropic.com")]
    [InlineData("https://api.deepseek.com/anthropic", "https://api.deepseek.com/anthropic")]
    [InlineData("https://api.deepseek.com/anthropic/v1/messages", "https://api.deepseek.com/anthropic")]
    [InlineData("https://ark.cn-beijing.volces.com/api/coding", "https://ark.cn-beijing.volces.com/api/coding")]
    [InlineData("http://127.0.0.1:39101/d/fbmsg-a", "http://127.0.0.1:39101/d/fbmsg-a")]
    [InlineData("localhost:8080", "http://localhost:8080")]
    public void Anthropics_base_gets_its_path_exactly_once(string? given, string expected) =>
        BaseUrl.For(ModelCatalog.BuiltIn.FindProvider("anthropic")!, given)!.OriginalString.ShouldBe(expected);

    [Theory]
    [InlineData(null, "https://generativelanguage.googleapis.com/v1beta")]
    [InlineData("https://generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/v1beta")]
    [InlineData("https://generativelanguage.googleapis.com/", "https://generativelanguage.googleapis.com/v1beta")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/", "https://generativelanguage.googleapis.com/v1beta")]
    [InlineData("https://generativelanguage.googleapis.com/v1", "https://generativelanguage.googleapis.com/v1")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/models", "https://generativelanguage.googleapis.com/v1beta")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent?key=x", "https://generativelanguage.googleapis.com/v1beta")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/openai", "https://generativelanguage.googleapis.com/v1beta")]
    [InlineData("https://gateway.example.com/google-ai-studio/v1beta", "https://gateway.example.com/google-ai-studio/v1beta")]
    [InlineData("https://gateway.example.com/gemini", "https://gateway.example.com/gemini")]
    [InlineData("https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google", "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google")]
    [InlineData("https://aiplatform.googleapis.com/v1/publishers/google", "https://aiplatform.googleapis.com/v1/publishers/google")]
    [InlineData("http://127.0.0.1:39102/d/e429-gemini/v1beta", "http://127.0.0.1:39102/d/e429-gemini/v1beta")]
    public void Geminis_base_gets_its_path_exactly_once(string? given, string expected) =>
        BaseUrl.For(ModelCatalog.BuiltIn.FindProvider("gemini")!, given)!.OriginalString.ShouldBe(expected);

    [Theory]
    [InlineData("deepseek", null, "https://api.deepseek.com/anthropic")]
    [InlineData("deepseek", "https://api.deepseek.com/v1", "https://api.deepseek.com/anthropic")]
    [InlineData("moonshot", null, "https://api.moonshot.ai/anthropic")]
    [InlineData("moonshot", "https://api.moonshot.cn/v1", "https://api.moonshot.cn/anthropic")]
    [InlineData("zai", null, "https://api.z.ai/api/anthropic")]
    [InlineData("minimax", null, "https://api.minimax.io/anthropic")]
    [InlineData("openrouter", null, "https://openrouter.ai/api")]
    [InlineData("vercel_ai_gateway", null, "https://ai-gateway.vercel.sh")]
    [InlineData("lm_studio", null, "http://127.0.0.1:1234")]
    [InlineData("lm_studio", "http://gpu.lan:1234/v1", "http://gpu.lan:1234")]
    [InlineData("lm_studio", "https://proxy.example/studio/v1", "https://proxy.example/studio")]
    [InlineData("lm_studio", "http://gpu.lan:1234/other", null)]
    [InlineData("moonshot", "https://proxy.example/kimi", null)]
    [InlineData("deepseek", "https://proxy.example/v1", null)]
    [InlineData("openai", null, null)]
    [InlineData("hosted_vllm", "http://10.0.0.5:8000", null)]
    public void Anthropics_format_beside_OpenAIs_is_looked_for_where_it_is_known(string provider, string? given, string? expected)
    {
        ProviderInfo info = ModelCatalog.BuiltIn.FindProvider(provider)!;
        BaseUrl.ForAnthropicBeside(info, BaseUrl.ForOpenAI(info, given)!)?.OriginalString.ShouldBe(expected);
        (BaseUrl.ForAnthropicBeside(info, BaseUrl.ForOpenAI(info, given)!) is null).ShouldBe(expected is null);
    }

    [Theory]
    [InlineData("anthropic", "ftp://example.org")]
    [InlineData("anthropic", "https://user:secret@example.org")]
    [InlineData("gemini", "not a url")]
    [InlineData("bedrock", null)]
    [InlineData("cohere", "file:///etc/passwd")]
    public void What_is_no_base_url_is_none_in_any_format(string provider, string? given) =>
        BaseUrl.For(ModelCatalog.BuiltIn.FindProvider(provider)!, given).ShouldBeNull();

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
