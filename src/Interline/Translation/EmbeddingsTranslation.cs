using System.Buffers;
using System.Globalization;
using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.Operations;
using Interline.Recovery;
using Interline.Upstream;

namespace Interline.Translation;

/// <summary>Embeddings in OpenAI's format from a provider of Gemini's.</summary>
internal sealed class EmbeddingsTranslation : AttemptTranslation
{
    private readonly EmbeddingsRequest _request;

    private EmbeddingsTranslation(EmbeddingsRequest request, Call call, string model)
    {
        _request = request;
        call.Losses = new LossList();
        var body = new ArrayBufferWriter<byte>(call.Body.Length + 256);
        GeminiEmbeddings.WriteRequest(request, model, body, call.Losses);
        Request(EmbeddingsLane.Instance, body.WrittenMemory);
    }

    /// <summary>Whether a call can be translated for a deployment of another format.</summary>
    /// <param name="lane">The caller's lane.</param>
    /// <param name="wire">The deployment's wire format.</param>
    public static new bool IsPossible(Lane lane, string wire) => lane == JsonOperationLane.Embeddings && wire == EmbeddingsLane.Instance.Wire;

    /// <summary>Translates a call's request.</summary>
    /// <param name="call">The call.</param>
    /// <param name="target">The deployment.</param>
    /// <param name="translation">The translation.</param>
    /// <returns>Null, or the 400 that says what is wrong with the caller's request.</returns>
    public static new ApiError? Make(Call call, Callable target, out AttemptTranslation? translation)
    {
        translation = null;
        if (!EmbeddingsRequest.TryRead(call.Body.Span, out EmbeddingsRequest? request, out ApiError? error))
        {
            return error;
        }

        request = WithDefaults(request, target.Deployment);
        translation = new EmbeddingsTranslation(request, call, target.Deployment.UpstreamModel);
        return null;
    }

    /// <inheritdoc />
    public override ApiError? Answer(ReadOnlySpan<byte> body, IBufferWriter<byte> output) =>
        GeminiEmbeddings.TryWriteAnswer(body, _request, output) ? null : new(ErrorKind.Malformed, 502, "The provider answered with something that is not a list of embeddings.");

    /// <inheritdoc />
    public override StreamTranslation? Stream(CarriedStream? carried) => null;

    /// <summary>Of a deployment's default parameters only one says something of an embedding.</summary>
    private static EmbeddingsRequest WithDefaults(EmbeddingsRequest request, Deployment deployment)
    {
        foreach ((string name, string json) in deployment.DefaultParameters)
        {
            if (name == "dimensions" && request.Dimensions is null && long.TryParse(json, NumberStyles.None, CultureInfo.InvariantCulture, out long dimensions))
            {
                return request with { Dimensions = dimensions };
            }
        }

        return request;
    }
}
