using Interline.Protocols.Conversation;
using Interline.Translation;

namespace Interline.Tests.Translation;

public sealed class ToolCallIdsTests
{
    private const string CallId = "0123456789abcdef0000000000000001";

    [Fact]
    public void Calls_without_an_id_get_different_ones_that_OpenAI_takes()
    {
        Answer answer = ToolCallIds.Give(new Answer([new Choice(0, new Message(Role.Assistant, [new ToolCallPart("", "f", ""), new TextPart("x"), new ToolCallPart("", "f", "")]))]), CallId);
        string[] ids = [.. answer.Choices[0].Message.Parts.OfType<ToolCallPart>().Select(c => c.Id)];
        ids.ShouldBe(["call_89abcdef0000000000000001_0", "call_89abcdef0000000000000001_1"]);
        ids.ShouldAllBe(id => id.Length <= 40);
    }

    [Fact]
    public void An_id_of_the_providers_stays()
    {
        Answer answer = new([new Choice(0, new Message(Role.Assistant, [new ToolCallPart("toolu_1", "f", "")]))]);
        ToolCallIds.Give(answer, CallId).ShouldBeSameAs(answer);
    }

    [Fact]
    public void In_a_stream_the_call_is_named_where_it_starts()
    {
        ToolCallIds ids = new(CallId);
        ((PartStarted)ids.Give(new PartStarted(0, 0, new ToolCallPart("", "f", "")))).Seed.ShouldBe(new ToolCallPart("call_89abcdef0000000000000001_0", "f", ""));
        TextDelta text = new(0, 1, "x");
        ids.Give(text).ShouldBeSameAs(text);
    }
}
