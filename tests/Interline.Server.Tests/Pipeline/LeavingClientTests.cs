using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Interline.Server.Tests.Running;
using Interline.Testing;

namespace Interline.Server.Tests.Pipeline;

/// <summary>A client that hangs up, in every phase of a call: whatever is done for it is broken off, and it is booked as gone.</summary>
public sealed class LeavingClientTests
{
    private const string First = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hello there\"},\"finish_reason\":null}]}\n\n";

    public static TheoryData<string, bool> Phases => new()
    {
        { "head", true }, { "head", false }, { "first", true }, { "middle", true }, { "body", false },
    };

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task While_the_provider_is_at_work_its_request_is_cancelled(string phase, bool stream)
    {
        await using var provider = new FakeProvider();
        await using RunningGateway gateway = await StartAsync(provider.BaseUrl.ToString());
        provider.Then(phase switch
        {
            "head" => FakeAnswer.HangBeforeHeaders(),
            "first" => FakeAnswer.HangInStream(),
            "middle" => FakeAnswer.HangInStream(First),
            _ => FakeAnswer.HangInBody("{\"choices\":", missing: 100),
        });

        using var leaving = new CancellationTokenSource();
        Task client = AskAsync(gateway, stream, leaving.Token);
        FakeRequest request = await provider.RequestAsync(1).WaitAsync(Waiting.Limit);
        await request.Stalled.WaitAsync(Waiting.Limit);
        await leaving.CancelAsync();

        await request.Aborted.WaitAsync(Waiting.Limit);
        await ShouldBeGoneAsync(gateway, client, attempts: 1);
        provider.Requests.Count.ShouldBe(1, "nobody else is asked for a client that has left");
    }

    [Fact]
    public async Task While_a_connection_is_being_made_it_is_given_up()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        await using RunningGateway gateway = await StartAsync($"https://127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}/v1");
        using var leaving = new CancellationTokenSource();
        Task client = AskAsync(gateway, stream: true, leaving.Token);

        // It waits for the other side of a TLS handshake that does not come. The answer to the client waits no longer than that; the connection itself may.
        using Socket accepted = await mute.AcceptSocketAsync().WaitAsync(Waiting.Limit);
        await leaving.CancelAsync();

        await ShouldBeGoneAsync(gateway, client, attempts: 1);
    }

    [Fact]
    public async Task Between_two_attempts_the_second_is_not_made()
    {
        await using var provider = new FakeProvider();
        await using RunningGateway gateway = await StartAsync(provider.BaseUrl.ToString());
        provider.Then(FakeAnswer.Json("{}", 503, ("Retry-After", "50")));
        using var leaving = new CancellationTokenSource();
        Task client = AskAsync(gateway, stream: true, leaving.Token);
        await provider.RequestAsync(1).WaitAsync(Waiting.Limit);
        await Waiting.UntilAsync(() => gateway.Gateway.Current.Deployments.Single().Health.Totals.Failures == 1, "the first attempt has failed");
        await leaving.CancelAsync();

        await ShouldBeGoneAsync(gateway, client, attempts: 1);
        provider.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task In_the_queue_of_a_group_its_place_is_free_for_the_next()
    {
        await using var provider = new FakeProvider();
        await using RunningGateway gateway = await StartAsync(provider.BaseUrl.ToString(), "model_group_limits: {m: {max_parallel_requests: 1, max_queue: 1}}");
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using var first = new CancellationTokenSource();
        Task busy = AskAsync(gateway, stream: false, first.Token);
        await provider.RequestAsync(1).WaitAsync(Waiting.Limit);
        using var leaving = new CancellationTokenSource();
        Task client = AskAsync(gateway, stream: false, leaving.Token);
        await Waiting.UntilAsync(() => gateway.Gateway.Current.Queues.Single().Queue.Waiting == 1, "the second waits");
        (await gateway.GetTextAsync("/metrics")).ShouldContain("\ninterline_group_waiting{model_group=\"m\"} 1\n");

        using (HttpResponseMessage full = await gateway.ChatAsync("m"))
        {
            ((int)full.StatusCode).ShouldBe(503);
            full.Header("Retry-After").ShouldBe("1");
        }

        await leaving.CancelAsync();
        await Waiting.UntilAsync(() => gateway.Gateway.Current.Queues.Single().Queue.Waiting == 0, "it has left the queue");
        await Should.ThrowAsync<OperationCanceledException>(client);
        await first.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(busy);
        await Waiting.UntilAsync(() => gateway.Gateway.Current.Queues.Single().Queue.Running == 0, "nobody is left");
        string[] states = [.. await StatusesAsync(gateway, 3)];
        states.Order().ShouldBe(["499", "499", "503"]);
    }

    private static Task<RunningGateway> StartAsync(string baseUrl, string more = "num_retries: 2") => RunningGateway.StartAsync($$"""
        model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: "{{baseUrl}}", api_key: sk-x, input_cost_per_token: 0.001, output_cost_per_token: 0.001} }]
        router_settings: {disable_cooldowns: true, {{more}} }
        """);

    private static async Task AskAsync(RunningGateway gateway, bool stream, CancellationToken leaving)
    {
        using HttpClient http = gateway.NewClient();
        using HttpResponseMessage answer = await http.SendAsync(gateway.Post("/v1/chat/completions", RunningGateway.Chat("m", stream)), HttpCompletionOption.ResponseHeadersRead, leaving);
        await answer.Content.CopyToAsync(Stream.Null, leaving);
    }

    private static async Task ShouldBeGoneAsync(RunningGateway gateway, Task client, int attempts)
    {
        await Should.ThrowAsync<OperationCanceledException>(client);
        await Waiting.UntilAsync(() => gateway.LogLines().Length > 0, "the call is logged");
        JsonElement line = JsonDocument.Parse(gateway.LogLines().Single()).RootElement;
        line.GetProperty("status").GetInt32().ShouldBe(499);
        line.GetProperty("error").GetString().ShouldBe("client_gone");
        (line.TryGetProperty("attempts", out JsonElement made) ? made.GetInt32() : 1).ShouldBe(attempts);
        await Waiting.UntilAsync(() => gateway.Gateway.Current.Deployments.Single().Health.InFlight == 0, "nothing is in flight");
    }

    private static async Task<IEnumerable<string>> StatusesAsync(RunningGateway gateway, int count)
    {
        await Waiting.UntilAsync(() => gateway.LogLines().Length == count, "all calls are logged");
        return gateway.LogLines().Select(static x => JsonDocument.Parse(x).RootElement.GetProperty("status").GetRawText());
    }
}
