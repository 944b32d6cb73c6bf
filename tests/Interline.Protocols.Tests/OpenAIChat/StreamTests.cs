using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.OpenAIChat;

public sealed class StreamTests
{
    private static string Chunk(string delta, string finish = "null") =>
        $$"""{"id":"i","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}""";

    private static Message Fold(params string[] data) => Doors.Folded(Doors.Events(data)).Choices[0].Message;

    [Fact]
    public void Parallel_tool_calls_are_told_apart_by_their_number_even_if_they_mix()
    {
        Message message = Fold(
            Chunk("""{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}"""),
            Chunk("""{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{"}}]}"""),
            Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"{}"}},{"index":1,"function":{"arguments":"}"}}]}"""),
            Chunk("{}", "\"tool_calls\""),
            "[DONE]");
        message.Parts.Cast<ToolCallPart>().Select(c => (c.Id, c.Name, c.Arguments)).ShouldBe([("a", "f", "{}"), ("b", "g", "{}")]);
    }

    [Fact]
    public void Calls_that_share_a_number_but_not_an_id_are_two() =>
        Fold(
            Chunk("""{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"""),
            Chunk("""{"tool_calls":[{"index":0,"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]}"""),
            Chunk("{}", "\"stop\""))
        .Parts.Cast<ToolCallPart>().Select(c => c.Name).ShouldBe(["f", "g"]);

    [Fact]
    public void A_call_with_an_empty_id_and_no_number_is_read() =>
        Fold(Chunk("""{"tool_calls":[{"id":"","type":"function","function":{"name":"f","arguments":"{}"}}]}"""), Chunk("{}", "\"stop\""))
        .Parts.ShouldHaveSingleItem().ShouldBeOfType<ToolCallPart>().Name.ShouldBe("f");

    [Fact]
    public void Perplexitys_message_beside_the_delta_is_not_read_twice() =>
        Fold("""{"id":"i","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ab"},"delta":{"role":"assistant","content":"ab"},"finish_reason":null}]}""", Chunk("{}", "\"stop\""))
        .Parts.ShouldHaveSingleItem().ShouldBe(new TextPart("ab"), new TextOnly());

    [Fact]
    public void Azures_first_chunk_without_choices_is_not_the_answers_head()
    {
        List<StreamEvent> events = Doors.Events(["""{"id":"","model":"","created":0,"choices":[],"prompt_filter_results":[1]}""", Chunk("""{"content":"a"}"""), Chunk("{}", "\"stop\""), "[DONE]"]);
        events[0].ShouldBe(new AnswerStarted("i", "m", 5));
        events[1].ShouldBeOfType<NativeReported>().Fields[0].Name.ShouldBe("prompt_filter_results");
    }

    [Fact]
    public void A_stream_that_stops_before_its_end_was_cut()
    {
        Doors.Events([Chunk("""{"content":"a"}""")])[^1].ShouldBeOfType<AnswerFailed>().Error.Kind.ShouldBe(ErrorKind.Network);
        Doors.Events([Chunk("""{"content":"a"}""", "\"stop\"")])[^1].ShouldBeOfType<AnswerEnded>();
        Doors.Events([])[^1].ShouldBeOfType<AnswerFailed>();
    }

    [Fact]
    public void An_error_inside_the_stream_ends_it()
    {
        ApiError error = Doors.Events([Chunk("""{"content":"a"}"""), """{"error":{"message":"busy","code":429}}""", Chunk("""{"content":"b"}""")])[^1].ShouldBeOfType<AnswerFailed>().Error;
        (error.Kind, error.Status, error.Message).ShouldBe((ErrorKind.RateLimit, 429, "busy"));
    }

    [Fact]
    public void Data_that_is_no_chunk_is_an_error_as_a_value()
    {
        List<StreamEvent> events = [];
        foreach (string data in (string[])["{", "[]", "7", """{"choices":7}""", """{"choices":[{"delta":[]}]}""", new string('[', 100_000)])
        {
            new AnswerStreamReader().Read([], Encoding.UTF8.GetBytes(data), events)!.Kind.ShouldBe(ErrorKind.Malformed);
        }

        events.ShouldBeEmpty();
    }

    [Fact]
    public void Text_of_another_format_is_written_as_OpenAI_writes_it()
    {
        string written = Doors.Written(
        [
            new AnswerStarted(null, "m", null),
            new PartStarted(0, 0, new TextPart("")),
            new TextDelta(0, 0, "hé\n"),
            new PartEnded(0, 0),
            new PartStarted(0, 1, new ToolCallPart("", "f", "")),
            new ArgumentsDelta(0, 1, "{}"),
            new PartEnded(0, 1),
            new ChoiceFinished(0, FinishReason.Stop, "STOP"),
            new UsageReported(new Usage { Input = 3, Output = 4 }, null),
            AnswerEnded.Instance,
        ]);
        written.ShouldBe("""
            data: {"id":"chatcmpl-made","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"hé\n"},"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-made","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_made_0","type":"function","function":{"name":"f","arguments":""}}]},"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-made","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-made","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null}

            data: {"id":"chatcmpl-made","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}}

            data: [DONE]


            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Signed_reasoning_of_another_format_comes_back_from_a_client_that_keeps_it()
    {
        List<StreamEvent> events =
        [
            new AnswerStarted("i", "m", 1),
            new PartStarted(0, 0, new ReasoningPart("") { SignedBy = "anthropic-claude-v1" }),
            new TextDelta(0, 0, "think"),
            new SignatureDelta(0, 0, "sig"),
            new PartEnded(0, 0),
            new PartStarted(0, 1, new TextPart("")),
            new TextDelta(0, 1, "a"),
            new PartEnded(0, 1),
            new ChoiceFinished(0, FinishReason.Stop, "end_turn"),
            AnswerEnded.Instance,
        ];
        byte[] plain = Doors.Written(Doors.Folded(events));
        ReasoningPart kept = Doors.Answer(plain).Choices[0].Message.Parts[0].ShouldBeOfType<ReasoningPart>();
        (kept.Text, kept.Signature, kept.SignedBy).ShouldBe(("think", "sig", "anthropic-claude-v1"));
        List<StreamEvent> again = Doors.Events(Doors.Data(Doors.Written(events)));
        again.OfType<SignatureDelta>().ShouldHaveSingleItem().Signature.ShouldBe("sig");
        again.OfType<TextDelta>().Select(t => t.Text).ShouldBe(["think", "a"]);
    }

    private sealed class TextOnly : IEqualityComparer<Part>
    {
        public bool Equals(Part? x, Part? y) => (x as TextPart)?.Text == (y as TextPart)?.Text;

        public int GetHashCode(Part obj) => 0;
    }
}
