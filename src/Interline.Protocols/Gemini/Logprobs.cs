using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Probabilities of tokens: here <c>logprobsResult{chosenCandidates[], topCandidates[].candidates[]}</c>, two lists side by side, in the model as OpenAI Chat has them.
/// Source: Google's API description, <c>LogprobsResult</c>.
/// </summary>
internal static class Logprobs
{
    private static readonly SaidPaths Said = new(
        "chosenCandidates[].token", "chosenCandidates[].logProbability", "topCandidates[].candidates[].token", "topCandidates[].candidates[].logProbability");

    /// <summary>The bytes say the token once more.</summary>
    private static readonly SaidPaths Sayable = new(
        "content[].token", "content[].logprob", "content[].bytes", "content[].topLogprobs[].token", "content[].topLogprobs[].logprob", "content[].topLogprobs[].bytes");

    /// <summary>The paths of OpenAI's object that this format cannot say.</summary>
    public static IReadOnlyList<string> Unread(RawJson logprobs) => Sayable.Unread(logprobs);

    /// <summary>Keeps the object at the cursor, and says what it says.</summary>
    public static RawJson? Keep(ref JsonCursor json, NativeFields native)
    {
        string name = json.NameText;
        RawJson raw = json.Raw();
        RawJson? read = Read(raw);
        if (read is null)
        {
            native.Add(new NativeField(name, raw));
        }
        else
        {
            native.KeepWhole(name, raw, Said);
        }

        return read;
    }

    /// <summary>Writes <c>logprobsResult</c>; false if there is no list of tokens, and then nothing is written.</summary>
    public static bool Write(Utf8JsonWriter w, RawJson logprobs)
    {
        using JsonDocument document = JsonDocument.Parse(logprobs.Utf8.ToArray(), new JsonDocumentOptions { MaxDepth = JsonCursor.MaxDepth });
        JsonElement tokens = Get(document.RootElement, "content");
        if (tokens.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        w.WriteStartObject("logprobsResult"u8);
        w.WriteStartArray("chosenCandidates"u8);
        foreach (JsonElement token in tokens.EnumerateArray())
        {
            WriteToken(w, token, "logprob", "logProbability");
        }

        w.WriteEndArray();
        w.WriteStartArray("topCandidates"u8);
        foreach (JsonElement token in tokens.EnumerateArray())
        {
            w.WriteStartObject();
            w.WriteStartArray("candidates"u8);
            foreach (JsonElement top in Items(token, "top_logprobs"))
            {
                WriteToken(w, top, "logprob", "logProbability");
            }

            w.WriteEndArray();
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
        return true;
    }

    private static RawJson? Read(RawJson result)
    {
        using JsonDocument document = JsonDocument.Parse(result.Utf8.ToArray(), new JsonDocumentOptions { MaxDepth = JsonCursor.MaxDepth });
        List<JsonElement> tops = [];
        foreach (JsonElement top in Items(document.RootElement, "topCandidates"))
        {
            tops.Add(top);
        }

        if (Get(document.RootElement, "chosenCandidates").ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter w = new(buffer, FormatWriting.Options))
        {
            w.WriteStartObject();
            w.WriteStartArray("content"u8);
            int place = 0;
            foreach (JsonElement chosen in Items(document.RootElement, "chosenCandidates"))
            {
                w.WriteStartObject();
                WriteFields(w, chosen, "logProbability", "logprob");
                w.WriteNull("bytes"u8);
                w.WriteStartArray("top_logprobs"u8);
                foreach (JsonElement top in place < tops.Count ? Items(tops[place], "candidates") : default)
                {
                    w.WriteStartObject();
                    WriteFields(w, top, "logProbability", "logprob");
                    w.WriteNull("bytes"u8);
                    w.WriteEndObject();
                }

                w.WriteEndArray();
                w.WriteEndObject();
                place++;
            }

            w.WriteEndArray();
            w.WriteEndObject();
        }

        return new RawJson(buffer.WrittenSpan);
    }

    private static void WriteToken(Utf8JsonWriter w, JsonElement token, string from, string to)
    {
        w.WriteStartObject();
        WriteFields(w, token, from, to);
        w.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter w, JsonElement token, string from, string to)
    {
        w.WritePropertyName("token"u8);
        JsonElement text = Get(token, "token");
        w.WriteRawValue(text.ValueKind == JsonValueKind.String ? text.GetRawText() : "\"\"", skipInputValidation: true);
        w.WritePropertyName(to);
        JsonElement number = Get(token, from);
        w.WriteRawValue(number.ValueKind == JsonValueKind.Number ? number.GetRawText() : "0", skipInputValidation: true);
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement at, string name) =>
        Get(at, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : default;

    private static JsonElement Get(JsonElement at, string name) => at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out JsonElement value) ? value : default;
}
