using System.Text.Json;
using Interline.Accounts;
using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols.Errors;
using Interline.Server.Auth;
using Interline.Server.Errors;

namespace Interline.Server.Endpoints;

/// <summary>The models a caller can ask for, in the caller's dialect. Neither a key, an address nor the upstream's name of a model is part of any.</summary>
internal sealed class ModelEndpoints(Gateway gateway)
{
    /// <summary>All of them; in Anthropic's and Gemini's dialects by pages.</summary>
    public Task ListAsync(HttpContext http)
    {
        switch (Dialects.Of(http.Request))
        {
            case Dialect.Anthropic:
                ApiError? wrong = AnthropicModels.Read(http.Request.Query, [.. Models(http)], out ModelPage page);
                return wrong is null ? JsonResponse.WriteAsync(http, json => AnthropicModels.WriteList(json, page)) : ErrorResponse.WriteAsync(http, wrong);
            case Dialect.Gemini:
                wrong = GeminiModels.Read(http.Request.Query, [.. Models(http)], out page);
                return wrong is null ? JsonResponse.WriteAsync(http, json => GeminiModels.WriteList(json, page)) : ErrorResponse.WriteAsync(http, wrong);
            default:
                return JsonResponse.WriteAsync(http, json => WriteList(json, Models(http)));
        }
    }

    /// <summary>One of them.</summary>
    public Task GetAsync(HttpContext http, string? model)
    {
        CallableGroup? group = gateway.Current.Resolve(model);
        if (http.Principal().Models is { } grants && ModelAccess.Check(grants, model!, group?.Group.Name) is { } refusal)
        {
            return ErrorResponse.WriteAsync(http, refusal);
        }

        if (group is null)
        {
            return ErrorResponse.WriteAsync(http, gateway.UnknownModel(model!));
        }

        Deployment deployment = group.Group.Deployments[0];
        return Dialects.Of(http.Request) switch
        {
            Dialect.Anthropic => JsonResponse.WriteAsync(http, json => AnthropicModels.Write(json, model!, deployment)),
            Dialect.Gemini => JsonResponse.WriteAsync(http, json => GeminiModels.Write(json, model!, deployment)),
            _ => JsonResponse.WriteAsync(http, json => Write(json, model!, deployment)),
        };
    }

    /// <summary>Those the caller may ask for.</summary>
    private IEnumerable<(string Name, Deployment Deployment)> Models(HttpContext http)
    {
        ModelGrants? grants = http.Principal().Models;
        return grants is null ? gateway.Models() : gateway.Models().Where(x => grants.Allows(x.Name, gateway.Current.Resolve(x.Name)?.Group.Name ?? x.Name));
    }

    private void WriteList(Utf8JsonWriter json, IEnumerable<(string Name, Deployment Deployment)> models)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach ((string id, Deployment deployment) in models)
        {
            Write(json, id, deployment);
        }

        json.WriteEndArray();
        json.WriteEndObject();
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
