using System.Text.Json;

namespace Interline.Protocols.ByteLane;

/// <summary>How much a model wrote in a plain answer whose usage nobody states. Looked at only then, so it reads any format's answer by the same rules.</summary>
public static class WrittenText
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    /// <summary>Bytes of the texts in an answer, as they stand in its JSON.</summary>
    /// <param name="answer">A whole answer; what is no JSON counts as far as it is.</param>
    /// <returns>At least 0. Ids, words of the format and data in base64 are left out.</returns>
    public static long Bytes(ReadOnlySpan<byte> answer)
    {
        var reader = new Utf8JsonReader(answer, Options);
        long bytes = 0;
        try
        {
            bool counts = false;
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName when reader.CurrentDepth == 1 && !IsAnswer(ref reader):
                        reader.Read();
                        reader.Skip();
                        break;
                    case JsonTokenType.PropertyName when IsData(ref reader):
                        reader.Read();
                        reader.Skip();
                        break;
                    case JsonTokenType.PropertyName:
                        counts = !IsFormat(ref reader);
                        break;
                    case JsonTokenType.String:
                        bytes += counts ? reader.ValueSpan.Length : 0;
                        break;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What came so far is what is known.
        }

        return bytes;
    }

    /// <summary>Where the formats keep their answers: OpenAI's chat, Anthropic's, Gemini's, OpenAI's Responses, a transcript's.</summary>
    private static bool IsAnswer(ref Utf8JsonReader reader) =>
        reader.Is("choices"u8) || reader.Is("content"u8) || reader.Is("candidates"u8) || reader.Is("output"u8) || reader.Is("text"u8);

    private static bool IsData(ref Utf8JsonReader reader) =>
        reader.Is("data"u8) || reader.Is("inlineData"u8) || reader.Is("b64_json"u8) || reader.Is("signature"u8) || reader.Is("thoughtSignature"u8)
        || reader.Is("encrypted_content"u8) || reader.Is("logprobs"u8) || reader.Is("annotations"u8) || reader.Is("safetyRatings"u8);

    private static bool IsFormat(ref Utf8JsonReader reader) =>
        reader.Is("id"u8) || reader.Is("type"u8) || reader.Is("role"u8) || reader.Is("finish_reason"u8) || reader.Is("finishReason"u8) || reader.Is("status"u8)
        || reader.Is("call_id"u8) || reader.Is("object"u8);
}
