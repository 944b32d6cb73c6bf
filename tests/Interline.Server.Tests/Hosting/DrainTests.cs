using System.Text.Json;
using Interline.Server.Hosting;
using Interline.Server.Tests.Running;
using Interline.Testing;

namespace Interline.Server.Tests.Hosting;

/// <summary>The end of a server: what is under way may end, what comes is refused, what takes too long is broken off and told so.</summary>
public sealed class DrainTests
{
    private const string First = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hello\"},\"finish_reason\":null}]}\n\n";
    private const string Rest = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    [Fact]
    public async Task Calls_under_way_end_and_new_ones_are_refused_and_readiness_says_so()
    {
        await using var provider = new FakeProvider();
        var drain = new Drain();
        await using RunningGateway gateway = await StartAsync(provider, drain);
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Events(First).Gate(gate.Task).Events(Rest).End());
        using HttpResponseMessage stream = await gateway.Http.SendAsync(gateway.Post("/v1/chat/completions", RunningGateway.Chat("m", stream: true)), HttpCompletionOption.ResponseHeadersRead);
        (await gateway.GetTextAsync("/health/readiness")).ShouldContain("\"healthy\"");

        Task<int> draining = drain.RunAsync(gateway.Gateway, TimeSpan.FromMinutes(10), TimeProvider.System);

        using (HttpResponseMessage refused = await gateway.ChatAsync("m"))
        {
            (await refused.ErrorAsync(503)).ShouldContain("shut down");
            refused.Header("Retry-After").ShouldBe("1");
            refused.Headers.ConnectionClose.ShouldBe(true);
        }

        using (HttpResponseMessage refused = await gateway.PostAsync("/v1/messages", """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"""))
        {
            ((int)refused.StatusCode).ShouldBe(503);
            (await refused.JsonAsync()).GetProperty("type").GetString().ShouldBe("error");
        }

        using (HttpResponseMessage ready = await gateway.GetAsync("/health/readiness"))
        {
            ((int)ready.StatusCode).ShouldBe(503);
            JsonElement said = await ready.JsonAsync();
            (said.GetProperty("status").GetString(), said.GetProperty("calls_under_way").GetInt32()).ShouldBe(("draining", 1));
        }

        (await gateway.GetTextAsync("/health/liveliness")).ShouldContain("alive");
        draining.IsCompleted.ShouldBeFalse();
        gate.SetResult();
        (await stream.Content.ReadAsStringAsync()).ShouldBe(First + Rest);
        (await draining.WaitAsync(Waiting.Limit)).ShouldBe(0);
        provider.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_not_done_in_time_is_broken_off_in_its_format_and_booked()
    {
        await using var provider = new FakeProvider();
        var drain = new Drain();
        await using RunningGateway gateway = await StartAsync(provider, drain);
        provider.Then(FakeAnswer.HangInStream(First)).Then(FakeAnswer.HangBeforeHeaders());
        using HttpResponseMessage stream = await gateway.Http.SendAsync(gateway.Post("/v1/chat/completions", RunningGateway.Chat("m", stream: true)), HttpCompletionOption.ResponseHeadersRead);
        Task<HttpResponseMessage> asking = gateway.ChatAsync("m");
        await provider.RequestAsync(2).WaitAsync(Waiting.Limit);

        (await drain.RunAsync(gateway.Gateway, TimeSpan.Zero, TimeProvider.System)).ShouldBe(2);

        string text = await stream.Content.ReadAsStringAsync();
        text.ShouldStartWith(First);
        JsonDocument.Parse(text[First.Length..].Replace("data: ", "", StringComparison.Ordinal)).RootElement.GetProperty("error").GetProperty("code").GetString().ShouldBe("shutting_down");
        using HttpResponseMessage plain = await asking;
        (await plain.ErrorAsync(503)).ShouldContain("shut down");
        plain.Header("Retry-After").ShouldBe("1");
        await (await provider.RequestAsync(1)).Aborted.WaitAsync(Waiting.Limit);
        await (await provider.RequestAsync(2)).Aborted.WaitAsync(Waiting.Limit);
        gateway.LogLines().Select(static x => JsonDocument.Parse(x).RootElement.GetProperty("error").GetString()).ShouldBe(["overloaded", "overloaded"]);
        gateway.Gateway.Current.Deployments.Single().Health.InFlight.ShouldBe(0);
        gateway.Gateway.Current.Deployments.Single().Health.Totals.Failures.ShouldBe(0);
    }

    [Fact]
    public async Task With_nothing_under_way_it_is_over_at_once()
    {
        await using var provider = new FakeProvider();
        var drain = new Drain();
        await using RunningGateway gateway = await StartAsync(provider, drain);

        Task<int> draining = drain.RunAsync(gateway.Gateway, TimeSpan.FromMinutes(10), TimeProvider.System);

        draining.IsCompletedSuccessfully.ShouldBeTrue();
    }

    private static Task<RunningGateway> StartAsync(FakeProvider provider, Drain drain) => RunningGateway.StartAsync(
        $$"""
        model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: "{{provider.BaseUrl}}", api_key: sk-x} }]
        router_settings: {num_retries: 2}
        """,
        change: options => options with { Drain = drain });
}
