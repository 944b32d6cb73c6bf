using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.Translation;

/// <summary>Answers and streams of each format in each other's rules; usage and calls come over whole.</summary>
public sealed class AnswerTests
{
    public static TheoryData<string, WireFormat> Answers => Pairs.Rows(Document.All.Where(d => d.Kind != DocumentKind.Request && !d.HasError));

    public static TheoryData<string, WireFormat> Streams => Pairs.Rows(Document.All.Where(d => d.Kind == DocumentKind.Stream && !d.HasError && Translated.Events(d)![^1] is AnswerEnded), same: false);

    private static Answer Read(Document d) => d.Kind == DocumentKind.Answer ? Translated.Answer(d)! : Translated.Folded(Translated.Events(d)!);

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_stream_keeps_the_rules_of_the_format_it_is_written_in(string name, WireFormat to) => StreamRules.Hold(Translated.Make(Document.Of(name), to).Written, to);

    [Theory]
    [InlineData(WireFormat.AnthropicMessages)]
    [InlineData(WireFormat.Gemini)]
    public void A_stream_that_says_no_id_model_or_finish_is_given_them(WireFormat to)
    {
        Document d = new("empty", WireFormat.OpenAIChat, DocumentKind.Stream,
        [
            """{"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":""}]}""",
            """{"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[{"index":0,"delta":{"content":"b"},"finish_reason":""}]}""",
            "[DONE]",
        ]);
        StreamRules.Hold(Translated.Make(d, to).Written, to);
        Document plain = d with { Kind = DocumentKind.Answer, Pieces = ["""{"id":"","object":"chat.completion","created":0,"model":"","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":""}]}"""] };
        using JsonDocument answer = JsonDocument.Parse(Translated.Make(plain, to).Written);
        JsonElement root = answer.RootElement;
        bool anthropic = to == WireFormat.AnthropicMessages;
        root.GetProperty(anthropic ? "id" : "responseId").GetString().ShouldNotBeNullOrEmpty();
        root.GetProperty(anthropic ? "model" : "modelVersion").GetString().ShouldNotBeNullOrEmpty();
        (anthropic ? root.GetProperty("stop_reason") : root.GetProperty("candidates")[0].GetProperty("finishReason")).GetString().ShouldBe(anthropic ? "end_turn" : "STOP");
    }

    [Fact]
    public void A_streams_unknown_finish_of_another_format_is_the_formats_plain_stop()
    {
        Document anthropic = new("a", WireFormat.AnthropicMessages, DocumentKind.Stream,
        [
            """{"type":"message_start","message":{"id":"","type":"message","role":"assistant","model":"","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}""", """{"type":"content_block_stop","index":0}""",
            """{"type":"message_delta","delta":{"stop_reason":"x_new"},"usage":{"output_tokens":1}}""", """{"type":"message_stop"}""",
        ]);
        Document gemini = new("g", WireFormat.Gemini, DocumentKind.Stream, ["""{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]},"finishReason":"FINISH_REASON_UNSPECIFIED"}],"responseId":"","modelVersion":""}"""]);
        StreamRules.Hold(Translated.Make(anthropic, WireFormat.OpenAIChat).Written, WireFormat.OpenAIChat);
        StreamRules.Hold(Translated.Make(anthropic, WireFormat.Gemini).Written, WireFormat.Gemini);
        StreamRules.Hold(Translated.Make(gemini, WireFormat.OpenAIChat).Written, WireFormat.OpenAIChat);
        StreamRules.Hold(Translated.Make(gemini, WireFormat.AnthropicMessages).Written, WireFormat.AnthropicMessages);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Usage_comes_over_whole(string name, WireFormat to)
    {
        Document d = Document.Of(name);
        Translated t = Translated.Make(d, to);
        Usage before = Read(d).Usage ?? default, after = Read(t.As(d, to)).Usage ?? default;
        (after.TotalInput, after.TotalOutput).ShouldBe((before.TotalInput, before.TotalOutput));
        (after == before || t.Losses.Losses.Any(l => l.Field.StartsWith("usage", StringComparison.Ordinal) && l.Action == LossAction.Changed)).ShouldBeTrue($"{before} {after} {t}");
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Calls_come_over_in_their_order_with_ids_and_arguments(string name, WireFormat to)
    {
        Document d = Document.Of(name);
        List<ToolCallPart> before = Calls(Read(d)), after = Calls(Read(Translated.Make(d, to).As(d, to)));
        ToolCalls.Same(before, after, to);
        if (before.Count > 0)
        {
            (Read(d).Choices[0].Finish == Read(Translated.Make(d, to).As(d, to)).Choices[0].Finish || Read(d).Choices[0].Finish == FinishReason.Stop).ShouldBeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Words_and_reasoning_come_over_whole(string name, WireFormat to)
    {
        Document d = Document.Of(name);
        Answer before = Read(d), after = Read(Translated.Make(d, to).As(d, to));
        if (before.Choices.Count == 0 || before.Choices[0].Message.Parts.Any(p => p is AudioPart))
        {
            return;
        }

        Said<TextPart>(after, p => p.Text).Replace("\n", "", StringComparison.Ordinal).ShouldBe((Said<TextPart>(before, p => p.Text)
            + (to == WireFormat.OpenAIChat || d.Format == to ? "" : Said<RefusalPart>(before, p => p.Text))).Replace("\n", "", StringComparison.Ordinal));
        Said<ReasoningPart>(after, p => p.Text).ShouldBe(Said<ReasoningPart>(before, p => p.Text));
    }

    private static string Said<T>(Answer answer, Func<T, string> of)
        where T : Part => string.Concat(answer.Choices[0].Message.Parts.OfType<T>().Select(of));

    private static List<ToolCallPart> Calls(Answer answer) => answer.Choices.Count == 0 ? [] : [.. answer.Choices[0].Message.Parts.OfType<ToolCallPart>()];
}
