using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.OpenAIChat;

public sealed class RecordingTests
{
    public static TheoryData<string> Requests => [.. Recording.All.Where(r => r.Request is not null && IsChat(r)).Select(r => r.Name)];

    public static TheoryData<string> Answers => [.. Recording.All.Where(r => r is { Body: not null, Status: 200 } && IsChat(r)).Select(r => r.Name)];

    public static TheoryData<string> Streams => [.. Recording.All.Where(r => r.Sse is not null && IsChat(r)).Select(r => r.Name)];

    internal static bool IsChat(Recording r) => r.Name.Contains("openai-chat", StringComparison.Ordinal) || r.Name.StartsWith("mistral-chat", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_recorded_request_is_written_back_with_equal_values(string name)
    {
        byte[] request = Recording.Of(name).Request!;
        LossList losses = new();
        JsonCompare.Difference(request, Doors.Written(Doors.Request(request), losses)).ShouldBeNull();
        losses.Count.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void A_recorded_answer_is_written_back_with_equal_values(string name)
    {
        byte[] body = Recording.Of(name).Body!;
        LossList losses = new();
        JsonCompare.Difference(body, Doors.Written(Doors.Answer(body), losses)).ShouldBeNull();
        losses.Count.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void The_usage_of_a_recorded_answer_adds_up_to_its_total(string name)
    {
        using JsonDocument body = JsonDocument.Parse(Recording.Of(name).Body!);
        if (body.RootElement.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
        {
            Doors.Answer(Recording.Of(name).Body!).Usage!.Value.Total.ShouldBe(usage.GetProperty("total_tokens").GetInt64());
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_keeps_the_rules_of_events(string name) => EventRules.Hold(Doors.Events(Recording.Of(name).Events));

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_folds_to_the_answer_of_its_chunks(string name)
    {
        Answer answer = Doors.Folded(Doors.Events(Recording.Of(name).Events));
        ChunkSum sum = ChunkSum.Of(Recording.Of(name).Events);
        Choice? choice = answer.Choices.Count > 0 ? answer.Choices[0] : null;
        string.Concat(choice?.Message.Parts.OfType<TextPart>().Select(p => p.Text) ?? []).ShouldBe(sum.Text);
        string.Concat(choice?.Message.Parts.OfType<ReasoningPart>().Select(p => p.Text) ?? []).ShouldBe(sum.Reasoning);
        (choice?.Message.Parts.OfType<ToolCallPart>().Select(c => (c.Name, c.Arguments)) ?? []).ShouldBe(sum.Calls);
        choice?.NativeFinish.ShouldBe(sum.Finish);
        (answer.Usage?.Total).ShouldBe(sum.Total);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_written_again_says_the_same(string name)
    {
        List<StreamEvent> events = Doors.Events(Recording.Of(name).Events);
        if (events[^1] is AnswerFailed)
        {
            Doors.Written(events).ShouldContain("{\"error\":{\"message\":");
            return;
        }

        List<StreamEvent> again = Doors.Events(Doors.Data(Doors.Written(events)));
        EventRules.Hold(again);
        byte[] expected = Doors.Written(Doors.Folded(events));
        JsonCompare.Difference(expected, Doors.Written(Doors.Folded(again))).ShouldBeNull();
        if (ChunkSum.Of(Recording.Of(name).Events).Finish is not null)
        {
            ChunkSum a = ChunkSum.Of(Recording.Of(name).Events), b = ChunkSum.Of(Doors.Data(Doors.Written(events)));
            b.Calls.ShouldBe(a.Calls);
            (b with { Calls = a.Calls }).ShouldBe(a);
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_client_that_did_not_ask_for_usage_gets_none(string name)
    {
        string written = Doors.Written(Doors.Events(Recording.Of(name).Events), includeUsage: false);
        foreach (string data in Doors.Data(written).Where(d => d is not "[DONE]"))
        {
            using JsonDocument chunk = JsonDocument.Parse(Encoding.UTF8.GetBytes(data));
            chunk.RootElement.TryGetProperty("usage", out _).ShouldBeFalse();
        }
    }
}
