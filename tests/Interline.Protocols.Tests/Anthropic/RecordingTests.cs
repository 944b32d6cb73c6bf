using System.Text;
using System.Text.Json;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Tests.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Anthropic;

public sealed class RecordingTests
{
    public static TheoryData<string> Requests => [.. All.Where(r => r.Request is not null).Select(r => r.Name)];

    public static TheoryData<string> Answers => [.. All.Where(r => r is { Body: not null, Status: 200 } && !IsCount(r)).Select(r => r.Name)];

    public static TheoryData<string> Streams => [.. All.Where(r => r.Sse is not null).Select(r => r.Name)];

    internal static IEnumerable<Recording> All => Recording.All.Where(r => r.Name.StartsWith("anthropic-", StringComparison.Ordinal));

    internal static bool IsCount(Recording r) => r.Name.Contains("counttokens", StringComparison.Ordinal);

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
    [MemberData(nameof(Requests))]
    public void A_recorded_request_passes_the_peek(string name)
    {
        byte[] request = Recording.Of(name).Request!;
        MessagesLane.Instance.Peek(request, "application/json", out RequestFacts facts).ShouldBeNull();
        ConversationRequest read = Doors.Request(request);
        facts.Stream.ShouldBe(read.Stream == true);
        facts.MaxTokens.ShouldBe(read.MaxOutputTokens?.Whole ?? 0);
        facts.HasTools.ShouldBe(read.Tools is { Count: > 0 });
        facts.HasImages.ShouldBe(Encoding.UTF8.GetString(request).Contains("\"image\"", StringComparison.Ordinal));
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
    public void The_sniffer_and_the_reader_agree_on_a_recorded_answer(string name)
    {
        byte[] body = Recording.Of(name).Body!;
        AnswerFacts facts = MessagesLane.Instance.SniffAnswer(body);
        Answer answer = Doors.Answer(body);
        facts.Valid.ShouldBeTrue();
        facts.Usage.ShouldBe(answer.Usage);
        facts.Finish.ShouldBe(answer.Choices[0].Finish);
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement usage = document.RootElement.GetProperty("usage");
        answer.Usage!.Value.TotalOutput.ShouldBe(usage.GetProperty("output_tokens").GetInt64());
        answer.Usage!.Value.Input.ShouldBe(usage.GetProperty("input_tokens").GetInt64());
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_keeps_the_rules_of_events(string name)
    {
        List<StreamEvent> events = Doors.Events(Recording.Of(name).Events);
        EventRules.Hold(events);
        events[^1].ShouldBeOfType<AnswerEnded>();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void The_sniffer_and_the_reader_agree_on_a_recorded_stream(string name)
    {
        MessagesSniffer sniffer = new();
        foreach (string data in Recording.Of(name).Events)
        {
            EventVerdict verdict = sniffer.Inspect([], Encoding.UTF8.GetBytes(data));
            verdict.ShouldBe(EventVerdict.Forward);
            sniffer.IsOver.ShouldBe(data.Contains("\"message_stop\"", StringComparison.Ordinal));
            sniffer.HasBegun.ShouldBe(sniffer.HasBegun || !data.Contains("\"message_start\"", StringComparison.Ordinal));
        }

        Answer answer = Doors.Folded(Doors.Events(Recording.Of(name).Events));
        sniffer.IsComplete.ShouldBeTrue();
        sniffer.HasBegun.ShouldBeTrue();
        sniffer.Usage.ShouldBe(answer.Usage);
        sniffer.Finish.ShouldBe(answer.Choices[0].Finish);
        sniffer.Usage!.Value.Total.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_folds_to_what_its_pieces_say(string name)
    {
        StringBuilder text = new(), thinking = new(), input = new();
        string? finish = null;
        HashSet<int> calls = [];
        foreach (string data in Recording.Of(name).Events)
        {
            using JsonDocument e = JsonDocument.Parse(data);
            JsonElement root = e.RootElement;
            if (root.TryGetProperty("content_block", out JsonElement block) && block.GetProperty("type").GetString() is "tool_use")
            {
                calls.Add(root.GetProperty("index").GetInt32());
            }

            if (root.TryGetProperty("delta", out JsonElement delta))
            {
                text.Append(Of(delta, "text"));
                thinking.Append(Of(delta, "thinking"));
                input.Append(root.TryGetProperty("index", out JsonElement index) && calls.Contains(index.GetInt32()) ? Of(delta, "partial_json") : null);
                finish = Of(delta, "stop_reason") ?? finish;
            }
        }

        Choice choice = Doors.Folded(Doors.Events(Recording.Of(name).Events)).Choices[0];
        string.Concat(choice.Message.Parts.OfType<TextPart>().Select(p => p.Text)).ShouldBe(text.ToString());
        string.Concat(choice.Message.Parts.OfType<ReasoningPart>().Select(p => p.Text)).ShouldBe(thinking.ToString());
        string.Concat(choice.Message.Parts.OfType<ToolCallPart>().Select(p => p.Arguments is "{}" ? "" : p.Arguments)).ShouldBe(input.ToString());
        choice.NativeFinish.ShouldBe(finish);

        static string? Of(JsonElement at, string field) => at.TryGetProperty(field, out JsonElement value) ? value.GetString() : null;
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_written_again_says_the_same(string name)
    {
        List<StreamEvent> events = Doors.Events(Recording.Of(name).Events);
        LossList losses = new();
        List<string> written = Doors.Data(Doors.Written(events, losses));
        losses.Losses.ShouldBeEmpty();
        List<StreamEvent> again = Doors.Events(written);
        EventRules.Hold(again);
        JsonCompare.Difference(Doors.Written(Doors.Folded(events)), Doors.Written(Doors.Folded(again))).ShouldBeNull();
        written.Select(Type).Where(t => t is not "ping" and not "content_block_delta")
            .ShouldBe(Recording.Of(name).Events.Select(Type).Where(t => t is not "ping" and not "content_block_delta"));

        static string Type(string data)
        {
            using JsonDocument document = JsonDocument.Parse(data);
            return document.RootElement.GetProperty("type").GetString()!;
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void A_recorded_answer_streamed_by_its_parts_folds_to_itself(string name)
    {
        Answer answer = Doors.Answer(Recording.Of(name).Body!);
        Answer again = Doors.Folded(Doors.Events(Doors.Data(Doors.Written(AsEvents(answer)))));
        JsonCompare.Difference(Doors.Written(answer), Doors.Written(again)).ShouldBeNull();
    }

    /// <summary>A whole answer as the events of a stream.</summary>
    internal static List<StreamEvent> AsEvents(Answer answer)
    {
        List<StreamEvent> events = [new AnswerStarted(answer.Id, answer.Model, answer.Created) { ServiceTier = answer.ServiceTier }];
        if (answer.Native is { } native)
        {
            events.Add(new NativeReported(NativeScope.Answer, 0, native));
        }

        if (answer.Usage is { } usage)
        {
            events.Add(new UsageReported(usage, answer.NativeUsage));
        }

        Choice choice = answer.Choices[0];
        for (int i = 0; i < choice.Message.Parts.Count; i++)
        {
            events.Add(new PartStarted(0, i, choice.Message.Parts[i]));
            events.Add(new PartEnded(0, i));
        }

        events.Add(new ChoiceFinished(0, choice.Finish, choice.NativeFinish) { StopSequence = choice.StopSequence });
        events.Add(AnswerEnded.Instance);
        return events;
    }
}
