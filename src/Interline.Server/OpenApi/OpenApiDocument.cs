using System.Text.Json;
using Interline.Accounts;
using Interline.Server.Auth;
using Interline.Server.Endpoints;

namespace Interline.Server.OpenApi;

/// <summary>The OpenAPI 3.1 document, written from the endpoint table, so that no path can be missing or wrong in it.</summary>
internal static class OpenApiDocument
{
    public static Task WriteAsync(HttpContext http, EndpointTable table) => JsonResponse.WriteAsync(http, json =>
    {
        json.WriteStartObject();
        json.WriteString("openapi"u8, "3.1.0"u8);
        json.WriteStartObject("info"u8);
        json.WriteString("title"u8, "Interline"u8);
        json.WriteString("version"u8, Gateway.Version);
        json.WriteString("description"u8, "One API in front of every LLM provider. Calls to models take and give the bytes of OpenAI's API; its own reference describes the bodies."u8);
        json.WriteEndObject();
        json.WriteStartObject("paths"u8);
        foreach (IGrouping<string, Endpoint> path in table.Rows.GroupBy(x => x.Path, StringComparer.Ordinal))
        {
            json.WriteStartObject(path.Key);
            foreach (Endpoint endpoint in path)
            {
                Operation(json, endpoint);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        Components(json);
        json.WriteEndObject();
    });

    private static void Operation(Utf8JsonWriter json, Endpoint endpoint)
    {
        json.WriteStartObject(endpoint.Method.ToLowerInvariant());
        json.WriteString("operationId"u8, OperationId(endpoint));
        json.WriteString("summary"u8, endpoint.Summary);
        json.WriteStartArray("tags"u8);
        json.WriteStringValue(endpoint.Tag);
        json.WriteEndArray();
        json.WriteStartArray("security"u8);
        if (endpoint.Role != Role.Anonymous)
        {
            foreach (string scheme in (ReadOnlySpan<string>)["bearer", "x-api-key", "api-key", "x-goog-api-key"])
            {
                json.WriteStartObject();
                json.WriteStartArray(scheme);
                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        Parameter(json, endpoint);
        if (endpoint.Method == "POST")
        {
            json.WriteStartObject("requestBody"u8);
            json.WriteBoolean("required"u8, true);
            Content(json, endpoint.Lane?.Name.StartsWith("openai.trans", StringComparison.Ordinal) == true ? "multipart/form-data" : "application/json", "{\"type\":\"object\"}");
            json.WriteEndObject();
        }
        else if (endpoint.Method == "POST")
        {
            json.WriteStartObject("requestBody"u8);
            Content(json, "application/json", "{\"type\":\"object\"}");
            json.WriteEndObject();
        }

        Responses(json, endpoint);
        json.WriteEndObject();
    }

    private static string OperationId(Endpoint endpoint) =>
        endpoint.Method.ToLowerInvariant() + string.Concat(endpoint.Path.Split(['/', '{', '}', '_', '.', '-'], StringSplitOptions.RemoveEmptyEntries).Select(x => char.ToUpperInvariant(x[0]) + x[1..]));

    private static void Parameter(Utf8JsonWriter json, Endpoint endpoint)
    {
        int open = endpoint.Path.IndexOf('{', StringComparison.Ordinal);
        if (open < 0)
        {
            return;
        }

        json.WriteStartArray("parameters"u8);
        json.WriteStartObject();
        json.WriteString("name"u8, endpoint.Path[(open + 1)..endpoint.Path.IndexOf('}', StringComparison.Ordinal)]);
        json.WriteString("in"u8, "path"u8);
        json.WriteBoolean("required"u8, true);
        json.WritePropertyName("schema"u8);
        json.WriteRawValue("{\"type\":\"string\"}"u8);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void Responses(Utf8JsonWriter json, Endpoint endpoint)
    {
        json.WriteStartObject("responses"u8);
        json.WriteStartObject("200"u8);
        json.WriteString("description"u8, endpoint.Lane is null ? "The answer."u8 : "The provider's answer; an event stream where the request has `stream: true`."u8);
        if (endpoint.Path != "/metrics")
        {
            Content(json, "application/json", "{}");
        }

        json.WriteEndObject();
        if (endpoint.Role != Role.Anonymous)
        {
            json.WriteStartObject("default"u8);
            json.WriteString("description"u8, "An error, with the provider's own text where a provider gave it."u8);
            Content(json, "application/json", "{\"$ref\":\"#/components/schemas/Error\"}");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Content(Utf8JsonWriter json, string type, string schema)
    {
        json.WriteStartObject("content"u8);
        json.WriteStartObject(type);
        json.WritePropertyName("schema"u8);
        json.WriteRawValue(schema);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Components(Utf8JsonWriter json)
    {
        json.WritePropertyName("components"u8);
        json.WriteRawValue("""
            {"securitySchemes":{
              "bearer":{"type":"http","scheme":"bearer"},
              "x-api-key":{"type":"apiKey","in":"header","name":"x-api-key"},
              "api-key":{"type":"apiKey","in":"header","name":"api-key"},
              "x-goog-api-key":{"type":"apiKey","in":"header","name":"x-goog-api-key"}},
             "schemas":{"Error":{"type":"object","required":["error"],"properties":{"error":{"type":"object","required":["message","type"],"properties":{
              "message":{"type":"string"},"type":{"type":["string","null"]},"param":{"type":["string","null"]},"code":{"type":["string","integer","null"]}}}}}}}
            """);
    }
}
