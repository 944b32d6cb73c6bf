using System.Text;
using System.Text.Json;
using Interline.Server.Tests.Running;
using Interline.Testing;

namespace Interline.Server.Tests.Recovery;

/// <summary>Over real sockets, from a file with the key: an answer that breaks off in each caller's format, carried on by another provider or ended with an error.</summary>
public sealed class BrokenStreamTests
{
    private const string Text = "The café serves 漢字 and 😀 all day long.";

    [Theory]
    [InlineData("/v1/chat/completions", "restart")]
    [InlineData("/v1/messages", "restart")]
    [InlineData("/v1beta/models/the-model:streamGenerateContent?alt=sse", "restart")]
    [InlineData("/v1beta/models/the-model:streamGenerateContent", "restart")]
    [InlineData("/v1/chat/completions", "continue")]
    public async Task It_is_carried_on_without_a_seam(string path, string recovery)
    {
        await using Pair pair = await Pair.StartAsync(recovery);
        var random = new Random(path.Length);
        for (int cut = 1; cut < Text.EnumerateRunes().Count(); cut += 4)
        {
            pair.First.Then(FakeAnswer.StreamHead().Events(Chunks(Text, random, cut), Sizes(random)).Close());
            pair.Second.Then(FakeAnswer.StreamHead().Events(Chunks(Text, random) + End, Sizes(random)).End());

            string answer = await pair.AskAsync(path);

            Said(answer).ShouldBe(Text);
            answer.ShouldNotContain("\"error\"");
        }

        pair.Gateway.Gateway.Current.Deployments.ShouldAllBe(x => x.Health.InFlight == 0);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "[DONE]")]
    [InlineData("/v1/messages", "message_stop")]
    [InlineData("/v1beta/models/the-model:streamGenerateContent?alt=sse", "finishReason")]
    [InlineData("/v1beta/models/the-model:streamGenerateContent", "finishReason")]
    public async Task It_ends_with_an_error_and_never_cleanly_where_recovery_is_off_or_the_second_differs(string path, string clean)
    {
        foreach (string recovery in (string[])["off", "restart"])
        {
            await using Pair pair = await Pair.StartAsync(recovery);
            pair.First.Then(FakeAnswer.CutStream(Chunks(Text, new Random(1), 12)));
            pair.Second.Then(FakeAnswer.Stream(Chunks("The café is closed.", new Random(2)) + End));

            string answer = await pair.AskAsync(path);

            Said(answer).ShouldBe("The café ser");
            answer.ShouldContain("\"error\"");
            answer.ShouldNotContain(clean);
            pair.Second.Requests.Count.ShouldBe(recovery == "off" ? 0 : 1);
        }
    }

    [Fact]
    public async Task A_request_may_ask_for_it()
    {
        await using Pair pair = await Pair.StartAsync("off");
        pair.First.Then(FakeAnswer.CutStream(Chunks(Text, new Random(1), 12)));
        pair.Second.Then(FakeAnswer.Stream(Chunks(Text, new Random(2)) + End));

        string answer = await pair.AskAsync("/v1/chat/completions", "\"stream_recovery\":\"restart\",");

        Said(answer).ShouldBe(Text);
        pair.First.Requests[0].Text.ShouldNotContain("stream_recovery");
    }

    private static string End => "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n";

    private static int[] Sizes(Random random) => [.. Enumerable.Range(0, 9).Select(_ => random.Next(1, 40))];

    /// <summary>The first letters of a text, one to five in a chunk, with line ends of both kinds.</summary>
    private static string Chunks(string text, Random random, int letters = int.MaxValue)
    {
        Rune[] runes = [.. text.EnumerateRunes().Take(letters)];
        var events = new StringBuilder();
        for (int from = 0; from < runes.Length;)
        {
            int count = random.Next(1, 6);
            string quoted = JsonSerializer.Serialize(string.Concat(runes.Skip(from).Take(count)));
            string line = random.Next(2) == 0 ? "\n" : "\r\n";
            events.Append($"data: {{\"id\":\"c\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{quoted}}},\"finish_reason\":null}}]}}{line}{line}");
            from += count;
        }

        return events.ToString();
    }

    /// <summary>All text of an answer of any format.</summary>
    private static string Said(string answer)
    {
        string[] pieces = answer.StartsWith('[')
            ? [.. JsonDocument.Parse(answer).RootElement.EnumerateArray().Select(x => x.GetRawText())]
            : [.. answer.ReplaceLineEndings("\n").Split('\n').Where(x => x.StartsWith("data: {", StringComparison.Ordinal)).Select(x => x[6..])];
        return string.Concat(pieces.Select(x => JsonDocument.Parse(x).RootElement).Select(Words));
    }

    private static string Words(JsonElement json) =>
        json.TryGetProperty("choices", out JsonElement choices) ? string.Concat(choices.EnumerateArray().Select(x => x.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : ""))
        : json.TryGetProperty("candidates", out JsonElement candidates) ? string.Concat(candidates[0].GetProperty("content").GetProperty("parts").EnumerateArray().Select(x => x.GetProperty("text").GetString()))
        : json.TryGetProperty("delta", out JsonElement delta) && delta.TryGetProperty("text", out JsonElement text) ? text.GetString()!
        : "";

    /// <summary>A gateway with two deployments of one name.</summary>
    private sealed record Pair(FakeProvider First, FakeProvider Second, RunningGateway Gateway) : IAsyncDisposable
    {
        public static async Task<Pair> StartAsync(string recovery)
        {
            var first = new FakeProvider();
            var second = new FakeProvider();
            string yaml = $$$"""
                model_list:
                  - {model_name: the-model, litellm_params: {model: openai/one, api_base: "{{{first.BaseUrl}}}", api_key: k1, order: 1, input_cost_per_token: 0, output_cost_per_token: 0}}
                  - {model_name: the-model, litellm_params: {model: openai/two, api_base: "{{{second.BaseUrl}}}", api_key: k2, order: 2, input_cost_per_token: 0, output_cost_per_token: 0}}
                router_settings: {stream_recovery: {{{recovery}}}, disable_cooldowns: true}
                """;
            return new Pair(first, second, await RunningGateway.StartAsync(yaml));
        }

        public async Task<string> AskAsync(string path, string fields = "")
        {
            string body = path.Contains("models/", StringComparison.Ordinal) ? """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}"""
                : "{" + fields + """
                    "model":"the-model","stream":true,"max_tokens":99,"messages":[{"role":"user","content":"hi"}]}
                    """;
            using HttpResponseMessage response = await Gateway.PostAsync(path, body);
            return await response.Content.ReadAsStringAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await First.DisposeAsync();
            await Second.DisposeAsync();
        }
    }
}
