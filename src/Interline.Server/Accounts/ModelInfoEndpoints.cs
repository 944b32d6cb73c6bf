using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Core.Catalog;
using Interline.Core.Routing;

namespace Interline.Server.Accounts;

/// <summary>LiteLLM's <c>/model/info</c> and <c>/model_group/info</c>: the deployments of the groups a caller may ask for. Never a credential; where they run is told to admins and viewers only.</summary>
internal sealed class ModelInfoEndpoints(Gateway gateway, AccountBook book)
{
    /// <summary>Deployments, or the one that is named.</summary>
    public ValueTask<Answer> ModelsAsync(ManagementCall call)
    {
        string? id = call.Query("litellm_model_id");
        JsonArray data = [.. Visible(call).Where(x => id is null || x.Id == id).Select(x => (JsonNode)View(x, call.Who.Role >= Role.Viewer))];
        return new(id is not null && data.Count == 0 ? Answer.Missing("model", "litellm_model_id") : new JsonObject { ["data"] = data });
    }

    /// <summary>Groups, or the one that is named.</summary>
    public ValueTask<Answer> GroupsAsync(ManagementCall call)
    {
        string? name = call.Query("model_group");
        JsonArray data = [.. Visible(call).Where(x => name is null || x.Group == name).GroupBy(static x => x.Group, StringComparer.Ordinal).Select(static x => (JsonNode)Group(x.Key, [.. x]))];
        return new(new JsonObject { ["data"] = data });
    }

    private IEnumerable<Deployment> Visible(ManagementCall call) =>
        gateway.Current.Deployments.Select(static x => x.Deployment).Where(x => call.Who.Models is not { } grants || grants.Allows(x.Group, x.Group));

    private JsonObject View(Deployment deployment, bool whole)
    {
        ModelInfo? known = deployment.Model;
        var parameters = new JsonObject { ["model"] = $"{deployment.Provider.Id}/{deployment.UpstreamModel}" };
        if (whole)
        {
            parameters["api_base"] = deployment.BaseUrl.GetLeftPart(UriPartial.Path);
            parameters["rpm"] = deployment.Rpm;
            parameters["tpm"] = deployment.Tpm;
        }

        return new JsonObject
        {
            ["model_name"] = deployment.Group,
            ["litellm_params"] = parameters,
            ["model_info"] = new JsonObject
            {
                ["id"] = deployment.Id,
                ["db_model"] = book.Find(AccountKinds.Model, deployment.Id) is not null,
                ["litellm_provider"] = deployment.Provider.Id,
                ["key"] = deployment.UpstreamModel,
                ["mode"] = deployment.Mode ?? known?.Mode,
                ["max_input_tokens"] = known?.ContextWindow,
                ["max_output_tokens"] = known?.MaxOutput,
            },
        };
    }

    private static JsonObject Group(string name, Deployment[] deployments) => new()
    {
        ["model_group"] = name,
        ["providers"] = Desk.Texts(deployments.Select(static x => x.Provider.Id).Distinct(StringComparer.Ordinal)),
        ["mode"] = deployments[0].Mode ?? deployments[0].Model?.Mode,
        ["max_input_tokens"] = deployments.Max(static x => x.Model?.ContextWindow),
        ["max_output_tokens"] = deployments.Max(static x => x.Model?.MaxOutput),
    };
}
