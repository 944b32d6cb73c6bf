using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Calls;
using Interline.Protocols.Errors;
using Interline.Server.Auth;
using Interline.Server.Endpoints;
using Interline.Server.Errors;
using Interline.Server.Pipeline;

namespace Interline.Server.Accounts;

/// <summary>A management request: who asks, and for what.</summary>
internal sealed class ManagementCall(HttpContext http, JsonElement body, string? parameter, string action)
{
    private const int LargestBody = 1 << 20;

    private static readonly ApiError NoUnicode = new(ErrorKind.BadRequest, 400, "The body holds text that is not valid Unicode: half a surrogate pair.");

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Who asks.</summary>
    public Principal Who { get; } = http.Principal();

    /// <summary>The body, an object; empty where there is none.</summary>
    public JsonElement Body => body;

    /// <summary>What the path's parameter matched.</summary>
    public string? Parameter => parameter;

    /// <summary>Path of the endpoint's row.</summary>
    public string Action => action;

    /// <summary>Cancelled when the client leaves.</summary>
    public CancellationToken Cancel => http.RequestAborted;

    /// <summary>A parameter of the query; null if absent or empty.</summary>
    public string? Query(string name) => http.Request.Query[name] is { Count: 1 } value && !string.IsNullOrEmpty(value[0]) ? value[0] : null;

    /// <summary>A whole number of the query within bounds; what is none counts as not given.</summary>
    public int QueryNumber(string name, int usual, int most) => int.TryParse(Query(name), out int number) && number >= 1 ? Math.Min(number, most) : usual;

    /// <summary>A text of the body; null if absent or none.</summary>
    public string? Text(string name) => body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A list of texts of the body; null if absent or none.</summary>
    public string[]? Texts(string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static x => x.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(static x => x.GetString()!)]
            : null;

    /// <summary>The same request with another body, for endpoints that take several at once.</summary>
    public ManagementCall With(JsonElement other) => new(http, other, parameter, action);

    /// <summary>A handler for the endpoint table.</summary>
    public static Func<HttpContext, string?, Task> Handler(string action, Func<ManagementCall, ValueTask<Answer>> handle) =>
        (http, parameter) => HandleAsync(http, parameter, action, handle);

    private static async Task HandleAsync(HttpContext http, string? parameter, string action, Func<ManagementCall, ValueTask<Answer>> handle)
    {
        (JsonDocument? document, ApiError? error) = HttpMethods.IsPost(http.Request.Method) ? await ReadAsync(http) : (null, null);
        using (document)
        {
            Answer answer = error is not null ? error : await handle(new ManagementCall(http, document?.RootElement ?? default, parameter, action));
            if (answer.Error is not null)
            {
                await ErrorResponse.WriteAsync(http, answer.Error);
                return;
            }

            // Answers may hold a key that is shown once: no cache keeps it.
            http.Response.Headers.CacheControl = "no-store";
            await JsonResponse.WriteAsync(http, json => Write(json, answer.Body));
        }
    }

    private static void Write(Utf8JsonWriter json, JsonNode? node)
    {
        if (node is null)
        {
            json.WriteNullValue();
        }
        else
        {
            node.WriteTo(json);
        }
    }

    private static async Task<(JsonDocument? Document, ApiError? Error)> ReadAsync(HttpContext http)
    {
        (PooledBody? read, ApiError? error) = await RequestBody.ReadAsync(http, LargestBody);
        if (error is not null)
        {
            return (null, error.Status == 413 ? error with { Message = "The body of a management request may have 1 MiB at most." } : error);
        }

        using PooledBody pooled = read!;
        if (pooled.Length == 0)
        {
            return (null, null);
        }

        try
        {
            var document = JsonDocument.Parse(pooled.Span.ToArray(), Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object && IsText(document.RootElement))
            {
                return (document, null);
            }

            bool isObject = document.RootElement.ValueKind == JsonValueKind.Object;
            document.Dispose();
            if (isObject)
            {
                return (null, NoUnicode);
            }

            return (null, new ApiError(ErrorKind.BadRequest, 400, "The body must be a JSON object."));
        }
        catch (JsonException e)
        {
            return (null, new ApiError(ErrorKind.BadRequest, 400, $"The body is not a JSON object whose names occur once (line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1})."));
        }
        catch (InvalidOperationException)
        {
            // The parser's way to say that a name it had to decode, to see whether it occurs once, is no Unicode.
            return (null, NoUnicode);
        }
    }

    /// <summary>Whether every text in it can be decoded. What cannot would be kept and fail whoever reads it.</summary>
    private static bool IsText(JsonElement at)
    {
        try
        {
            return at.ValueKind switch
            {
                JsonValueKind.Object => at.EnumerateObject().All(static x => x.Name is not null && IsText(x.Value)),
                JsonValueKind.Array => at.EnumerateArray().All(IsText),
                JsonValueKind.String => at.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
