using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Operations;

/// <summary>An operation of OpenAI's API that takes a JSON object and is no conversation: one required property in, one JSON document out.</summary>
public sealed class JsonOperationLane : OpenAILane
{
    private readonly string _name;
    private readonly string _path;
    private readonly string _required;
    private readonly byte[] _answerProperty;
    private readonly bool _answersJson;

    private JsonOperationLane(string name, string path, string required, string answerProperty, bool answersJson = true)
    {
        _name = name;
        _path = path;
        _required = required;
        _answerProperty = System.Text.Encoding.UTF8.GetBytes(answerProperty);
        _answersJson = answersJson;
    }

    /// <summary><c>POST /v1/embeddings</c>.</summary>
    public static JsonOperationLane Embeddings { get; } = new("openai.embeddings", "/embeddings", "input", "data");

    /// <summary><c>POST /v1/images/generations</c>.</summary>
    public static JsonOperationLane Images { get; } = new("openai.images", "/images/generations", "prompt", "data");

    /// <summary><c>POST /v1/moderations</c>.</summary>
    public static JsonOperationLane Moderations { get; } = new("openai.moderations", "/moderations", "input", "results");

    /// <summary><c>POST /v1/audio/speech</c>: answers with sound, which passes unread.</summary>
    public static JsonOperationLane Speech { get; } = new("openai.speech", "/audio/speech", "input", "", answersJson: false);

    /// <inheritdoc />
    public override string Name => _name;

    /// <inheritdoc />
    public override string UpstreamPath => _path;

    /// <inheritdoc />
    public override bool AnswersJson => _answersJson;

    /// <inheritdoc />
    public override ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts) =>
        JsonPeek.Read(body, _required, objects: false, out facts);

    /// <inheritdoc />
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body)
    {
        AnswerFacts facts = ChatSniffer.Answer(body, _answerProperty);
        return this == Images && facts is { Valid: true, Error: null } ? OfImages(facts, body) : facts;
    }

    /// <inheritdoc />
    public override StreamSniffer NewStreamSniffer() => new EventSniffer();

    /// <inheritdoc />
    public override Units? Measure(ReadOnlySpan<byte> request, Units? answer) =>
        this == Speech ? UnitsReader.Speech(request)
        : this == Images && answer is { Images: > 0 } ? UnitsReader.ImageLook(request, answer)
        : answer;

    /// <summary>What such a model writes is images: their tokens stand in <c>output_tokens</c> without a word of what they are.</summary>
    private static AnswerFacts OfImages(AnswerFacts facts, ReadOnlySpan<byte> body) => facts with
    {
        Units = UnitsReader.Images(body),
        Usage = facts.Usage is { } usage ? usage with { Output = 0, OutputImage = usage.OutputImage + usage.Output } : null,
    };
}
