using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Reads a request of generateContent, in camel or snake case. The model and whether a stream is wanted stand in the address. Nothing is lost:
/// what the model of conversations has no place for is kept as native fields. Source: Google's API description, <c>GenerateContentRequest</c>.
/// </summary>
public static class RequestReader
{
    /// <summary>Reads <paramref name="body"/>.</summary>
    /// <param name="body">UTF-8 JSON, nested at most 128 levels; larger bodies than the caller wants are the caller's to refuse.</param>
    /// <param name="request">The request.</param>
    /// <param name="error">What is wrong with it: where (<see cref="ApiError.Param"/>), what was expected.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error)
    {
        request = JsonDoor.Open(body, Read, out error);
        return request is not null;
    }

    /// <summary>Reads the request at the cursor.</summary>
    internal static ConversationRequest Read(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.Gemini);
        ConversationRequest request = new("", []) { Native = native };
        bool given = false;
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject("an object with 'contents'");
        while (json.NextField())
        {
            if (json.IsNull && json.Name is not "contents")
            {
                native.KeepNull(ref json);
                continue;
            }

            switch (GeminiNames.Camel(json.Name, buffer))
            {
                case "contents":
                    request = request with { Messages = ContentReader.ReadAll(ref json, native) };
                    given = true;
                    break;
                case "systemInstruction":
                    request = request with { Instructions = ContentReader.ReadInstruction(ref json, native) };
                    break;
                case "tools":
                    request = request with { Tools = ToolReader.ReadTools(ref json, native) };
                    break;
                case "toolConfig":
                    request = request with { ToolChoice = ToolReader.ReadChoice(ref json, native) };
                    break;
                case "generationConfig":
                    request = SettingsReader.Read(ref json, request, native);
                    break;
                case "serviceTier" when json.Type == JsonTokenType.String:
                    request = request with { ServiceTier = GeminiUsage.TierOf(json.Text()) };
                    native.Keep(ref json, understood: true);
                    break;
                case "model" when json.Type == JsonTokenType.String:
                    string model = json.Text();
                    request = request with { Model = model.StartsWith("models/", StringComparison.Ordinal) ? model["models/".Length..] : model };
                    native.Keep(ref json, understood: true);
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return given ? request : throw new ShapeException("contents", "'contents' is required: an array with at least one content.");
    }
}
