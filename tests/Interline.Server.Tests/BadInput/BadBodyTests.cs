using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.BadInput;

/// <summary>Bodies that are no request: each gets a clear error in OpenAI's envelope, and the next good call is answered.</summary>
public sealed class BadBodyTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private RunningGateway Gateway => fixture.Gateway;

    [Theory]
    [InlineData("", "The body is empty")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{\"model\":\"ok\",}", "not valid JSON")]
    [InlineData("{\"model\":\"ok\",\"messages\":[{\"role\":\"user\"", "not valid JSON")]
    [InlineData("{\"model\":\"ok\",\"messages\":[]} trailing", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("null", "must be a JSON object")]
    [InlineData("{\"messages\":[]}", "`model` is missing")]
    [InlineData("{\"model\":\"\",\"messages\":[]}", "model")]
    [InlineData("{\"model\":7,\"messages\":[]}", "`model` must be a string")]
    [InlineData("{\"model\":\"ok\"}", "`messages` is missing")]
    [InlineData("{\"model\":\"ok\",\"messages\":\"hello\"}", "`messages` must be an array")]
    [InlineData("{\"model\":\"ok\",\"messages\":[\"hello\"]}", "`messages[0]` must be an object")]
    [InlineData("{\"model\":\"ok\",\"stream\":\"yes\",\"messages\":[]}", "`stream` must be true or false")]
    [InlineData("{\"model\":\"ok\",\"model\":\"e500\",\"messages\":[]}", "`model` is given twice")]
    public async Task A_body_that_is_no_chat_gets_a_400_that_says_why(string body, string says)
    {
        using HttpResponseMessage response = await Gateway.PostAsync("/v1/chat/completions", body);
        (await response.ErrorAsync(says == "model" ? (int)response.StatusCode : 400)).ShouldContain(says);
        ((int)response.StatusCode).ShouldBeInRange(400, 404);
    }

    [Theory]
    [InlineData("{\"model\":\"\\ud800\",\"messages\":[]}")]
    [InlineData("{\"model\":\"ok\\ud800\\n\",\"messages\":[]}")]
    [InlineData("{\"model\":\"ok\",\"service_tier\":\"\\ud800\",\"messages\":[]}")]
    [InlineData("{\"\\ud800abcdefgh\":1,\"model\":\"nothing\",\"messages\":[]}")]
    public async Task Half_a_surrogate_pair_in_an_escape_is_the_callers_fault(string body)
    {
        using HttpResponseMessage response = await Gateway.PostAsync("/v1/chat/completions", body);
        await response.ErrorAsync((int)response.StatusCode);
        ((int)response.StatusCode).ShouldBeInRange(400, 404);
    }

    [Theory]
    [InlineData("{\"model\":\"n\u00ff\",\"messages\":[]}")]
    [InlineData("{\"model\":\"n\\\\\u00ff\",\"messages\":[]}")]
    [InlineData("{\"m\u00ff\":1,\"model\":\"nothing\",\"messages\":[]}")]
    [InlineData("\u00ff\u00fe{\"model\":\"ok\"}")]
    [InlineData("\u00ef\u00bb\u00bf{\"model\":\"ok\",\"messages\":[]}")]
    public async Task Invalid_UTF8_gets_an_error_and_no_failure_of_the_gateway(string latin)
    {
        using HttpResponseMessage response = await Gateway.Http.SendAsync(Gateway.Post("/v1/chat/completions", new ByteArrayContent(Encoding.Latin1.GetBytes(latin))));
        await response.ErrorAsync((int)response.StatusCode);
        ((int)response.StatusCode).ShouldBeInRange(400, 404);
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public async Task A_body_100000_levels_deep_gets_a_400_that_names_the_limit(char open, char close)
    {
        string opening = open == '{' ? string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) : new string(open, 100_000);
        string body = "{\"model\":\"ok\",\"messages\":[],\"deep\":" + opening + "1" + new string(close, 100_000) + "}";
        using HttpResponseMessage response = await Gateway.PostAsync("/v1/chat/completions", body);
        (await response.ErrorAsync(400)).ShouldContain("deeper than 512 levels");
    }

    [Fact]
    public async Task A_body_of_20_MB_passes_whole()
    {
        string text = new('x', 20_000_000);
        using HttpResponseMessage response = await Gateway.PostAsync("/v1/chat/completions", $$"""{"messages":[{"role":"user","content":"{{text}}"}],"model":"ok-big"}""");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        fixture.Provider.Received("ok-big").Single().Body.Length.ShouldBe(20_000_000 + """{"messages":[{"role":"user","content":""}],"model":"ok-big"}""".Length);
    }

    [Fact]
    public async Task A_body_announced_longer_than_the_limit_gets_a_413_before_it_is_sent()
    {
        using RawConnection raw = await RawConnection.OpenAsync(Gateway.Address);
        await raw.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {RunningGateway.Key}\r\nContent-Length: 99999999999\r\n\r\n{{");
        string answer = await raw.ReadSomeAsync();
        answer.ShouldStartWith("HTTP/1.1 413");
        answer.ShouldContain("larger than 24 MiB");
    }

    [Fact]
    public async Task A_chunked_body_longer_than_the_limit_gets_a_413_and_is_not_held()
    {
        using HttpRequestMessage request = Gateway.Post("/v1/chat/completions", new StreamContent(new MemoryStream(new byte[25 << 20])));
        request.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage response = await Gateway.Http.SendAsync(request);
        (await response.ErrorAsync(413)).ShouldContain("24 MiB");
    }

    [Fact]
    public async Task A_chunked_body_is_taken_like_any_other()
    {
        using HttpRequestMessage request = Gateway.Post("/v1/chat/completions", new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(RunningGateway.Chat("ok")))));
        request.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage response = await Gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_chunked_body_with_a_broken_chunk_gets_a_400()
    {
        using RawConnection raw = await RawConnection.OpenAsync(Gateway.Address);
        await raw.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {RunningGateway.Key}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnothing\r\n");
        string answer = await raw.ReadSomeAsync();
        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldContain("could not be read");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    [InlineData(null)]
    public async Task A_JSON_body_is_taken_whatever_it_is_said_to_be(string? type)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(RunningGateway.Chat("ok")));
        content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        using HttpResponseMessage response = await Gateway.Http.SendAsync(Gateway.Post("/v1/chat/completions", content));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_form_where_JSON_belongs_and_JSON_where_a_form_belongs_get_a_400()
    {
        using HttpResponseMessage form = await Gateway.Http.SendAsync(Gateway.Post("/v1/chat/completions", new FormUrlEncodedContent([new("model", "ok")])));
        (await form.ErrorAsync(400)).ShouldContain("not valid JSON");
        using HttpResponseMessage json = await Gateway.PostAsync("/v1/audio/transcriptions", """{"model":"ok"}""");
        (await json.ErrorAsync(400)).ShouldContain("multipart");
    }

    [Theory]
    [InlineData("gpt-okk", 404)]
    [InlineData("structurd", 404)]
    public async Task An_unknown_model_gets_a_404_with_the_nearest_names(string model, int status)
    {
        using HttpResponseMessage response = await Gateway.ChatAsync(model);
        string message = await response.ErrorAsync(status);
        message.ShouldContain(model);
        message.ShouldContain("/v1/models");
        if (model == "structurd")
        {
            message.ShouldContain("Did you mean structured");
        }
    }

    [Fact]
    public async Task A_model_name_of_any_length_is_not_repeated_at_length()
    {
        using HttpResponseMessage medium = await Gateway.ChatAsync(new string('m', 500));
        (await medium.ErrorAsync(404)).Length.ShouldBeLessThan(400);
        using HttpResponseMessage long_ = await Gateway.ChatAsync(new string('m', 100_000));
        (await long_.ErrorAsync(400)).ShouldContain("longer than");
        using HttpResponseMessage emoji = await Gateway.ChatAsync(new string('m', 99) + "😀😀");
        await emoji.ErrorAsync(404);
    }
}
