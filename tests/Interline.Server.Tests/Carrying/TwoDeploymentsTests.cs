using System.Net;
using System.Text.Json;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Carrying;

/// <summary>Two deployments under one name, the first of which fails in every way there is: the second answers and the caller sees nothing of it.</summary>
public sealed class TwoDeploymentsTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData("hang", "Timeout")]
    [InlineData("silent", "Timeout")]
    [InlineData("e500", "Server")]
    [InlineData("html", "Server")]
    [InlineData("cut", "Network")]
    [InlineData("e401", "Authentication")]
    [InlineData("e429", "RateLimit")]
    [InlineData("malformed", "Malformed")]
    [InlineData("halfname", "Malformed")]
    public async Task A_plain_call_is_answered_by_the_second(string behaviour, string kind)
    {
        using HttpResponseMessage response = await fixture.Gateway.ChatAsync($"pair-{behaviour}");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        ShouldTell(response, kind);
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldBe("Hello from ok-second");
    }

    [Theory]
    [InlineData("hang", "Timeout")]
    [InlineData("silent", "Timeout")]
    [InlineData("e500", "Server")]
    [InlineData("html", "Server")]
    [InlineData("cut", "Network")]
    [InlineData("e401", "Authentication")]
    [InlineData("e429", "RateLimit")]
    [InlineData("malformed", "Malformed")]
    [InlineData("halfname", "Malformed")]
    public async Task A_stream_is_answered_by_the_second(string behaviour, string kind)
    {
        using HttpResponseMessage response = await fixture.Gateway.ChatAsync($"pair-{behaviour}", stream: true);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        ShouldTell(response, kind);
        string stream = await response.Content.ReadAsStringAsync();
        stream.ShouldEndWith("data: [DONE]\n\n");
        stream.ShouldNotContain("thinking", Case.Sensitive, "nothing of the first deployment's answer may be seen");
        stream.ShouldNotContain("\"usage\"", Case.Sensitive, "usage was asked for by the gateway, not by the caller");
    }

    [Fact]
    public async Task The_first_is_given_up_and_its_request_broken_off_when_its_timer_runs_out()
    {
        using HttpResponseMessage response = await fixture.Gateway.ChatAsync("pair-hang");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await fixture.Provider.AbortedAsync("hang-first");
    }

    [Fact]
    public async Task Each_deployment_gets_its_own_model_and_key_and_headers()
    {
        using HttpResponseMessage response = await fixture.Gateway.ChatAsync("pair-e500");
        fixture.Provider.Received("e500-first").ShouldAllBe(x => x.Headers["Authorization"] == "Bearer " + GatewayFixture.UpstreamKey && x.Headers["x-place"] == "first");
        fixture.Provider.Received("ok-second").ShouldAllBe(x => x.Headers["Authorization"] == $"Bearer {GatewayFixture.UpstreamKey}-second" && !x.Headers.ContainsKey("x-place"));
    }

    [Fact]
    public async Task A_wrong_request_is_not_carried_elsewhere()
    {
        using HttpResponseMessage response = await fixture.Gateway.ChatAsync("e400");
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.Contains("x-interline-attempts").ShouldBeFalse("one attempt is the usual number");
        response.Header("x-litellm-attempted-retries").ShouldBe("0");
        response.Headers.Contains("x-interline-failed-attempts").ShouldBeFalse();
    }

    [Fact]
    public async Task An_error_text_cut_in_the_middle_of_an_emoji_reaches_the_caller_as_it_is()
    {
        using HttpResponseMessage response = await fixture.Gateway.ChatAsync("half");
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldBe(FakeAnswer.HalfAnError);
    }

    [Fact]
    public async Task A_stream_that_breaks_off_after_its_first_event_ends_with_an_error_and_is_not_begun_anew()
    {
        using HttpRequestMessage request = fixture.Gateway.Post("/v1/chat/completions", RunningGateway.Chat("broken-wire", stream: true));
        using HttpResponseMessage response = await fixture.Gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        fixture.Provider.Open("broken-wire");
        string stream = await response.Content.ReadAsStringAsync();
        stream.ShouldContain("half");
        stream.ShouldNotContain("[DONE]");
        string last = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1];
        JsonDocument.Parse(last["data: ".Length..]).RootElement.GetProperty("error").GetProperty("message").GetString()!.ShouldContain("openai");
    }

    private static void ShouldTell(HttpResponseMessage response, string kind)
    {
        response.Header("x-interline-attempts").ShouldBe("2");
        response.Header("x-litellm-attempted-retries").ShouldBe("1");
        response.Header("x-litellm-attempted-fallbacks").ShouldBe("0");
        response.Header("x-interline-failed-attempts").ShouldEndWith(":" + kind);
        response.Header("x-interline-failed-attempts").ShouldNotContain(response.Header("x-litellm-model-id"));
    }
}
