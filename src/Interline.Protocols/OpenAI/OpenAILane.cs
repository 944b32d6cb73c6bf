using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;

namespace Interline.Protocols.OpenAI;

/// <summary>What all of OpenAI's endpoints share on the byte lane: the error envelope.</summary>
public abstract class OpenAILane : Lane
{
    /// <inheritdoc />
    public override string Wire => "openai";

    /// <inheritdoc />
    public override UpstreamError ReadError(int status, ReadOnlySpan<byte> body) => ErrorBody.Read(status, body);

    /// <inheritdoc />
    public override byte[] WriteError(ApiError error) => ErrorBody.Write(error);

    /// <inheritdoc />
    public override byte[] WriteErrorEvent(ApiError error) => [.. "data: "u8, .. ErrorBody.Write(error), .. "\n\n"u8];
}
