using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>
/// The sources of an answer: <c>groundingMetadata</c> (pages and documents, and which stretches of the text they support) and <c>citationMetadata</c>.
/// Stretches are counted in bytes of UTF-8 from the start of their part. Source: Google's API description, <c>GroundingMetadata</c>, <c>Segment</c>, <c>CitationSource</c>.
/// </summary>
internal static class Grounding
{
    private static readonly SaidPaths Said = new(
        "groundingChunks[].web.uri", "groundingChunks[].web.title", "groundingChunks[].maps.uri", "groundingChunks[].maps.title",
        "groundingChunks[].retrievedContext.uri", "groundingChunks[].retrievedContext.title", "groundingChunks[].retrievedContext.text",
        "groundingSupports[].segment.startIndex", "groundingSupports[].segment.endIndex", "groundingSupports[].segment.partIndex", "groundingSupports[].segment.text",
        "groundingSupports[].groundingChunkIndices");

    private static readonly SaidPaths CitationSaid = new(
        "citationSources[].startIndex", "citationSources[].endIndex", "citationSources[].uri", "citationSources[].title",
        "citations[].startIndex", "citations[].endIndex", "citations[].uri", "citations[].title");

    /// <summary>One source of one stretch: the part it is of, -1 if not said, and its bytes.</summary>
    public readonly record struct Source(int Part, int From, int To, Citation Citation);

    /// <summary>Keeps the object at the cursor; understood if it says what supports which text.</summary>
    public static void Keep(ref JsonCursor json, NativeFields native)
    {
        string name = json.NameText;
        RawJson raw = json.Raw();
        bool grounding = GeminiNames.Camel(name) is "groundingMetadata";
        if (Read(grounding, raw).Count == 0)
        {
            native.Add(new NativeField(name, raw));
        }
        else
        {
            IReadOnlyList<string> unread = (grounding ? Said : CitationSaid).Unread(raw);
            native.Add(new NativeField(name, raw, Understood: true) { Unread = grounding ? [.. unread, .. Unused(raw)] : unread });
        }
    }

    /// <summary>The paths of sources that support no stretch of the text.</summary>
    private static List<string> Unused(RawJson raw)
    {
        using JsonDocument document = JsonDocument.Parse(raw.Utf8.ToArray(), new JsonDocumentOptions { MaxDepth = JsonCursor.MaxDepth });
        JsonElement root = document.RootElement;
        HashSet<int> used = [];
        foreach (JsonElement support in Items(root, "groundingSupports", "grounding_supports"))
        {
            foreach (JsonElement index in Items(support, "groundingChunkIndices", "grounding_chunk_indices"))
            {
                used.Add(index.ValueKind == JsonValueKind.Number && index.TryGetInt32(out int at) ? at : -1);
            }
        }

        string list = root.TryGetProperty("grounding_chunks", out _) ? "grounding_chunks" : "groundingChunks";
        int chunks = Items(root, "groundingChunks", "grounding_chunks").Count();
        return [.. Enumerable.Range(0, chunks).Where(i => !used.Contains(i)).Select(i => $"{list}[{i}]")];
    }

    /// <summary>Puts the sources of a whole answer to their texts.</summary>
    public static Choice Attach(Choice choice)
    {
        List<Source> sources = Of(choice.Native);
        if (sources.Count == 0)
        {
            return choice;
        }

        List<Part> parts = [.. choice.Message.Parts];
        foreach (Source source in sources)
        {
            int at = PartOf(source, parts);
            if (at >= 0)
            {
                TextPart text = (TextPart)parts[at];
                parts[at] = text with { Citations = [.. text.Citations, Placed(source, text.Text)] };
            }
        }

        return choice with { Message = choice.Message with { Parts = parts } };
    }

    /// <summary>The sources that a candidate's kept fields name.</summary>
    public static List<Source> Of(NativeFields? native)
    {
        List<Source> sources = [];
        for (int i = 0; i < (native?.Count ?? 0); i++)
        {
            if (GeminiNames.Camel(native![i].Name) is "groundingMetadata" or "citationMetadata" && native[i].Value.IsObject)
            {
                sources.AddRange(Read(GeminiNames.Camel(native[i].Name) is "groundingMetadata", native[i].Value));
            }
        }

        return sources;
    }

