using System.Globalization;
using System.Net;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Headers;

/// <summary>Which headers cross the gateway, and which it adds.</summary>
public sealed class HeaderTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private RunningGateway Gateway => fixture.Gateway;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_providers_limits_are_passed_on_and_its_own_affairs_are_not(bool stream)
    {
        using HttpResponseMessage response = await Gateway.ChatAsync("ok", stream);
        response.Header("x-ratelimit-remaining-requests").ShouldBe("42");
        response.Header("llm_provider-x-request-id").ShouldBe("req_of_the_provider");
        foreach (string name in (string[])["set-cookie", "openai-organization", "x-provider-internal", "server"])
        {
            response.Headers.Contains(name).ShouldBeFalse(name);
        }
    }

    [Fact]
    public async Task A_plain_answers_cost_is_its_usage_times_the_configured_price()
    {
        using HttpResponseMessage response = await Gateway.ChatAsync("ok");
        decimal cost = (FakeProvider.PromptTokens * GatewayFixture.InputPrice) + (FakeProvider.CompletionTokens * GatewayFixture.OutputPrice);
        decimal.Parse(response.Header("x-litellm-response-cost"), CultureInfo.InvariantCulture).ShouldBe(cost);
    }

    [Fact]
    public async Task The_answer_says_who_answered()
    {
        using HttpResponseMessage response = await Gateway.ChatAsync("ok");
        response.Header("x-litellm-model-group").ShouldBe("ok");
        response.Header("x-interline-provider").ShouldBe("openai");
        response.Header("x-litellm-call-id").ShouldBe(response.Header("x-request-id"));
        response.Header("x-litellm-model-id").ShouldNotBeNullOrEmpty();
        double.Parse(response.Header("x-litellm-response-duration-ms"), CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_name_that_no_header_can_hold_is_escaped()
    {
        using HttpResponseMessage response = await Gateway.PostAsync("/v1/chat/completions", RunningGateway.Chat("häns"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Header("x-litellm-model-group").ShouldBe("h%C3%A4ns");
    }

    [Fact]
    public async Task Every_answer_to_a_call_has_a_request_id_of_its_own()
    {
        var ids = new List<string>();
        foreach (string model in (string[])["ok", "ok", "e400", "e500", "unknown", "pair-e500", "malformed"])
        {
            using HttpResponseMessage response = await Gateway.ChatAsync(model);
            ids.Add(response.Header("x-request-id"));
            using HttpResponseMessage streamed = await Gateway.ChatAsync(model, stream: true);
            ids.Add(streamed.Header("x-request-id"));
        }

        using HttpResponseMessage broken = await Gateway.PostAsync("/v1/chat/completions", "{");
        ids.Add(broken.Header("x-request-id"));
        using HttpResponseMessage keyless = await Gateway.Http.PostAsync("/v1/chat/completions", new StringContent(RunningGateway.Chat("ok")));
        ids.Add(keyless.Header("x-request-id"));
        using HttpResponseMessage nowhere = await Gateway.PostAsync("/v1/chat/nothing", RunningGateway.Chat("ok"));
        ids.Add(nowhere.Header("x-request-id"));
        ids.ShouldBeUnique();
        ids.ShouldAllBe(x => x.Length == 32);
    }

    [Fact]
    public async Task Nothing_of_the_clients_headers_reaches_the_provider()
    {
        using HttpRequestMessage request = Gateway.Post("/v1/chat/completions", RunningGateway.Chat("ok-headers"));
        (string Name, string Value)[] sent =
        [
            ("Cookie", "session=of-the-client"), ("OpenAI-Organization", "org-of-the-client"), ("OpenAI-Project", "proj-of-the-client"), ("x-custom", "custom-of-the-client"),
            ("User-Agent", "agent-of-the-client"), ("x-stainless-lang", "lang-of-the-client"), ("Referer", "http://page-of-the-client/"), ("Origin", "http://origin-of-the-client"),
            ("X-Forwarded-For", "10.9.8.7"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ];
        foreach ((string name, string value) in sent)
        {
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        }

        using HttpResponseMessage response = await Gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        ReceivedRequest received = fixture.Provider.Received("ok-headers").Single();
        received.HeaderText.ShouldNotContain("of-the-client");
        received.HeaderText.ShouldNotContain("10.9.8.7");
        received.HeaderText.ShouldNotContain("0af7651916cd43dd");
        received.HeaderText.ShouldNotContain(RunningGateway.Key);
        received.Text.ShouldNotContain(RunningGateway.Key);
        received.Headers["OpenAI-Organization"].ShouldBe("org-configured");
        received.Headers["Authorization"].ShouldBe("Bearer " + GatewayFixture.UpstreamKey);
    }

    [Fact]
    public async Task A_providers_header_that_is_no_ASCII_does_not_spoil_its_answer()
    {
        using HttpResponseMessage response = await Gateway.ChatAsync("latin");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refused_upstream_key_is_not_shown_to_the_caller()
    {
        using HttpResponseMessage response = await Gateway.ChatAsync("e401");
        (await response.ErrorAsync(401)).ShouldContain("***");
    }

    [Fact]
    public async Task A_rate_limits_wait_is_passed_on()
    {
        using HttpResponseMessage response = await Gateway.ChatAsync("e429");
        await response.ErrorAsync(429);
        response.Header("Retry-After").ShouldBe("17");
    }

    [Fact]
    public async Task A_streams_answer_is_not_to_be_cached_or_buffered()
    {
        using HttpResponseMessage response = await Gateway.ChatAsync("ok", stream: true);
        response.Headers.CacheControl!.NoCache.ShouldBeTrue();
        response.Header("x-accel-buffering").ShouldBe("no");
    }

    [Fact]
    public async Task A_pages_preflight_is_answered_without_a_key()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
        request.Headers.Add("Origin", "https://page.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        using HttpResponseMessage response = await Gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        response.Header("Access-Control-Allow-Origin").ShouldBe("*");
        response.Header("Access-Control-Allow-Methods").ShouldContain("POST");
        response.Header("Access-Control-Allow-Headers").ShouldBe("authorization,content-type");
        response.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
    }

    [Fact]
    public async Task A_page_may_read_the_answer_and_its_errors()
    {
        foreach (string model in (string[])["ok", "e500", "unknown"])
        {
            using HttpRequestMessage request = Gateway.Post("/v1/chat/completions", RunningGateway.Chat(model));
            request.Headers.Add("Origin", "https://page.example");
            using HttpResponseMessage response = await Gateway.Http.SendAsync(request);
            response.Header("Access-Control-Allow-Origin").ShouldBe("*");
            response.Header("Access-Control-Expose-Headers").ShouldBe("*");
        }

        using HttpResponseMessage none = await Gateway.ChatAsync("ok");
        none.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Fact]
    public async Task A_preflight_that_is_none_needs_a_key()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
        using HttpResponseMessage response = await Gateway.Http.SendAsync(request);
        await response.ErrorAsync(401);
    }
}
