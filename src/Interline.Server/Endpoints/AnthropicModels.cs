using System.Text.Json;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Server.Endpoints;

/// <summary>The model list in Anthropic's shape. Source: Anthropic's API description, <c>GET /v1/models</c> and <c>ModelInfo</c>.</summary>
internal static class AnthropicModels
{
    private const int UsualSize = 20;
    private const int LargestSize = 1000;

    /// <summary>The page that <c>limit</c> (1 to 1000, usually 20) and <c>after_id</c> or <c>before_id</c> ask for.</summary>
    public static ApiError? Read(IQueryCollection query, List<(string Id, Deployment Deployment)> all, out ModelPage page)
    {
        page = default;
        if (ModelPage.ReadSize(query, "limit", UsualSize, out int size) is { } wrongSize)
        {
            return wrongSize;
        }

        if (size > LargestSize)
        {
            return new(ErrorKind.BadRequest, 400, $"limit: at most {LargestSize} models are listed at once.") { Param = "limit" };
        }

        if (ModelPage.ReadPlace(all, query, "after_id", out int after) is { } wrongAfter)
        {
            return wrongAfter;
        }

        if (ModelPage.ReadPlace(all, query, "before_id", out int before) is { } wrongBefore)
        {
            return wrongBefore;
        }

        if (after >= 0 && before >= 0)
        {
            return new(ErrorKind.BadRequest, 400, "before_id: give after_id or before_id, not both.") { Param = "before_id" };
        }

        page = before >= 0 ? ModelPage.Before(all, before, size) : ModelPage.After(all, after + 1, size);
        return null;
    }

    /// <summary>Writes a page.</summary>
    public static void WriteList(Utf8JsonWriter json, ModelPage page)
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach ((string id, Deployment deployment) in page.Models)
        {
            Write(json, id, deployment);
        }

        json.WriteEndArray();
        json.WriteBoolean("has_more"u8, page.HasMore);
        json.WriteString("first_id"u8, page.Models.Count > 0 ? page.Models[0].Id : null);
        json.WriteString("last_id"u8, page.Models.Count > 0 ? page.Models[^1].Id : null);
        json.WriteEndObject();
    }

    /// <summary>Writes a model. Its release date is not known, which the API says by the epoch.</summary>
    public static void Write(Utf8JsonWriter json, string id, Deployment deployment)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "model"u8);
        json.WriteString("id"u8, id);
        json.WriteString("display_name"u8, id);
        json.WriteString("created_at"u8, "1970-01-01T00:00:00Z"u8);
        WriteCount(json, "max_input_tokens"u8, deployment.Model?.ContextWindow);
        WriteCount(json, "max_tokens"u8, deployment.Model?.MaxOutput);
        json.WriteNull("capabilities"u8);
        json.WriteEndObject();
    }

    private static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? count)
    {
        if (count is { } known)
        {
            json.WriteNumber(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
