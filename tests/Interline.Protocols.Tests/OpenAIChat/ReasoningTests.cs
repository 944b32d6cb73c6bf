using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>Reasoning goes out to clients so that those who keep what they got can send it back, and comes in from there whole.</summary>
public sealed class ReasoningTests
{
    private static readonly NativeFields Anthropic = new(WireFormat.AnthropicMessages);

    [Theory]
    [InlineData("""{"role":"assistant","content":"a","reasoning_content":"t","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}]}""")]
    [InlineData("""{"role":"assistant","content":"a","thinking_blocks":[{"type":"thinking","thinking":"t","signature":null,"cache_control":{"x":1}},{"type":"redacted_thinking","data":"d"}]}""")]
    [InlineData("""{"role":"assistant","content":"a","reasoning_content":"other","thinking_blocks":[{"type":"thinking","thinking":"t","signature":""},{"type":"else","q":1}]}""")]
    [InlineData("""{"role":"assistant","content":"a","thinking_blocks":[]}""")]
    [InlineData("""{"role":"assistant","content":"a","reasoning_details":[{"type":"reasoning.text","text":null,"signature":"s"}],"thinking_blocks":[{"type":"thinking","thinking":"t"}]}""")]
    public void LiteLLMs_thinking_blocks_are_written_back_with_equal_values(string message)
    {
        string json = $$"""{"model":"m","messages":[{{message}}]}""";
        JsonCompare.Difference(Encoding.UTF8.GetBytes(json), Doors.Written(Doors.Request(json))).ShouldBeNull();
    }

    [Theory]
    [InlineData("""  "thinking":{"type":"enabled","budget_tokens":1000},"reasoning":{"max_tokens":2000}  """, 1000, "reasoning.max_tokens")]
    [InlineData("""  "reasoning":{"max_tokens":2000},"thinking":{"type":"enabled","budget_tokens":1000}  """, 2000, "thinking.budget_tokens")]
    [InlineData("""  "reasoning":{"max_tokens":2000,"enabled":true},"thinking":{"type":"disabled","budget_tokens":2000}  """, 2000, "thinking.type")]
    [InlineData("""  "reasoning":{"max_tokens":2000,"enabled":true},"thinking":{"type":"enabled","budget_tokens":2000}  """, 2000, null)]
    public void Of_two_settings_of_reasoning_that_contradict_each_other_the_second_is_reported(string settings, long budget, string? lost)
    {
        ConversationRequest request = Doors.Request($$"""{"model":"m","messages":[{"role":"user","content":"a"}],{{settings}}}""");
        request.Reasoning!.BudgetTokens!.Value.Whole.ShouldBe(budget);
        LossList told = new();
        told.AddForeign(request.Native, WireFormat.AnthropicMessages, "");
        told.Losses.Select(l => l.Field).ShouldBe(lost is null ? [] : [lost]);
    }

    [Fact]
    public void Thinking_blocks_are_signed_and_encrypted_reasoning()
    {
        IReadOnlyList<Part> parts = Doors.Request("""{"model":"m","messages":[{"role":"assistant","content":"a","reasoning_content":"t","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"}]}]}""").Messages[0].Parts;
        ReasoningPart told = parts[0].ShouldBeOfType<ReasoningPart>(), hidden = parts[1].ShouldBeOfType<ReasoningPart>();
        (told.Text, told.Signature, told.Encrypted).ShouldBe(("t", "s", null));
        (hidden.Text, hidden.Signature, hidden.Encrypted).ShouldBe(("", null, "d"));
        parts[2].ShouldBeOfType<TextPart>();
    }

    [Fact]
    public void Signed_reasoning_of_an_answer_comes_back_with_the_next_request()
    {
        Answer answer = new([new Choice(0, new Message(Role.Assistant,
        [
            new ReasoningPart("think") { Signature = "sig", Native = Anthropic }, new ReasoningPart("") { Encrypted = "secret", Native = Anthropic },
            new TextPart("a") { Native = Anthropic }, new ToolCallPart("c", "f", "{}") { Signature = "google", Native = Anthropic },
        ]) { Native = Anthropic }) { Finish = FinishReason.ToolCalls, Native = Anthropic }]) { Native = Anthropic };
        LossList losses = new();
        string written = Encoding.UTF8.GetString(Doors.Written(answer, losses));
        written.ShouldContain("\"reasoning_content\":\"think\"");
        losses.Count.ShouldBe(0);
        Back(Doors.Answer(Encoding.UTF8.GetBytes(written)).Choices[0].Message);
    }

