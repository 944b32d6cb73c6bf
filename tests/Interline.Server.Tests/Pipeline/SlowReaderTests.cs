using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Interline.Server.Tests.BadInput;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Pipeline;

/// <summary>A client that asks and does not read: its provider is held back, in bounded memory, and after a while the call is over.</summary>
public sealed class SlowReaderTests
{
    /// <summary>What the four socket buffers on the way may hold, with plenty to spare. A gateway that gathered what the client does not take would pass it in a moment.</summary>
    private const long MostOnTheWay = 96L << 20;

    [Fact]
    public async Task Its_provider_is_held_back_and_its_call_is_ended_and_booked_by_the_write_timeout()
    {
        using var flood = new Flood();
        await using RunningGateway gateway = await RunningGateway.StartAsync($$"""
            model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: "{{flood.BaseUrl}}", api_key: sk-x, input_cost_per_token: 0.001, output_cost_per_token: 0.001} }]
            router_settings: {write_timeout: 1, num_retries: 0}
            """);
        string body = RunningGateway.Chat("m", stream: true);
        using RawConnection client = await RawConnection.OpenAsync(gateway.Address);
        await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {RunningGateway.Key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        long sent = await flood.SentAsync.WaitAsync(Waiting.Limit);

        sent.ShouldBeGreaterThan(1 << 20);
        sent.ShouldBeLessThan(MostOnTheWay);
        await Waiting.UntilAsync(() => gateway.LogLines().Length > 0, "the call is logged");
        JsonElement line = JsonDocument.Parse(gateway.LogLines().Single()).RootElement;
        line.GetProperty("status").GetInt32().ShouldBe(499);
        line.GetProperty("error").GetString().ShouldBe("client_gone");
        decimal.Parse(line.GetProperty("cost_usd").GetString()!, CultureInfo.InvariantCulture).ShouldBeGreaterThan(0, "what was made is paid for");
        gateway.Gateway.Current.Deployments.Single().Health.InFlight.ShouldBe(0);
    }

    /// <summary>A provider that sends as fast as it is let, until the connection is closed.</summary>
    private sealed class Flood : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Flood()
        {
            _listener.Start();
            SentAsync = SendAsync();
        }

        public string BaseUrl => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1";

        /// <summary>How many bytes it could send before the gateway closed the connection.</summary>
        public Task<long> SentAsync { get; }

        public void Dispose() => _listener.Dispose();

        private async Task<long> SendAsync()
        {
            using Socket socket = await _listener.AcceptSocketAsync();
            byte[] buffer = new byte[4096];
            await socket.ReceiveAsync(buffer.AsMemory());
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray().AsMemory());
            string data = $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{new string('x', 32 << 10)}\"}},\"finish_reason\":null}}]}}\n\n";
            byte[] chunk = Encoding.ASCII.GetBytes($"{data.Length:x}\r\n{data}\r\n");
            long sent = 0;
            try
            {
                while (sent < 2 * MostOnTheWay)
                {
                    sent += await socket.SendAsync(chunk.AsMemory());
                }
            }
            catch (SocketException)
            {
                // Closed by the gateway.
            }

            return sent;
        }
    }
}
