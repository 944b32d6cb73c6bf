using System.Text;
using Interline.Protocols.Anthropic;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Anthropic;

public sealed class StreamTests
{
    private const string Start = """{"type":"message_start","message":{"id":"i","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}""";

    private const string Stop = """{"type":"message_stop"}""";

    public static TheoryData<string> ChatStreams => [.. Recording.All.Where(r => r.Sse is not null && OpenAIChat.RecordingTests.IsChat(r)).Select(r => r.Name)];

    public static TheoryData<string> ChatAnswers => OpenAIChat.RecordingTests.Answers;

    [Fact]
    public void Text_of_another_format_is_written_as_Anthropic_writes_it()
    {
        string written = Doors.Written(
        [
            new AnswerStarted(null, "m", null),
            new PartStarted(0, 0, new TextPart("")),
            new TextDelta(0, 0, "hé\n"),
            new PartEnded(0, 0),
            new ChoiceFinished(0, FinishReason.Stop, "STOP"),
            new UsageReported(new Usage { Input = 3, CacheRead = 2, Output = 4 }, null),
            AnswerEnded.Instance,
        ]);
        written.ShouldBe("""
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_made","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hé\n"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":2,"output_tokens":4}}

            event: message_stop
            data: {"type":"message_stop"}


            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Calls_that_arrive_side_by_side_are_written_one_after_the_other()
    {
        List<StreamEvent> events =
        [
            new AnswerStarted("i", "m", 1),
            new PartStarted(0, 0, new ToolCallPart("", "f", "")),
            new PartStarted(0, 1, new ToolCallPart("b", "g", "")),
            new ArgumentsDelta(0, 1, "{\"y\":"),
            new ArgumentsDelta(0, 0, "{\"x\":1}"),
            new PartStarted(0, 2, new ToolCallPart("c", "h", "free") { IsCustom = true }),
            new ArgumentsDelta(0, 1, "2}"),
            new PartEnded(0, 1),
            new PartEnded(0, 0),
            new ArgumentsDelta(0, 2, " text"),
            new PartEnded(0, 2),
            new ChoiceFinished(0, FinishReason.Stop, null),
            AnswerEnded.Instance,
        ];
        LossList losses = new();
        List<StreamEvent> read = Doors.Events(Doors.Data(Doors.Written(events, losses)));
        EventRules.Hold(read);
        Answer answer = Doors.Folded(read);
        answer.Choices[0].Message.Parts.Cast<ToolCallPart>().Select(c => (c.Id, c.Name, c.Arguments))
            .ShouldBe([("toolu_made_0", "f", "{\"x\":1}"), ("b", "g", "{\"y\":2}"), ("c", "h", "{\"input\":\"free text\"}")]);
        answer.Choices[0].NativeFinish.ShouldBe("tool_use");
        losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("created");
    }

    [Fact]
    public void Reasoning_is_a_thinking_block_and_its_encrypted_form_a_redacted_one()
    {
        List<StreamEvent> read = Doors.Events(Doors.Data(Doors.Written(
        [
            new AnswerStarted("i", "m", null),
            new PartStarted(0, 0, new ReasoningPart("")),
            new TextDelta(0, 0, "think"),
            new SignatureDelta(0, 0, "sig"),
            new EncryptedDelta(0, 0, "enc"),
            new PartEnded(0, 0),
            new PartStarted(0, 1, new ReasoningPart("")),
            new PartEnded(0, 1),
            new ChoiceFinished(0, FinishReason.Length, null),
            AnswerEnded.Instance,
        ])));
        List<ReasoningPart> parts = [.. Doors.Folded(read).Choices[0].Message.Parts.Cast<ReasoningPart>()];
        parts.Select(p => (p.Text, p.Signature, p.Encrypted)).ShouldBe([("think", "sig", null), ("", null, "enc"), ("", null, null)]);
    }

    [Theory]
    [MemberData(nameof(ChatStreams))]
    public void A_recorded_stream_of_OpenAIs_format_says_the_same_as_a_message(string name)
    {
        IAnswerStreamReader reader = ChatFormat.Instance.NewStreamReader();
        List<StreamEvent> events = [];
        foreach (string data in Recording.Of(name).Events)
        {
            reader.Read([], Encoding.UTF8.GetBytes(data), events).ShouldBeNull();
        }

        reader.Close(events);
        string written = Doors.Written(events);
        if (events[^1] is AnswerFailed)
        {
            written.ShouldEndWith("}}\n\n");
            written.ShouldContain("event: error\n");
            return;
        }

        List<StreamEvent> again = Doors.Events(Doors.Data(written));
        EventRules.Hold(again);
        Answer a = Doors.Folded(events), b = Doors.Folded(again);
        Said<TextPart>(b, p => p.Text).ShouldBe(Said<TextPart>(a, p => p.Text));
        Said<ReasoningPart>(b, p => p.Text).ShouldBe(Said<ReasoningPart>(a, p => p.Text));
        Said<ToolCallPart>(b, p => $"{p.Name}({(p.Arguments.Length == 0 ? "{}" : p.Arguments)})").ShouldBe(Said<ToolCallPart>(a, p => $"{p.Name}({(p.Arguments.Length == 0 ? "{}" : p.Arguments)})"));
        (b.Usage?.Total).ShouldBe(a.Usage?.Total ?? 0);
        MessagesSniffer sniffer = new();
        Doors.Data(written).ForEach(data => sniffer.Inspect([], Encoding.UTF8.GetBytes(data)));
        (sniffer.IsComplete, sniffer.Usage).ShouldBe((true, b.Usage));
    }

    [Theory]
    [MemberData(nameof(ChatAnswers))]
    public void A_recorded_answer_of_OpenAIs_format_says_the_same_as_a_message(string name)
    {
        ChatFormat.Instance.TryReadAnswer(Recording.Of(name).Body!, out Answer? a, out ApiError? error).ShouldBeTrue(error?.Message);
        LossList losses = new();
        byte[] written = Doors.Written(a!, losses);
        Answer b = Doors.Answer(written);
        Said<TextPart>(b, p => p.Text).ShouldBe(Said<TextPart>(a!, p => p.Text) + Said<RefusalPart>(a!, p => p.Text));
        Said<ReasoningPart>(b, p => p.Text).ShouldBe(Said<ReasoningPart>(a!, p => p.Text));
        Said<ToolCallPart>(b, p => p.Name).ShouldBe(Said<ToolCallPart>(a!, p => p.Name));
        (b.Usage?.Total).ShouldBe(a!.Usage?.Total ?? 0);
        MessagesLane.Instance.SniffAnswer(written).Usage.ShouldBe(b.Usage);
        losses.Losses.Any(l => l.Field is "created").ShouldBe(a.Created is not null);
    }

    private static string Said<T>(Answer answer, Func<T, string> of)
        where T : Part => answer.Choices.Count == 0 ? "" : string.Concat(answer.Choices[0].Message.Parts.OfType<T>().Select(of));

    [Fact]
    public void A_stream_without_its_end_was_cut()
    {
        Doors.Events([Start])[^1].ShouldBeOfType<AnswerFailed>().Error.Kind.ShouldBe(ErrorKind.Network);
        Doors.Events([Start, Stop])[^1].ShouldBeOfType<AnswerEnded>();
        Doors.Events([])[^1].ShouldBeOfType<AnswerFailed>();
    }

    [Fact]
    public void An_error_inside_the_stream_ends_it()
    {
        ApiError error = Doors.Events([Start, """{"type":"error","error":{"type":"overloaded_error","message":"busy"}}""", Stop])[^1].ShouldBeOfType<AnswerFailed>().Error;
        (error.Kind, error.Status, error.Message).ShouldBe((ErrorKind.Overloaded, 529, "busy"));
        Doors.Written([new AnswerFailed(error)]).ShouldBe("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n");
    }

    [Fact]
    public void A_call_without_pieces_has_the_input_of_its_start()
    {
        Arguments("{}").ShouldBe("{}");
        Arguments("{\"a\":1}").ShouldBe("{\"a\":1}");
        Arguments("{\"a\":1}", """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"b\":2}"}}""").ShouldBe("{\"b\":2}");

        static string Arguments(string input, params string[] deltas) => Doors.Folded(Doors.Events(
        [
            Start, $$$"""{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{{{input}}}}}""", .. deltas,
            """{"type":"content_block_stop","index":0}""", Stop,
        ])).Choices[0].Message.Parts.ShouldHaveSingleItem().ShouldBeOfType<ToolCallPart>().Arguments;
    }

    [Fact]
    public void Blocks_that_overlap_or_never_stop_are_ended()
    {
        List<StreamEvent> events = Doors.Events(
        [
            Start,
            """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
            """{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}""",
            """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}}""",
            Stop,
        ]);
        EventRules.Hold(events);
        Doors.Folded(events).Usage.ShouldBe(new Usage { Input = 3, Output = 5 });
    }

    [Fact]
    public void Data_that_is_no_event_is_an_error_as_a_value()
    {
        List<StreamEvent> events = [];
        foreach (string data in (string[])["{", "[]", "7", "{}", """{"type":"content_block_delta","index":0,"delta":{}}""", """{"type":"message_start","message":7}""", new string('[', 100_000)])
        {
            MessagesFormat.Instance.NewStreamReader().Read([], Encoding.UTF8.GetBytes(data), events)!.Kind.ShouldBe(ErrorKind.Malformed);
        }

        events.ShouldBeEmpty();
    }

    [Fact]
    public void Several_answers_are_one()
    {
        LossList losses = new();
        Doors.Written([new AnswerStarted("i", "m", null), new PartStarted(1, 0, new TextPart("x")), new PartEnded(1, 0), AnswerEnded.Instance], losses).ShouldNotContain("\"x\"");
        losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("choices[1]");
    }
}