    [Fact]
    public void Signed_reasoning_of_a_stream_comes_back_with_the_next_request()
    {
        LossList losses = new();
        string written = Doors.Written(
        [
            new AnswerStarted("i", "m", 1),
            new PartStarted(0, 0, new ReasoningPart("") { Native = Anthropic }), new TextDelta(0, 0, "th"), new TextDelta(0, 0, "ink"), new SignatureDelta(0, 0, "sig"), new PartEnded(0, 0),
            new PartStarted(0, 1, new ReasoningPart("") { Encrypted = "secret", Native = Anthropic }), new PartEnded(0, 1),
            new PartStarted(0, 2, new TextPart("") { Native = Anthropic }), new TextDelta(0, 2, "a"), new PartEnded(0, 2),
            new PartStarted(0, 3, new ToolCallPart("c", "f", "") { Signature = "google", Native = Anthropic }), new ArgumentsDelta(0, 3, "{}"), new PartEnded(0, 3),
            new ChoiceFinished(0, FinishReason.ToolCalls, "tool_use"), AnswerEnded.Instance,
        ], losses: losses);
        losses.Count.ShouldBe(0);
        ChunkSum.Of(Doors.Data(written)).Reasoning.ShouldBe("think");
        List<StreamEvent> again = Doors.Events(Doors.Data(written));
        EventRules.Hold(again);
        Back(Doors.Folded(again).Choices[0].Message);
    }

    [Fact]
    public void A_signature_on_text_is_told_as_Googles_dialect_has_it_and_read_back()
    {
        List<StreamEvent> again = Doors.Events(Doors.Data(Doors.Written(
        [
            new AnswerStarted("i", "m", 1), new PartStarted(0, 0, new TextPart("") { Native = Anthropic }), new TextDelta(0, 0, "a"), new SignatureDelta(0, 0, "g"), new PartEnded(0, 0),
            new ChoiceFinished(0, FinishReason.Stop, "STOP"), AnswerEnded.Instance,
        ])));
        Answer answer = Doors.Folded(again);
        answer.Choices[0].Message.Parts.ShouldHaveSingleItem().ShouldBeOfType<TextPart>().Signature.ShouldBe("g");
        Doors.Answer(Doors.Written(answer)).Choices[0].Message.Parts[0].Signature.ShouldBe("g");
    }

    [Theory]
    [InlineData(FinishReason.Error, "MALFORMED_FUNCTION_CALL", "stop", true)]
    [InlineData(FinishReason.Unknown, "new_word", "stop", true)]
    [InlineData(FinishReason.ContentFilter, "SAFETY", "content_filter", false)]
    public void A_finish_word_that_clients_do_not_know_becomes_one_they_do_and_stands_beside_it(FinishReason finish, string word, string written, bool lost)
    {
        LossList losses = new();
        string plain = Encoding.UTF8.GetString(Doors.Written(new Answer([new Choice(0, new Message(Role.Assistant, [new TextPart("a")])) { Finish = finish, NativeFinish = word }]), losses));
        string stream = Doors.Written([new ChoiceFinished(0, finish, word), AnswerEnded.Instance]);
        plain.ShouldContain($"\"finish_reason\":\"{written}\",\"native_finish_reason\":\"{word}\"");
        stream.ShouldContain($"\"finish_reason\":\"{written}\",\"native_finish_reason\":\"{word}\"");
        losses.Losses.Select(l => l.Field).ShouldBe(lost ? ["choices[0].finish_reason"] : []);
    }

    /// <summary>The message as a client keeps it, in a request to the provider it came from.</summary>
    private static void Back(Message kept)
    {
        byte[] request = Doors.Written(new ConversationRequest("m", [kept with { Native = new NativeFields(WireFormat.OpenAIChat) }]) { Native = new NativeFields(WireFormat.OpenAIChat) }, dialect: ChatDialect.OpenAI);
        IReadOnlyList<Part> parts = Doors.Request(request).Messages[0].Parts;
        parts.OfType<ReasoningPart>().Select(r => (r.Text, r.Signature, r.Encrypted)).ShouldBe([("think", "sig", null), ("", null, "secret")]);
        parts.OfType<TextPart>().ShouldHaveSingleItem().Text.ShouldBe("a");
        parts.OfType<ToolCallPart>().ShouldHaveSingleItem().Signature.ShouldBe("google");
    }
}
