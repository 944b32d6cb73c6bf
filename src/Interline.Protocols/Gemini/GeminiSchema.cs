using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Google's dialect of schemas (<c>parameters</c>, <c>responseSchema</c>): upper-case types, <c>nullable</c>, counts as strings. To Google JSON schemas are sent
/// as they are (<c>parametersJsonSchema</c>, <c>responseJsonSchema</c>), so only the way from it is needed. Source: Google's API description, <c>Schema</c>.
/// </summary>
public static class GeminiSchema
{
    /// <summary>The schema as a JSON schema: types in lower case, <c>nullable</c> as a type, counts as numbers. What is unknown stays.</summary>
    /// <param name="schema">An object of Google's dialect, or a JSON schema, which does not change.</param>
    public static RawJson ToJsonSchema(RawJson schema)
    {
        ArrayBufferWriter<byte> buffer = new(schema.Utf8.Length + 64);
        using (Utf8JsonWriter w = new(buffer, FormatWriting.Options))
        {
            JsonCursor json = new(schema.Utf8);
            json.Start();
            Schema(ref json, w);
        }

        return new RawJson(buffer.WrittenSpan);
    }

    private static void Schema(ref JsonCursor json, Utf8JsonWriter w)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            json.Raw().WriteTo(w);
            return;
        }

        bool nullable = json.Truth("nullable"u8);
        bool typed = json.Has("type"u8);
        w.WriteStartObject();
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject();
        while (json.NextField())
        {
            ReadOnlySpan<char> name = GeminiNames.Camel(json.Name, buffer);
            switch (name)
            {
                case "nullable" when json.Type is JsonTokenType.True or JsonTokenType.False:
                    break;
                case "type" when json.Type == JsonTokenType.String:
                    Type(json.Text(), nullable, w);
                    break;
                case "properties" or "$defs" or "defs" when json.Type == JsonTokenType.StartObject:
                    w.WritePropertyName(json.NameText);
                    Map(ref json, w);
                    break;
                case "items":
                    w.WritePropertyName(name);
                    Schema(ref json, w);
                    break;
                case "anyOf" or "prefixItems" when json.Type == JsonTokenType.StartArray:
                    w.WritePropertyName(name);
                    List(ref json, w, nullable && !typed && name is "anyOf");
                    break;
                case "minItems" or "maxItems" or "minLength" or "maxLength" or "minProperties" or "maxProperties" when json.Type == JsonTokenType.String && long.TryParse(json.Text(), out long count):
                    w.WriteNumber(name, count);
                    break;
                default:
                    w.WritePropertyName(json.NameText);
                    json.Raw().WriteTo(w);
                    break;
            }
        }

        w.WriteEndObject();
    }

    private static void Type(string type, bool nullable, Utf8JsonWriter w)
    {
        string lower = type is "STRING" or "NUMBER" or "INTEGER" or "BOOLEAN" or "ARRAY" or "OBJECT" or "NULL" ? type.ToLowerInvariant() : type;
        if (lower is "TYPE_UNSPECIFIED")
        {
            return;
        }

        if (!nullable)
        {
            w.WriteString("type"u8, lower);
            return;
        }

        w.WriteStartArray("type"u8);
        w.WriteStringValue(lower);
        w.WriteStringValue("null"u8);
        w.WriteEndArray();
    }

    private static void Map(ref JsonCursor json, Utf8JsonWriter w)
    {
        w.WriteStartObject();
        json.EnterObject();
        while (json.NextField())
        {
            w.WritePropertyName(json.NameText);
            Schema(ref json, w);
        }

        w.WriteEndObject();
    }

    private static void List(ref JsonCursor json, Utf8JsonWriter w, bool orNull)
    {
        w.WriteStartArray();
        json.EnterArray();
        while (json.NextElement())
        {
            Schema(ref json, w);
        }

        if (orNull)
        {
            w.WriteStartObject();
            w.WriteString("type"u8, "null"u8);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }
}