    /// <summary>The source with its stretch in characters of a text; without one if the text is too short for it.</summary>
    public static Citation Placed(Source source, string text)
    {
        int from = Character(text, source.From);
        int to = Character(text, source.To);
        return from < 0 || to < from ? source.Citation : source.Citation with { Start = from, End = to };
    }

    /// <summary>The number of bytes of a text's first characters.</summary>
    public static int Bytes(string text, int characters) => Encoding.UTF8.GetByteCount(text.AsSpan(0, Math.Clamp(characters, 0, text.Length)));

    /// <summary>The first text that is long enough, or the one that is named.</summary>
    private static int PartOf(Source source, List<Part> parts)
    {
        if (source.Part >= 0 && source.Part < parts.Count && parts[source.Part] is TextPart)
        {
            return source.Part;
        }

        int at = parts.FindIndex(p => p is TextPart text && Encoding.UTF8.GetByteCount(text.Text) >= source.To);
        return at >= 0 ? at : parts.FindIndex(p => p is TextPart);
    }

    private static int Character(string text, int bytes)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (count >= bytes)
            {
                return i;
            }

            char c = text[i];
            count += c < 0x80 ? 1 : c < 0x800 ? 2 : char.IsSurrogate(c) ? 2 : 3;
        }

        return count >= bytes ? text.Length : -1;
    }

    private static List<Source> Read(bool grounding, RawJson raw)
    {
        using JsonDocument document = JsonDocument.Parse(raw.Utf8.ToArray(), new JsonDocumentOptions { MaxDepth = JsonCursor.MaxDepth });
        JsonElement root = document.RootElement;
        List<Source> sources = [];
        if (!grounding)
        {
            foreach (JsonElement cited in Items(root, "citationSources", "citations"))
            {
                sources.Add(new Source(-1, Number(cited, "startIndex", "start_index") ?? 0, Number(cited, "endIndex", "end_index") ?? 0, OfSource(cited)));
            }

            return sources;
        }

        List<JsonElement> chunks = [.. (IEnumerable<JsonElement>)Items(root, "groundingChunks", "grounding_chunks")];
        foreach (JsonElement support in Items(root, "groundingSupports", "grounding_supports"))
        {
            JsonElement segment = Get(support, "segment", "segment");
            foreach (JsonElement index in Items(support, "groundingChunkIndices", "grounding_chunk_indices"))
            {
                if (index.ValueKind == JsonValueKind.Number && index.TryGetInt32(out int at) && at >= 0 && at < chunks.Count)
                {
                    int part = Number(segment, "partIndex", "part_index") ?? -1;
                    sources.Add(new Source(part, Number(segment, "startIndex", "start_index") ?? 0, Number(segment, "endIndex", "end_index") ?? 0, OfChunk(chunks[at])));
                }
            }
        }

        return sources;
    }

    private static Citation OfChunk(JsonElement chunk)
    {
        foreach (string kind in (ReadOnlySpan<string>)["web", "maps", "retrievedContext", "retrieved_context"])
        {
            if (Get(chunk, kind, kind) is { ValueKind: JsonValueKind.Object } source)
            {
                return OfSource(source) with { Json = new RawJson(chunk.GetRawText()), CitedText = Text(source, "text") };
            }
        }

        return OfSource(chunk);
    }

    private static Citation OfSource(JsonElement source) =>
        new() { Format = WireFormat.Gemini, Json = new RawJson(source.GetRawText()), Url = Text(source, "uri"), Title = Text(source, "title") };

    private static JsonElement.ArrayEnumerator Items(JsonElement at, string name, string other) =>
        Get(at, name, other) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : default;

    private static JsonElement Get(JsonElement at, string name, string other) =>
        at.ValueKind == JsonValueKind.Object && (at.TryGetProperty(name, out JsonElement value) || at.TryGetProperty(other, out value)) ? value : default;

    private static int? Number(JsonElement at, string name, string other) =>
        Get(at, name, other) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) ? value : null;

    private static string? Text(JsonElement at, string name) => Get(at, name, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
