using System.Buffers;
using System.Text;
using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Gemini;

/// <summary>The doors of the room, each in one call.</summary>
internal static class Doors
{
    public static readonly AnswerDefaults Defaults = new("made", 1, "", IncludeUsage: true);

    public static IEnumerable<Recording> Recordings => Recording.All.Where(r => r.Name.Contains("gemini-generatecontent", StringComparison.Ordinal));

    /// <summary>The pieces of a recorded stream, be they events or elements of an array.</summary>
    public static IEnumerable<string> Pieces(Recording r)
    {
        if (r.Sse is not null)
        {
            return r.Events;
        }

        using JsonDocument document = JsonDocument.Parse(r.Body!);
        return [.. document.RootElement.EnumerateArray().Select(e => e.GetRawText())];
    }

    public static ConversationRequest Request(string json) => Request(Encoding.UTF8.GetBytes(json));

    public static ConversationRequest Request(byte[] json)
    {
        GeminiFormat.Instance.TryReadRequest(json, out ConversationRequest? request, out ApiError? error).ShouldBeTrue(error?.Message);
        return request!;
    }

    public static byte[] Written(ConversationRequest request, LossList? losses = null, string model = "gemini-3-flash-preview") =>
        Written(GeminiFormat.Instance, request, losses, model);

    public static byte[] Written(ConversationFormat format, ConversationRequest request, LossList? losses, string model = "m")
    {
        ArrayBufferWriter<byte> output = new();
        format.WriteRequest(request, new TargetModel(model, "google"), output, losses ?? new LossList());
        return output.WrittenSpan.ToArray();
    }

    public static Answer Answer(string json) => Answer(Encoding.UTF8.GetBytes(json));

    public static Answer Answer(byte[] json)
    {
        GeminiFormat.Instance.TryReadAnswer(json, out Answer? answer, out ApiError? error).ShouldBeTrue(error?.Message);
        return answer!;
    }

    public static byte[] Written(Answer answer, LossList? losses = null) => Written(GeminiFormat.Instance, answer, losses);

    public static byte[] Written(ConversationFormat format, Answer answer, LossList? losses)
    {
        ArrayBufferWriter<byte> output = new();
        format.WriteAnswer(answer, Defaults, output, losses ?? new LossList());
        return output.WrittenSpan.ToArray();
    }

    public static List<StreamEvent> Events(params IEnumerable<string> pieces)
    {
        IAnswerStreamReader reader = GeminiFormat.Instance.NewStreamReader();
        List<StreamEvent> events = [];
        foreach (string piece in pieces)
        {
            reader.Read([], Encoding.UTF8.GetBytes(piece), events)?.Message.ShouldBeNull();
        }

        reader.Close(events);
        return events;
    }

    public static string Written(IEnumerable<StreamEvent> events, LossList? losses = null) => Written(GeminiFormat.Instance, events, losses);

    public static string Written(ConversationFormat format, IEnumerable<StreamEvent> events, LossList? losses)
    {
        ArrayBufferWriter<byte> output = new();
        using IAnswerStreamWriter writer = format.NewStreamWriter(Defaults, losses ?? new LossList());
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

    public static IEnumerable<string> Data(string sse) => sse.Split("\r\n\r\n").Where(f => f.Length > 0).Select(f =>
    {
        f.ShouldStartWith("data: ");
        f.ShouldNotContain("\n");
        return f["data: ".Length..];
    });

    public static AnswerFacts Sniffed(byte[] body) => GenerateLane.Plain.SniffAnswer(body);

    public static GeminiSniffer Sniffed(IEnumerable<string> pieces)
    {
        GeminiSniffer sniffer = new();
        foreach (string piece in pieces)
        {
            sniffer.Inspect([], Encoding.UTF8.GetBytes(piece)).ShouldBe(EventVerdict.Forward);
        }

        return sniffer;
    }
}
