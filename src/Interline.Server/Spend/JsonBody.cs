using System.Text.Json;
using Interline.Calls;
using Interline.Protocols.Errors;
using Interline.Server.Pipeline;
using Microsoft.Extensions.Primitives;

namespace Interline.Server.Spend;

/// <summary>Reads a small JSON object of a request.</summary>
internal static class JsonBody
{
    /// <summary>Largest body taken, in bytes.</summary>
    private const int Most = 16 << 20;

    /// <summary>Reads the object; an empty body is an empty one.</summary>
    public static async Task<(JsonElement Body, ApiError? Error)> ReadAsync(HttpContext http)
    {
        (PooledBody? read, ApiError? error) = await RequestBody.ReadAsync(http, Most);
        if (read is null)
        {
            return (Empty(), error);
        }

        using PooledBody body = read;
        if (body.Length == 0)
        {
            return (Empty(), null);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body.Memory);
            return document.RootElement.ValueKind == JsonValueKind.Object ? (document.RootElement.Clone(), null) : (Empty(), Wrong("is not a JSON object"));
        }
        catch (JsonException e)
        {
            return (Empty(), Wrong($"is not valid JSON (line {e.LineNumber + 1})"));
        }
    }

    /// <summary>Texts of an object as if they stood in a query, so that they are read and refused alike.</summary>
    /// <param name="body">The object.</param>
    /// <param name="names">Field, and the parameter it is read as.</param>
    public static IQueryCollection AsQuery(JsonElement body, params ReadOnlySpan<(string Field, string Parameter)> names)
    {
        var texts = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach ((string field, string parameter) in names)
        {
            if (body.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                texts[parameter] = value.ToString();
            }
        }

        return new QueryCollection(texts);
    }

    private static JsonElement Empty() => JsonElement.Parse("{}");

    private static ApiError Wrong(string what) => new(ErrorKind.BadRequest, 400, $"The request body {what}.");
}
