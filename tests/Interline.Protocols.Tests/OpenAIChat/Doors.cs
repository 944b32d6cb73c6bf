using System.Buffers;
using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>The doors of the room, each in one call.</summary>
internal static class Doors
{
    public static ConversationRequest Request(string json) => Request(Encoding.UTF8.GetBytes(json));

    public static ConversationRequest Request(byte[] json)
    {
        RequestReader.TryRead(json, out ConversationRequest? request, out ApiError? error).ShouldBeTrue(error?.Message);
        return request!;
    }

    public static ApiError Refused(string json)
    {
        RequestReader.TryRead(Encoding.UTF8.GetBytes(json), out _, out ApiError? error).ShouldBeFalse();
        return error!;
    }

    public static byte[] Written(ConversationRequest request, LossList? losses = null, ChatDialect? dialect = null)
    {
        ArrayBufferWriter<byte> output = new();
        RequestWriter.Write(request, output, dialect ?? ChatDialect.OpenAI, losses ?? new LossList());
        return output.WrittenSpan.ToArray();
    }

    public static Answer Answer(byte[] json)
    {
        AnswerReader.TryRead(json, out Answer? answer, out ApiError? error).ShouldBeTrue(error?.Message);
        return answer!;
    }

    public static byte[] Written(Answer answer, LossList? losses = null)
    {
        ArrayBufferWriter<byte> output = new();
        AnswerWriter.Write(answer, output, new AnswerDefaults("made", 1, "", IncludeUsage: true), losses ?? new LossList());
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

    public static string Written(IEnumerable<StreamEvent> events, bool includeUsage = true, LossList? losses = null)
    {
        ArrayBufferWriter<byte> output = new();
        using AnswerStreamWriter writer = new(new AnswerDefaults("made", 1, "", includeUsage), losses ?? new LossList());
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

    public static IEnumerable<string> Data(string sse) => sse.Split("\n\n").Where(f => f.Length > 0).Select(f =>
    {
        f.ShouldStartWith("data: ");
        f.ShouldNotContain("\n");
        return f["data: ".Length..];
    });
}
