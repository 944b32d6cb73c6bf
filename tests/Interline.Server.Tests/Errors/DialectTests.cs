using Interline.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Interline.Server.Tests.Errors;

public sealed class DialectTests
{
    [Theory]
    [InlineData("/v1/messages", Dialect.Anthropic)]
    [InlineData("/v1/messages/count_tokens", Dialect.Anthropic)]
    [InlineData("/v1/messagesx", Dialect.OpenAI)]
    [InlineData("/anthropic/v1/messages", Dialect.Anthropic)]
    [InlineData("/v1beta/models/x:generateContent", Dialect.Gemini)]
    [InlineData("/v1beta/nothing", Dialect.Gemini)]
    [InlineData("/v1beta", Dialect.Gemini)]
    [InlineData("/v1betamodels", Dialect.OpenAI)]
    [InlineData("/v1/chat/completions", Dialect.OpenAI)]
    [InlineData("/", Dialect.OpenAI)]
    public void A_path_says_which_API_its_caller_speaks(string path, Dialect dialect) => Dialects.Of(path).ShouldBe(dialect);

    [Theory]
    [InlineData("/v1/models", Dialect.Anthropic)]
    [InlineData("/v1/models/a/b", Dialect.Anthropic)]
    [InlineData("/models", Dialect.Anthropic)]
    [InlineData("/v1/modelsx", Dialect.OpenAI)]
    [InlineData("/v1/chat/completions", Dialect.OpenAI)]
    [InlineData("/v1beta/models", Dialect.Gemini)]
    public void Anthropics_header_decides_where_two_APIs_share_a_path(string path, Dialect dialect)
    {
        DefaultHttpContext http = new();
        http.Request.Path = path;
        http.Request.Headers["anthropic-version"] = "2023-06-01";
        Dialects.Of(http.Request).ShouldBe(dialect);
    }
}
