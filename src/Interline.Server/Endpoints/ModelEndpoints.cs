using System.Globalization;
using System.Text.Json;
using Interline.Calls;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.Errors;
using Interline.Server.Errors;

namespace Interline.Server.Endpoints;

/// <summary>The model list in OpenAI's shape.</summary>
internal sealed class ModelEndpoints(Gateway gateway)
{
    public Task ListAsync(HttpContext http) => JsonResponse.WriteAsync(http, json =>
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach ((string id, Deployment deployment) in gateway.Models())
        {
            Write(json, id, deployment);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public Task GetAsync(HttpContext http, string? model)
    {
        if (gateway.Current.Resolve(model) is not { } group)
        {
            return ErrorResponse.WriteAsync(http, gateway.UnknownModel(model!));
        }

        return JsonResponse.WriteAsync(http, json => Write(json, model!, group.Group.Deployments[0]));
    }

    private void Write(Utf8JsonWriter json, string id, Deployment deployment)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, gateway.StartedAt.ToUnixTimeSeconds());
        json.WriteString("owned_by"u8, deployment.Provider.Id);
        if (deployment.Model is { } known)
        {
            json.WriteString("mode"u8, known.Mode);
            if (known.ContextWindow is { } window)
            {
                json.WriteNumber("context_window"u8, window);
            }

            if (known.MaxOutput is { } output)
            {
                json.WriteNumber("max_output_tokens"u8, output);
            }
        }

        json.WriteEndObject();
    }
}
