using System.Text;
using Interline.Protocols.Anthropic;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.Translation;

/// <summary>Half a surrogate pair: models cut characters in two, clients do not.</summary>
public sealed class HalfSurrogateTests
{
    private const string Half = "a\\ud83d\\n\\u00e9 \\\"é\\ud83d\\ude00\\ude00";
    private const string Mended = "a\uFFFD\né \"é😀\uFFFD";

    public static TheoryData<string, string> Answers => new()
    {
        { "openai", $$"""{"choices":[{"index":0,"message":{"role":"assistant","content":"{{Half}}"},"finish_reason":"stop"}]}""" },
        { "anthropic", $$"""{"type":"message","role":"assistant","content":[{"type":"text","text":"{{Half}}"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1} }""" },
        { "gemini", $$"""{"candidates":[{"content":{"role":"model","parts":[{"text":"{{Half}}"}]},"finishReason":"STOP","index":0}]}""" },
    };

    public static TheoryData<string, string> Requests => new()
    {
        { "openai", $$"""{"model":"m","messages":[{"role":"user","content":"{{Half}}"}]}""" },
        { "anthropic", $$"""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"{{Half}}"}]}""" },
        { "gemini", $$"""{"contents":[{"role":"user","parts":[{"text":"{{Half}}"}]}]}""" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_has_the_replacement_character_in_its_place(string format, string json)
    {
        Of(format).TryReadAnswer(Encoding.UTF8.GetBytes(json), out Answer? answer, out ApiError? error).ShouldBeTrue(error?.Message);
        answer!.Choices[0].Message.Parts.OfType<TextPart>().Single().Text.ShouldBe(Mended);
    }

    [Fact]
    public void A_piece_of_a_stream_has_it_too()
    {
        List<StreamEvent> events = [];
        ChatFormat.Instance.NewStreamReader().Read([], Encoding.UTF8.GetBytes($$"""{"choices":[{"index":0,"delta":{"role":"assistant","content":"{{Half}}"},"finish_reason":null}]}"""), events).ShouldBeNull();
        events.OfType<TextDelta>().Single().Text.ShouldBe(Mended);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_still_no_answer() =>
        MessagesFormat.Instance.TryReadAnswer(
            [.. "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"\\ud83d"u8, 0xFF, .. "\"}]}"u8], out _, out _).ShouldBeFalse();

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_with_one_is_refused(string format, string json)
    {
        Of(format).TryReadRequest(Encoding.UTF8.GetBytes(json), out _, out ApiError? error).ShouldBeFalse();
        error!.Status.ShouldBe(400);
    }

    private static ConversationFormat Of(string format) => format switch
    {
        "openai" => ChatFormat.Instance,
        "anthropic" => MessagesFormat.Instance,
        _ => GeminiFormat.Instance,
    };
}
