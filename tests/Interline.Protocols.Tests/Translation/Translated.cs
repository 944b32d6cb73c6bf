using System.Buffers;
using System.Text;
using Interline.Protocols.Anthropic;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.Translation;

/// <summary>A document as another format has it, made through the doors of two <see cref="ConversationFormat"/>s and nothing else.</summary>
/// <param name="Written">The JSON, or the whole stream with its framing.</param>
/// <param name="Losses">What could not be said.</param>
internal sealed record Translated(string Written, LossList Losses)
{
    public static readonly AnswerDefaults Defaults = new("made", 1_700_000_000, "model-asked-for", IncludeUsage: true);

    public static IReadOnlyList<ConversationFormat> Formats { get; } = [ChatFormat.Instance, MessagesFormat.Instance, GeminiFormat.Instance];

    public static ConversationFormat Of(WireFormat format) => Formats.Single(f => f.Format == format);

    /// <summary>Models that requests of a format are written for here; the first is the one of the tables.</summary>
    public static TargetModel[] Targets(WireFormat format) => format switch
    {
        WireFormat.OpenAIChat => [new("gpt-5", "openai"), new("m", "openrouter"), new("m", "deepseek"), new("m", "groq"), new("gpt-4o", "openai") { Reasons = false }],
        WireFormat.AnthropicMessages =>
        [
            new("claude-sonnet-4-5", "anthropic") { MaxOutput = 64_000 }, new("claude-opus-4-6", "anthropic"), new("claude-opus-4-7", "anthropic"), new("claude-3-haiku-20240307", "anthropic") { MaxOutput = 4096 },
        ],
        _ => [new("gemini-2.5-flash", "google") { MaxOutput = 65_536 }, new("gemini-3-pro-preview", "google"), new("gemini-2.5-pro", "google"), new("gemini-2.0-flash", "google")],
    };

    /// <summary>Translates a document; null if it is refused.</summary>
    /// <param name="d">The document.</param>
    /// <param name="to">The format it is written in.</param>
    /// <param name="target">The model a request is for; null: the first of <see cref="Targets"/>.</param>
    public static Translated? Try(Document d, WireFormat to, TargetModel? target = null) => d.Kind switch
    {
        DocumentKind.Request => Request(d) is { } request ? Write(request, to, target ?? Targets(to)[0]) : null,
        DocumentKind.Answer => Answer(d) is { } answer ? Write(answer, to) : null,
        _ => Events(d) is { } events ? Write(events, to) : null,
    };

    /// <summary>Translates a document that must be taken.</summary>
    public static Translated Make(Document d, WireFormat to, TargetModel? target = null) => Try(d, to, target).ShouldNotBeNull($"{d.Name} is refused");

    public static ConversationRequest? Request(Document d) =>
        Of(d.Format).TryReadRequest(Encoding.UTF8.GetBytes(d.Pieces[0]), out ConversationRequest? request, out _) ? request : null;

    public static Answer? Answer(Document d) =>
        Of(d.Format).TryReadAnswer(Encoding.UTF8.GetBytes(d.Pieces[0]), out Answer? answer, out _) ? answer : null;

    /// <summary>The events of a stream; null if one is malformed.</summary>
    public static List<StreamEvent>? Events(Document d)
    {
        IAnswerStreamReader reader = Of(d.Format).NewStreamReader();
        List<StreamEvent> events = [];
        foreach (string piece in d.Pieces)
        {
            if (reader.Read([], Encoding.UTF8.GetBytes(piece), events) is not null)
            {
                return null;
            }
        }

        reader.Close(events);
        return events;
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

    public static Translated Write(ConversationRequest request, WireFormat to, TargetModel target)
    {
        // As a call does it: the model is the deployment's; its own format keeps even the name.
        ArrayBufferWriter<byte> output = new();
        LossList losses = new();
        Of(to).WriteRequest(request.Model.Length == 0 || request.Native?.Format != to ? request with { Model = target.Model } : request, target, output, losses);
        return new Translated(Encoding.UTF8.GetString(output.WrittenSpan), losses);
    }

    public static Translated Write(Answer answer, WireFormat to)
    {
        ArrayBufferWriter<byte> output = new();
        LossList losses = new();
        Of(to).WriteAnswer(answer, Defaults, output, losses);
        return new Translated(Encoding.UTF8.GetString(output.WrittenSpan), losses);
    }

    public static Translated Write(IEnumerable<StreamEvent> events, WireFormat to)
    {
        ArrayBufferWriter<byte> output = new();
        LossList losses = new();
        using IAnswerStreamWriter writer = Of(to).NewStreamWriter(Defaults, losses);
        foreach (StreamEvent e in events)
        {
            writer.Write(e, output);
        }

        return new Translated(Encoding.UTF8.GetString(output.WrittenSpan), losses);
    }

    /// <summary>The data of a written stream's frames, as a document of the format.</summary>
    public static Document Frames(string written, WireFormat format) => new("frames", format, DocumentKind.Stream,
    [
        .. written.Split(format == WireFormat.Gemini ? "\r\n\r\n" : "\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(f => f[(f.IndexOf("data: ", StringComparison.Ordinal) + "data: ".Length)..]),
    ]);

    /// <summary>The document that was written.</summary>
    public Document As(Document d, WireFormat to) => d.Kind == DocumentKind.Stream ? Frames(Written, to) : new Document(d.Name, to, d.Kind, [Written]);

    public override string ToString() => string.Join("; ", Losses.Losses.Select(l => $"{l.Field} {l.Action}"));
}
