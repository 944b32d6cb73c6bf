using System.Text.Json;
using Interline.Core.Catalog;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Server.Endpoints;

/// <summary>The model list in the Gemini API's shape. Source: Google's API description, <c>models.list</c> and <c>Model</c>.</summary>
internal static class GeminiModels
{
    private const int UsualSize = 50;
    private const int LargestSize = 1000;

    /// <summary>The page that <c>pageSize</c> (usually 50, more than 1000 counts as 1000) and <c>pageToken</c> ask for.</summary>
    public static ApiError? Read(IQueryCollection query, List<(string Id, Deployment Deployment)> all, out ModelPage page)
    {
        page = default;
        if (ModelPage.ReadSize(query, "pageSize", UsualSize, out int size) is { } wrongSize)
        {
            return wrongSize;
        }

        // The token is the last model of the page before, so that a list that has grown meanwhile is still read whole.
        if (ModelPage.ReadPlace(all, query, "pageToken", out int last) is { } wrongToken)
        {
            return wrongToken;
        }

        page = ModelPage.After(all, last + 1, Math.Min(size, LargestSize));
        return null;
    }

    /// <summary>Writes a page.</summary>
    public static void WriteList(Utf8JsonWriter json, ModelPage page)
    {
        json.WriteStartObject();
        json.WriteStartArray("models"u8);
        foreach ((string id, Deployment deployment) in page.Models)
        {
            Write(json, id, deployment);
        }

        json.WriteEndArray();
        if (page.HasMore)
        {
            json.WriteString("nextPageToken"u8, page.Models[^1].Id);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a model.</summary>
    public static void Write(Utf8JsonWriter json, string id, Deployment deployment)
    {
        ModelInfo? known = deployment.Model;
        json.WriteStartObject();
        json.WriteString("name"u8, "models/" + id);
        json.WriteString("baseModelId"u8, id);

        // A required field, and of a model behind a gateway nothing that anybody knows.
        json.WriteString("version"u8, "unknown"u8);
        json.WriteString("displayName"u8, id);
        if (known?.ContextWindow is { } window)
        {
            json.WriteNumber("inputTokenLimit"u8, window);
        }

        if (known?.MaxOutput is { } output)
        {
            json.WriteNumber("outputTokenLimit"u8, output);
        }

        if (known is not null)
        {
            json.WriteBoolean("thinking"u8, known.Capabilities.HasFlag(ModelCapabilities.Reasoning));
        }

        json.WriteStartArray("supportedGenerationMethods"u8);
        if ((deployment.Mode ?? known?.Mode ?? "chat") is "chat" or "responses")
        {
            json.WriteStringValue("generateContent"u8);
            json.WriteStringValue("streamGenerateContent"u8);
            json.WriteStringValue("countTokens"u8);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
