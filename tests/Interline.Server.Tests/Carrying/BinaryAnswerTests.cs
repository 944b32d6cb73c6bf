using System.Net;
using Interline.Server.Tests.Running;
using Interline.Testing;

namespace Interline.Server.Tests.Carrying;

/// <summary>Answers that are no JSON pass unread; one that breaks off must not look whole.</summary>
public sealed class BinaryAnswerTests
{
    [Fact]
    public async Task Sound_passes_as_it_is()
    {
        byte[] sound = [.. Enumerable.Range(0, 50_000).Select(x => (byte)x)];
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Body("audio/mpeg", sound));
        await using RunningGateway gateway = await StartAsync(provider);

        using HttpResponseMessage response = await gateway.PostAsync("/v1/audio/speech", """{"model":"tts","input":"hello","voice":"alloy"}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("audio/mpeg");
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(sound);
    }

    [Fact]
    public async Task Sound_that_breaks_off_is_no_whole_answer()
    {
        await using var provider = new FakeProvider();
        provider.Then(new FakeAnswer().Write("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n").Close());
        await using RunningGateway gateway = await StartAsync(provider);

        // Before or behind the head: either way the client must be told by the connection.
        await Should.ThrowAsync<HttpRequestException>(async () =>
        {
            using HttpResponseMessage response = await gateway.PostAsync("/v1/audio/speech", """{"model":"tts","input":"hello","voice":"alloy"}""");
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            await response.Content.ReadAsByteArrayAsync();
        });
    }

    private static Task<RunningGateway> StartAsync(FakeProvider provider) => RunningGateway.StartAsync($$"""
        model_list:
          - { model_name: tts, litellm_params: { model: openai/tts-1, api_key: k, api_base: "{{provider.BaseUrl}}", num_retries: 0 } }
        """);
}
