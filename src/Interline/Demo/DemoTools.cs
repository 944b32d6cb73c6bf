using System.Text.Json;
using System.Text.Json.Nodes;

namespace Interline.Demo;

/// <summary>Tool calls of the demo provider: it calls the tool that is required or named, with arguments made up from its schema.</summary>
internal static class DemoTools
{
    /// <summary>The function to call; null to answer in words.</summary>
    public static JsonElement? Choose(JsonElement request, JsonElement last, string said)
    {
        if (!request.TryGetProperty("tools", out JsonElement tools) || tools.ValueKind != JsonValueKind.Array
            || (last.TryGetProperty("role", out JsonElement role) && role.ValueEquals("tool")))
        {
            return null;
        }

        bool required = false;
        string? named = null;
        if (request.TryGetProperty("tool_choice", out JsonElement choice))
        {
            if (choice.ValueKind == JsonValueKind.String && choice.ValueEquals("none"))
            {
                return null;
            }

            required = choice.ValueKind == JsonValueKind.String && choice.ValueEquals("required");
            named = choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("function", out JsonElement function) && function.TryGetProperty("name", out JsonElement name) ? name.GetString() : null;
        }

        foreach (JsonElement tool in tools.EnumerateArray())
        {
            if (tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty("function", out JsonElement function) && function.ValueKind == JsonValueKind.Object
                && function.TryGetProperty("name", out JsonElement name) && name.GetString() is { } known
                && (required || named == known || (named is null && said.Contains(known, StringComparison.OrdinalIgnoreCase))))
            {
                return function;
            }
        }

        return null;
    }

    /// <summary>Writes the call, with an index in streams.</summary>
    public static void Write(Utf8JsonWriter json, JsonElement function, int? index)
    {
        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        if (index is { } place)
        {
            json.WriteNumber("index", place);
        }

        json.WriteString("id", "call_demo");
        json.WriteString("type", "function");
        json.WriteStartObject("function");
        json.WriteString("name", function.GetProperty("name").GetString());
        JsonNode arguments = function.TryGetProperty("parameters", out JsonElement schema) ? Example(schema, 0) : new JsonObject();
        json.WriteString("arguments", arguments.ToJsonString());
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static JsonNode Example(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > 8)
        {
            return new JsonObject();
        }

        if (schema.TryGetProperty("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0)
        {
            return JsonNode.Parse(values[0].GetRawText()) ?? JsonValue.Create("");
        }

        string? type = schema.TryGetProperty("type", out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString() : "object";
        return type switch
        {
            "string" => JsonValue.Create("example"),
            "integer" or "number" => JsonValue.Create(1),
            "boolean" => JsonValue.Create(true),
            "array" => new JsonArray(),
            _ => Object(schema, depth),
        };
    }

    private static JsonObject Object(JsonElement schema, int depth)
    {
        var made = new JsonObject();
        if (schema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in properties.EnumerateObject())
            {
                made[property.Name] = Example(property.Value, depth + 1);
            }
        }

        return made;
    }
}
