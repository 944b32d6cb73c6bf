using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.Operations;

/// <summary>Byte lane of <c>POST /v1/audio/transcriptions</c> and <c>/v1/audio/translations</c>: a multipart form whose <c>model</c> field is found and spliced.</summary>
public sealed class TranscriptionLane : OpenAILane
{
    private TranscriptionLane(string name, string path)
    {
        Name = name;
        UpstreamPath = path;
    }

    /// <summary>Speech to text.</summary>
    public static TranscriptionLane Transcriptions { get; } = new("openai.transcriptions", "/audio/transcriptions");

    /// <summary>Speech to English text.</summary>
    public static TranscriptionLane Translations { get; } = new("openai.translations", "/audio/translations");

    /// <inheritdoc />
    public override string Name { get; }

    /// <inheritdoc />
    public override string UpstreamPath { get; }

    /// <summary>Answers are JSON only with some values of <c>response_format</c>.</summary>
    public override bool AnswersJson => false;

    /// <inheritdoc />
    public override bool Sniffs(string? contentType) => contentType is not null && contentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc />
    public override ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts) =>
        MultipartPeek.Read(body, contentType, out facts);

    /// <inheritdoc />
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body)
    {
        (Usage? usage, Units? units) = UnitsReader.Transcript(body);
        return new AnswerFacts { Valid = true, Usage = usage, Units = units };
    }

    /// <inheritdoc />
    public override StreamSniffer NewStreamSniffer() => new EventSniffer();
}
