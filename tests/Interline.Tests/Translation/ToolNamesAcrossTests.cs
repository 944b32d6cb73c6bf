using System.Text.Json;
using Interline.Protocols;
using Interline.Protocols.Conversation;
using Interline.Testing;

namespace Interline.Tests.Translation;

/// <summary>A tool whose name the provider does not take: it is told another, and the caller sees its own.</summary>
public sealed class ToolNamesAcrossTests
{
    private static readonly string Long = "mcp__" + new string('x', 95);

    private static readonly string Fitted = ToolNames.Fit(Long, WireFormat.OpenAIChat);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_comes_back_under_the_callers_own_name(bool streamed)
    {
        string call = $$$"""{"index":0,"id":"call_1","type":"function","function":{"name":"{{{Fitted}}}","arguments":"{}"}}""";
        await using var upstream = new FakeProvider();
        upstream.Then(streamed
            ? FakeAnswer.Stream($$$"""data: {"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{{{call}}}]},"finish_reason":"tool_calls"}]}""" + "\n\n" + Wire.Usage + Wire.Done)
            : FakeAnswer.Json($$$"""{"id":"c1","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{{{call}}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}}"""));
        using Engine engine = new Engine().With(upstream, Tongue.OpenAI);

        Ended ended = await engine.SendAsync(
            $$$"""{"model":"gpt","stream":{{{(streamed ? "true" : "false")}}},"max_tokens":64,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"{{{Long}}}","input_schema":{"type":"object"}}]}""",
            streamed ? Tongue.Anthropic.Streamed : Tongue.Anthropic.Plain);

        using JsonDocument sent = JsonDocument.Parse(upstream.Requests[0].Text);
        sent.RootElement.GetProperty("tools")[0].GetProperty("function").GetProperty("name").GetString().ShouldBe(Fitted);
        ended.Text.ShouldContain($"\"name\":\"{Long}\"");
        ended.Text.ShouldNotContain(Fitted);
        ended.Record.Losses!.Losses.ShouldContain(l => l.Field == "tools[0].name");
    }
}
