using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Interline.Protocols.Conversation;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.Conversation;

public sealed partial class ToolNamesTests
{
    private static readonly string Long = "mcp__" + new string('x', 130);

    [Theory]
    [InlineData(WireFormat.OpenAIChat, "get_weather-2", true)]
    [InlineData(WireFormat.OpenAIChat, "2nd", true)]
    [InlineData(WireFormat.OpenAIChat, "a.b", false)]
    [InlineData(WireFormat.OpenAIChat, "naïve", false)]
    [InlineData(WireFormat.Gemini, "a.b:c-d_1", true)]
    [InlineData(WireFormat.Gemini, "2nd", false)]
    [InlineData(WireFormat.Gemini, "-a", false)]
    [InlineData(WireFormat.Gemini, "a b", false)]
    [InlineData(WireFormat.AnthropicMessages, "get_weather-2", true)]
    [InlineData(WireFormat.AnthropicMessages, "a.b:c", false)]
    [InlineData(WireFormat.Cohere, "a b", true)]
    public void A_name_that_a_format_takes_stays_and_another_becomes_one_it_takes(WireFormat format, string name, bool stays)
    {
        string fitted = ToolNames.Fit(name, format);
        (fitted == name).ShouldBe(stays);
        ToolNames.Fit(fitted, format).ShouldBe(fitted);
        if (!stays)
        {
            (format == WireFormat.Gemini ? Gemini() : Chat()).IsMatch(fitted).ShouldBeTrue(fitted);
        }
    }

    [Fact]
    public void A_name_that_is_too_long_is_cut_and_told_from_others_by_its_hash()
    {
        string one = ToolNames.Fit(Long, WireFormat.OpenAIChat), other = ToolNames.Fit(Long + "y", WireFormat.OpenAIChat);
        one[..55].ShouldBe(Long[..55]);
        (one.Length, other.Length, one == other).ShouldBe((64, 64, false));
        ToolNames.Fit(Long, WireFormat.Gemini).Length.ShouldBe(128);
        ToolNames.Fit(Long, WireFormat.AnthropicMessages).Length.ShouldBe(128);
        ToolNames.Fit(Long[..64], WireFormat.OpenAIChat).ShouldBe(Long[..64]);
        ToolNames.Fit(Long[..128], WireFormat.Gemini).ShouldBe(Long[..128]);
    }

    [Theory]
    [InlineData(WireFormat.OpenAIChat)]
    [InlineData(WireFormat.Gemini)]
    public void A_tool_has_one_name_wherever_a_written_request_speaks_of_it(WireFormat format)
    {
        ConversationFormat room = format == WireFormat.Gemini ? GeminiFormat.Instance : ChatFormat.Instance;
        ConversationRequest request = Request(WireFormat.AnthropicMessages);
        LossList losses = new();
        ArrayBufferWriter<byte> output = new();
        room.WriteRequest(request, new TargetModel("gemini-2.5-flash", "google"), output, losses);
        string written = Encoding.UTF8.GetString(output.WrittenSpan), fitted = ToolNames.Fit(Long, format);
        written.ShouldNotContain(Long);
        Regex.Count(written, fitted).ShouldBe(format == WireFormat.Gemini ? 4 : 3, "offered, chosen, called, and in Gemini's words answered");
        losses.Losses.Where(l => l.Action == LossAction.Changed).Select(l => l.Field).ShouldBe(["tools[0].name", "tool_choice.name", "messages[1].content[0].name"], ignoreOrder: true);
        ToolNames.Renamed(request, format).ShouldNotBeNull().ShouldHaveSingleItem().ShouldBe(new(fitted, Long));

        output.Clear();
        room.WriteRequest(request with { ToolChoice = new ToolChoice(ToolChoiceMode.Auto) { Allowed = ["short", Long] } }, new TargetModel("gemini-2.5-flash", "google"), output, losses);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldNotContain(Long);
        losses.Losses.ShouldContain(l => l.Field == "tool_choice.allowed_tools[1]");
    }

    [Fact]
    public void Names_of_the_format_itself_are_left_alone()
    {
        ConversationRequest own = Request(WireFormat.OpenAIChat);
        ToolNames.Renamed(own, WireFormat.OpenAIChat).ShouldBeNull();
        JsonNode.Parse(OpenAIChat.Doors.Written(own))!["tools"]![0]!["function"]!["name"]!.GetValue<string>().ShouldBe(Long);
        ToolNames.Renamed(own with { Tools = [new FunctionTool("short")] }, WireFormat.Gemini).ShouldBeNull();
    }

    private static ConversationRequest Request(WireFormat format) => new("m",
    [
        new Message(Role.User, [new TextPart("u")]),
        new Message(Role.Assistant, [new ToolCallPart("1", Long, "{}")]),
        new Message(Role.User, [new ToolResultPart("1", [new TextPart("r")]) { Name = Long }]),
    ])
    {
        Tools = [new FunctionTool(Long), new FunctionTool("short")],
        ToolChoice = new ToolChoice(ToolChoiceMode.Named) { Name = Long },
        Native = new NativeFields(format),
    };

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$", RegexOptions.None, 1000)]
    private static partial Regex Chat();

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$", RegexOptions.None, 1000)]
    private static partial Regex Gemini();
}
