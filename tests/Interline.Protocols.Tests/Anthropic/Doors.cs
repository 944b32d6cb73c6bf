using System.Buffers;
using System.Text;
using Interline.Protocols.Anthropic;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Tests.Anthropic;

/// <summary>The doors of the room, each in one call.</summary>
internal static class Doors
{
    public static TargetModel Sonnet45 { get; } = new("claude-sonnet-4-5", "anthropic");

    public static TargetModel Opus46 { get; } = new("claude-opus-4-6", "anthropic");

    public static ConversationRequest Request(string json) => Request(Encoding.UTF8.GetBytes(json));

    public static ConversationRequest Request(byte[] json, ConversationFormat? format = null)
    {
        (format ?? MessagesFormat.Instance).TryReadRequest(json, out ConversationRequest? request, out ApiError? error).ShouldBeTrue(error?.Message);
        return request!;
    }

    public static ApiError Refused(string json)
    {
        RequestReader.TryRead(Encoding.UTF8.GetBytes(json), out _, out ApiError? error).ShouldBeFalse();
        return error!;
    }

    public static byte[] Written(ConversationRequest request, LossList? losses = null, TargetModel? target = null, ConversationFormat? format = null)
    {
        ArrayBufferWriter<byte> output = new();
        (format ?? MessagesFormat.Instance).WriteRequest(request, target ?? Sonnet45, output, losses ?? new LossList());
        return output.WrittenSpan.ToArray();
    }

    public static Answer Answer(byte[] json)
    {
        AnswerReader.TryRead(json, out Answer? answer, out ApiError? error).ShouldBeTrue(error?.Message);
        return answer!;
    }

    public static byte[] Written(Answer answer, LossList? losses = null, ConversationFormat? format = null)
    {
        ArrayBufferWriter<byte> output = new();
        (format ?? MessagesFormat.Instance).WriteAnswer(answer, new AnswerDefaults("made", 1, "m", IncludeUsage: true), output, losses ?? new LossList());
        return output.WrittenSpan.ToArray();
    }

    public static List<StreamEvent> Events(IEnumerable<string> data)
    {
        AnswerStreamReader reader = new();
        List<StreamEvent> events = [];
        foreach (string one in data)
        {
            reader.Read([], Encoding.UTF8.GetBytes(one), events)?.Message.ShouldBeNull();
        }

        reader.Close(events);
        return events;
    }

    public static string Written(IEnumerable<StreamEvent> events, LossList? losses = null, ConversationFormat? format = null)
    {
        ArrayBufferWriter<byte> output = new();
        using IAnswerStreamWriter writer = (format ?? MessagesFormat.Instance).NewStreamWriter(new AnswerDefaults("made", 1, "m", IncludeUsage: true), losses ?? new LossList());
        foreach (StreamEvent e in events)
        {
            writer.Write(e, output);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static Answer Folded(IEnumerable<StreamEvent> events)
    {
        AnswerBuilder builder = new();
        foreach (StreamEvent e in events)
        {
            builder.Add(e);
        }

        return builder.Build();
    }

    /// <summary>The data of each frame, whose <c>event:</c> line must repeat the data's type.</summary>
    public static List<string> Data(string sse) => [.. sse.Split("\n\n").Where(f => f.Length > 0).Select(f =>
    {
        string[] lines = f.Split('\n');
        lines.Length.ShouldBe(2);
        lines[0].ShouldStartWith("event: ");
        lines[1].ShouldStartWith("data: ");
        string data = lines[1]["data: ".Length..];
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(data);
        document.RootElement.GetProperty("type").GetString().ShouldBe(lines[0]["event: ".Length..]);
        return data;
    })];
}
