using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Telemetry;

/// <summary>What the gateway tells of its calls: metrics, health, settled calls, the log.</summary>
public sealed partial class TelemetryTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const decimal Cost = (FakeProvider.PromptTokens * GatewayFixture.InputPrice) + (FakeProvider.CompletionTokens * GatewayFixture.OutputPrice);

    private RunningGateway Gateway => fixture.Gateway;

    [Fact]
    public async Task Metrics_are_Prometheus_text_and_hold_no_secret()
    {
        using (await Gateway.ChatAsync("ok-metrics"))
        using (await Gateway.ChatAsync("pair-e500"))
        {
        }

        using HttpResponseMessage response = await Gateway.GetAsync("/metrics");
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        string text = await response.Content.ReadAsStringAsync();
        Answers.ShouldBeClean(text);
        text.ShouldEndWith("\n");
        string family = "";
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var series = new HashSet<string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] parts = line.Split(' ');
                (family, types[parts[2]]) = (parts[2], parts[3]);
                parts[3].ShouldBeOneOf("counter", "gauge", "histogram");
                (parts[3] == "counter").ShouldBe(family.EndsWith("_total", StringComparison.Ordinal), family);
            }
            else if (!line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                Match sample = Sample().Match(line);
                sample.Success.ShouldBeTrue(line);
                sample.Groups["name"].Value.ShouldBe(family, "samples stand below their family's type");
                series.Add(sample.Groups["name"].Value + sample.Groups["labels"].Value).ShouldBeTrue($"twice: {line}");
                decimal.Parse(sample.Groups["value"].Value, NumberStyles.Float, CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(0);
            }
        }

        text.ShouldContain("model_group=\"ok-metrics\",provider=\"openai\",model=\"ok-metrics\",outcome=\"success\"} 1\n");
        text.ShouldContain("model_group=\"ok-metrics\",provider=\"openai\",model=\"ok-metrics\"} " + Cost.ToString(CultureInfo.InvariantCulture) + "\n");
    }

    [Fact]
    public async Task Health_tells_the_state_of_every_deployment_and_no_address_or_key()
    {
        string text = await Gateway.GetTextAsync("/health");
        Answers.ShouldBeClean(text);
        text.ShouldNotContain("127.0.0.1");
        JsonElement health = JsonDocument.Parse(text).RootElement;
        JsonElement deployments = health.GetProperty("deployments");
        health.GetProperty("healthy_count").GetInt32().ShouldBe(deployments.GetArrayLength());
        health.GetProperty("unhealthy_count").GetInt32().ShouldBe(0);
        foreach (JsonElement deployment in deployments.EnumerateArray())
        {
            deployment.GetProperty("state").GetString().ShouldBe("available");
            deployment.GetProperty("provider").GetString().ShouldBe("openai");
            deployment.GetProperty("in_flight").ValueKind.ShouldBe(JsonValueKind.Number);
        }
    }

    [Fact]
    public async Task Liveness_and_readiness_answer_without_a_key()
    {
        (await Gateway.Http.GetStringAsync("/health/liveliness")).ShouldBe("\"I'm alive!\"");
        (await Gateway.Http.GetStringAsync("/health/liveness")).ShouldBe("\"I'm alive!\"");
        JsonElement ready = JsonDocument.Parse(await Gateway.Http.GetStringAsync("/health/readiness")).RootElement;
        ready.GetProperty("status").GetString().ShouldBe("healthy");
        ready.GetProperty("version").GetString().ShouldBe(Interline.Gateway.Version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_settled_call_can_be_asked_for_by_its_id(bool stream)
    {
        JsonElement call = await SettledAsync("ok", stream);
        call.GetProperty("operation").GetString().ShouldBe("openai.chat");
        call.GetProperty("model_group").GetString().ShouldBe("ok");
        call.GetProperty("provider").GetString().ShouldBe("openai");
        call.GetProperty("status").GetInt32().ShouldBe(200);
        call.GetProperty("stream").GetBoolean().ShouldBe(stream);
        call.GetProperty("finish").GetString().ShouldBe("stop");
        call.GetProperty("attempts").GetInt32().ShouldBe(1);
        JsonElement usage = call.GetProperty("usage");
        (usage.GetProperty("input").GetInt32(), usage.GetProperty("output").GetInt32(), usage.GetProperty("total").GetInt32())
            .ShouldBe((FakeProvider.PromptTokens, FakeProvider.CompletionTokens, FakeProvider.PromptTokens + FakeProvider.CompletionTokens));
        call.GetProperty("cost_usd").GetString().ShouldBe(Cost.ToString(CultureInfo.InvariantCulture));
        call.GetProperty("price_source").GetString().ShouldBe("config");
        call.GetProperty("decision").GetProperty("seed").GetString()!.Length.ShouldBe(16);
    }

    [Fact]
    public async Task A_carried_call_tells_who_failed_and_how()
    {
        JsonElement call = await SettledAsync("pair-e401", stream: false);
        (call.GetProperty("attempts").GetInt32(), call.GetProperty("retries").GetInt32()).ShouldBe((2, 1));
        JsonElement failed = call.GetProperty("failed").EnumerateArray().Single();
        (failed.GetProperty("error").GetString(), failed.GetProperty("status").GetInt32()).ShouldBe(("authentication", 401));
        failed.GetProperty("deployment").GetString().ShouldNotBe(call.GetProperty("deployment").GetString());
    }

    [Fact]
    public async Task A_failed_call_is_settled_too()
    {
        JsonElement call = await SettledAsync("e500", stream: false);
        (call.GetProperty("status").GetInt32(), call.GetProperty("error").GetString()).ShouldBe((500, "server"));
        call.GetProperty("cost_usd").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("ffffffffffffffffffffffffffffffff")]
    [InlineData("123456789abcdef0ffffffffffffffff")]
    [InlineData("123456789abcdef07fffffffffffffff")]
    [InlineData("123456789abcdef00000000000000000")]
    public async Task A_call_that_is_not_known_gets_a_404(string id)
    {
        using HttpResponseMessage response = await Gateway.GetAsync("/v1/calls/" + id);
        (await response.ErrorAsync(404)).ShouldContain("id");
    }

    [Fact]
    public async Task Each_call_leaves_one_line_of_JSON_without_content_or_secret()
    {
        string[] ids = [await IdAsync("ok-log", stream: false), await IdAsync("ok-log", stream: true), await IdAsync("e400", stream: false), await IdAsync("pair-cut", stream: true)];
        await Waiting.UntilAsync(() => ids.All(id => Array.Exists(Gateway.LogLines(), x => x.Contains(id, StringComparison.Ordinal))), "a line for each call");
        foreach (string id in ids)
        {
            string line = Gateway.LogLines().Single(x => x.Contains(id, StringComparison.Ordinal));
            Answers.ShouldBeClean(line);
            line.ShouldNotContain("private question");
            line.ShouldNotContain("Hello from");
            line.ShouldNotContain("does not like it");
            JsonElement json = JsonDocument.Parse(line).RootElement;
            json.GetProperty("operation").GetString().ShouldBe("openai.chat");
            json.GetProperty("id").GetString().ShouldBe(id);
        }
    }

    private async Task<string> IdAsync(string model, bool stream)
    {
        using HttpResponseMessage response = await Gateway.ChatAsync(model, stream);
        await response.Content.ReadAsStringAsync();
        return response.Header("x-request-id");
    }

    private async Task<JsonElement> SettledAsync(string model, bool stream)
    {
        string id = await IdAsync(model, stream);
        await Waiting.UntilAsync(() => Gateway.Gateway.FindCall(id) is not null, "the call's settlement");
        string text = await Gateway.GetTextAsync("/v1/calls/" + id);
        Answers.ShouldBeClean(text);
        return JsonDocument.Parse(text).RootElement;
    }

    // https://prometheus.io/docs/instrumenting/exposition_formats/
    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*\})? (?<value>[-+0-9.eE]+)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();
}
