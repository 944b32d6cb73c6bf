using System.Net;
using System.Text;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.BadInput;

/// <summary>Requests that are hardly HTTP, and clients that go away: the process lives on and nothing is left behind.</summary>
public sealed class BadConnectionTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private RunningGateway Gateway => fixture.Gateway;

    [Fact]
    public async Task A_header_bomb_is_refused_by_the_server_and_the_process_lives()
    {
        using RawConnection raw = await RawConnection.OpenAsync(Gateway.Address);
        try
        {
            await raw.SendAsync("GET /v1/models HTTP/1.1\r\nHost: x\r\nx-bomb: " + new string('b', 1 << 20) + "\r\n\r\n");
        }
        catch (IOException)
        {
            // Refused while it was being sent.
        }

        string answer = await raw.ReadToEndAsync();
        (answer.Length == 0 || answer.StartsWith("HTTP/1.1 431", StringComparison.Ordinal)).ShouldBeTrue(answer);
        using HttpResponseMessage after = await Gateway.ChatAsync("ok");
        after.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Too_many_headers_get_a_431()
    {
        using RawConnection raw = await RawConnection.OpenAsync(Gateway.Address);
        await raw.SendAsync("GET /v1/models HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Range(0, 150).Select(x => $"x-{x}: y\r\n")) + "\r\n");
        (await raw.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 431");
    }

    [Theory]
    [InlineData("\r\n\r\n\r\nnonsense\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003")]
    public async Task What_is_no_HTTP_is_refused_and_the_process_lives(string bytes)
    {
        using (RawConnection raw = await RawConnection.OpenAsync(Gateway.Address))
        {
            await raw.SendAsync(bytes);
            Answers.ShouldBeClean(await raw.ReadSomeAsync());
        }

        using HttpResponseMessage after = await Gateway.ChatAsync("ok");
        after.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_thousand_clients_that_go_away_leave_nothing_behind()
    {
        for (int round = 0; round < 10; round++)
        {
            RawConnection[] clients = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => RawConnection.OpenAsync(Gateway.Address)));
            await Task.WhenAll(clients.Select((client, i) => client.SendAsync(Bytes(i))));
            if (round == 0)
            {
                // Of the first round some are surely in flight when they leave.
                await Waiting.UntilAsync(() => fixture.Provider.Received("hang-aborted").Count > 0 && fixture.Provider.Received("endless-aborted").Count > 0, "calls in flight");
            }

            foreach (RawConnection client in clients)
            {
                client.Reset();
                client.Dispose();
            }
        }

        await Waiting.UntilAsync(() => Gateway.Gateway.Current.Deployments.All(x => x.Health.InFlight == 0), "calls still in flight after their clients left");
        using HttpResponseMessage after = await Gateway.ChatAsync("ok");
        after.StatusCode.ShouldBe(HttpStatusCode.OK);
        string metrics = await Gateway.GetTextAsync("/metrics");
        metrics.Split('\n').Where(x => x.StartsWith("interline_deployment_in_flight{", StringComparison.Ordinal)).ShouldAllBe(x => x.EndsWith(" 0"));
        metrics.Split('\n').Where(x => x.Contains("aborted", StringComparison.Ordinal) && x.Contains("outcome=\"failure\"", StringComparison.Ordinal))
            .ShouldAllBe(x => x.EndsWith(" 0"), "a client that leaves says nothing about the deployment");
    }

    /// <summary>A half-sent request, one that waits for a plain answer, one in the middle of a stream.</summary>
    private static byte[] Bytes(int i)
    {
        string body = RunningGateway.Chat(i % 3 == 1 ? "hang-aborted" : "endless-aborted", stream: i % 3 == 2);
        string head = $"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {RunningGateway.Key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length + (i % 3 == 0 ? 10 : 0)}\r\n\r\n";
        return Encoding.ASCII.GetBytes(head + body);
    }
}
