using System.Net;
using System.Text.Json;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Endpoints;

/// <summary>How a call was routed can be read after it, by its id; and what a caller asks of the router is heard in body and headers.</summary>
public sealed class DecisionTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task A_call_that_was_carried_by_the_second_deployment_shows_both_steps()
    {
        using HttpResponseMessage response = await fixture.Gateway.ChatAsync("pair-e500");
        JsonElement decision = await DecisionAsync(response);
        decision.GetProperty("replay_identical").GetBoolean().ShouldBeTrue();
        JsonElement group = decision.GetProperty("groups")[0];
        group.GetProperty("group").GetString().ShouldBe("pair-e500");
        group.GetProperty("deployments").GetArrayLength().ShouldBe(2);
        JsonElement[] steps = [.. group.GetProperty("steps").EnumerateArray()];
        steps.Select(x => x.GetProperty("outcome").GetString()).ShouldBe(["Server", "answered"]);
        steps[0].GetProperty("then").GetString().ShouldBe("next deployment");
        decision.GetRawText().ShouldNotContain(GatewayFixture.UpstreamKey);
    }

    [Fact]
    public async Task A_call_with_one_deployment_to_go_to_is_shown_too()
    {
        using HttpResponseMessage response = await fixture.Gateway.ChatAsync("ok");
        JsonElement decision = await DecisionAsync(response);
        decision.GetProperty("groups")[0].GetProperty("steps")[0].GetProperty("outcome").GetString().ShouldBe("answered");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0000000000000000000000000000000a")]
    public async Task An_unknown_call_is_a_404(string id)
    {
        using HttpResponseMessage response = await fixture.Gateway.GetAsync("/v1/decisions/" + id);
        (await response.ErrorAsync(404)).ShouldContain("settled");
    }

    [Fact]
    public async Task The_number_of_retries_in_a_header_is_heard()
    {
        using HttpRequestMessage request = fixture.Gateway.Post("/v1/chat/completions", RunningGateway.Chat("pair-e500"));
        request.Headers.Add("x-litellm-num-retries", "0");
        request.Headers.Add("x-litellm-timeout", "20");
        using HttpResponseMessage response = await fixture.Gateway.Http.SendAsync(request);

        // The second deployment has a higher order, which is tried whatever the retries.
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        using HttpRequestMessage alone = fixture.Gateway.Post("/v1/chat/completions", RunningGateway.Chat("e500"));
        alone.Headers.Add("x-litellm-num-retries", "0");
        using HttpResponseMessage refused = await fixture.Gateway.Http.SendAsync(alone);
        refused.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        refused.Header("x-litellm-attempted-retries").ShouldBe("0");
    }

    [Fact]
    public async Task A_header_that_cannot_be_read_is_a_400()
    {
        using HttpRequestMessage request = fixture.Gateway.Post("/v1/chat/completions", RunningGateway.Chat("ok"));
        request.Headers.Add("x-litellm-timeout", "soon");
        using HttpResponseMessage response = await fixture.Gateway.Http.SendAsync(request);
        (await response.ErrorAsync(400)).ShouldContain("x-litellm-timeout");
    }

    [Fact]
    public async Task What_is_for_the_router_does_not_go_upstream()
    {
        using HttpResponseMessage response = await fixture.Gateway.ChatAsync("ok-path", more: ""","num_retries":1,"timeout":20,"metadata":{"tags":["x"],"user":"u"}""");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        string sent = fixture.Provider.Received("ok-path").Last().Text;
        sent.ShouldNotContain("num_retries");
        sent.ShouldNotContain("tags");
        sent.ShouldContain("\"metadata\":{\"user\":\"u\"}");
    }

    private async Task<JsonElement> DecisionAsync(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await response.Content.ReadAsStringAsync();

        // A call is settled just after its last byte.
        string id = response.Header("x-litellm-call-id");
        await Waiting.UntilAsync(() => fixture.Gateway.Gateway.FindCall(id) is not null, "the call is settled");
        return JsonDocument.Parse(await fixture.Gateway.GetTextAsync("/v1/decisions/" + id)).RootElement;
    }
}
