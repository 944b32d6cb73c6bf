using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Makes JSON schemas ones that Anthropic takes.</summary>
internal static class SchemaFit
{
    private static readonly RawJson NoArguments = new("{\"type\":\"object\",\"properties\":{}}"u8);

    /// <summary>A form of answer must say of every object that it has no further properties.</summary>
    public static RawJson? Close(RawJson? schema, Writing writing, string path)
    {
        if (schema is not { } given)
        {
            return null;
        }

        ArrayBufferWriter<byte> buffer = new(given.Utf8.Length + 64);
        bool changed = false;
        try
        {
            using JsonDocument document = JsonDocument.Parse(given.Utf8.ToArray(), new JsonDocumentOptions { MaxDepth = JsonCursor.MaxDepth });
            using Utf8JsonWriter w = new(buffer, FormatWriting.Options);
            Close(w, document.RootElement, ref changed);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in a name: left for the provider to judge.
            return given;
        }

        if (!changed)
        {
            return given;
        }

        writing.Change(path, "Anthropic wants additionalProperties: false on every object");
        return new RawJson(buffer.WrittenSpan);
    }

    /// <summary>A tool's schema must be one of an object.</summary>
    public static RawJson OfTool(RawJson? schema, Writing writing, string path)
    {
        if (schema is not { } given || given.IsNull)
        {
            return NoArguments;
        }

        if (!given.IsObject)
        {
            writing.Change(path, "Anthropic takes the schema of an object");
            return NoArguments;
        }

        if (HasType(given))
        {
            // Of an object, or of something else and then for the provider to judge: any change would make another schema of it.
            return given;
        }

        writing.Change(path, "Anthropic wants type: object");
        ReadOnlySpan<byte> rest = given.Utf8[1..].TrimStart(" \t\r\n"u8);
        return new RawJson([.. "{\"type\":\"object\""u8, .. rest.StartsWith((byte)'}') ? ""u8 : ","u8, .. rest]);
    }

    private static bool HasType(RawJson schema)
    {
        try
        {
            JsonCursor json = new(schema.Utf8);
            json.Start();
            return json.Has("type"u8);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in a name.
            return true;
        }
    }

    /// <summary>Whether a type is an object's, alone or among others (<c>["object","null"]</c>).</summary>
    private static bool IsObject(JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.String => type.ValueEquals("object"u8),
        JsonValueKind.Array => type.EnumerateArray().Any(t => t.ValueKind == JsonValueKind.String && t.ValueEquals("object"u8)),
        _ => false,
    };

    private static void Close(Utf8JsonWriter w, JsonElement at, ref bool changed)
    {
        switch (at.ValueKind)
        {
            case JsonValueKind.Object:
                w.WriteStartObject();
                foreach (JsonProperty property in at.EnumerateObject())
                {
                    w.WritePropertyName(property.Name);
                    Close(w, property.Value, ref changed);
                }

                if (at.TryGetProperty("type", out JsonElement type) && IsObject(type) && !at.TryGetProperty("additionalProperties", out _))
                {
                    w.WriteBoolean("additionalProperties"u8, false);
                    changed = true;
                }

                w.WriteEndObject();
                break;
            case JsonValueKind.Array:
                w.WriteStartArray();
                foreach (JsonElement element in at.EnumerateArray())
                {
                    Close(w, element, ref changed);
                }

                w.WriteEndArray();
                break;
            default:
                w.WriteRawValue(at.GetRawText(), skipInputValidation: true);
                break;
        }
    }
}
