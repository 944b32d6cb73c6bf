using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Accounts.Documents;
using Interline.Core.Configuration;
using Interline.Protocols.Errors;

namespace Interline.Server.Accounts;

/// <summary>LiteLLM's <c>/model/new</c>, <c>update</c> and <c>delete</c>: deployments of run time. Credentials are sealed before they are kept, and bound to the host they are for.</summary>
internal sealed class ModelAdminEndpoints(Gateway gateway, Desk desk)
{
    private static readonly ApiError NotHere = new(ErrorKind.Unsupported, 400, "Models cannot be added at run time here: nothing is set up that seals their credentials. Add them to the configuration file.") { Code = "models_not_stored" };

    /// <summary>Adds a deployment.</summary>
    public async ValueTask<Answer> NewAsync(ManagementCall call)
    {
        if (desk.Services is not { Models: { } models, Sealer: { } sealer })
        {
            return NotHere;
        }

        string id = Info(call, "id") ?? Desk.NewId();
        if (Field.IdReason(id) is { } reason)
        {
            return Answer.Bad("model_info.id", reason);
        }

        if (gateway.Current.Deployments.Any(x => x.Deployment.Id == id))
        {
            return Answer.Exists("model", "model_info.id");
        }

        JsonObject document = [];
        ApiError? error = Lay(call, document, id, sealer) ?? Check(models, id, document) ?? await desk.AddAsync(call, AccountKinds.Model, id, document, "model_info.id");
        return error is not null ? error : View(id, document);
    }

    /// <summary>Changes a deployment: fields that are given take the place of those that were.</summary>
    public async ValueTask<Answer> UpdateAsync(ManagementCall call)
    {
        if (desk.Services is not { Models: { } models, Sealer: { } sealer })
        {
            return NotHere;
        }

        string id = Info(call, "id") ?? "";
        (JsonObject? document, ApiError? error) = await desk.ChangeAsync(call, AccountKinds.Model, id, "model_info.id", x => Lay(call, x, id, sealer) ?? Check(models, id, x));
        return error is not null ? error : View(id, document!);
    }

    /// <summary>Takes a deployment away.</summary>
    public async ValueTask<Answer> DeleteAsync(ManagementCall call)
    {
        string id = call.Text("id") ?? "";
        if (desk.Book.Find(AccountKinds.Model, id) is null)
        {
            return gateway.Current.Deployments.Any(x => x.Deployment.Id == id) ? Answer.Bad("id", "this model stands in the configuration file; take it out there") : Answer.Missing("model", "id");
        }

        ApiError? error = await desk.DeleteAsync(call, [(AccountKinds.Model, id)]);
        return error is not null ? error : new JsonObject { ["message"] = "deleted", ["model_id"] = id };
    }

    private static string? Info(ManagementCall call, string name) =>
        call.Body.ValueKind == JsonValueKind.Object && call.Body.TryGetProperty("model_info", out JsonElement info) && info.ValueKind == JsonValueKind.Object && info.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static ApiError? Lay(ManagementCall call, JsonObject document, string id, ISealer sealer)
    {
        if (call.Text("model_name") is { } name)
        {
            document["model_name"] = name;
        }

        if (document["model_name"] is null)
        {
            return Answer.Bad("model_name", "expected the name clients ask for");
        }

        if (call.Body.TryGetProperty("model_info", out JsonElement info) && info.ValueKind == JsonValueKind.Object)
        {
            document["model_info"] = Over(document["model_info"] as JsonObject, info);
        }

        if (!call.Body.TryGetProperty("litellm_params", out JsonElement parameters))
        {
            return document["litellm_params"] is null ? Answer.Bad("litellm_params", "expected an object with the model and what its provider needs") : null;
        }

        return parameters.ValueKind == JsonValueKind.Object ? LayParameters(document, parameters, id, sealer) : Answer.Bad("litellm_params", "expected an object");
    }

    private static ApiError? LayParameters(JsonObject document, JsonElement parameters, string id, ISealer sealer)
    {
        if (parameters.GetRawText().Contains("os.environ", StringComparison.Ordinal))
        {
            return Answer.Bad("litellm_params", "a variable of the environment can be named in the configuration file only: from here it could be sent anywhere. Give the value itself; it is sealed");
        }

        string before = BindingOf(document, id);
        JsonObject open = Over(document["litellm_params"] as JsonObject, default);
        JsonObject kept = document["sealed"] as JsonObject ?? [];
        var secrets = new List<(string Name, string Value)>();
        foreach (JsonProperty given in parameters.EnumerateObject())
        {
            if (RuntimeModels.IsSecret(given.Name))
            {
                secrets.Add((given.Name, given.Value.GetRawText()));
            }
            else
            {
                open[given.Name] = given.Value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(given.Value.GetRawText());
            }
        }

        document["litellm_params"] = open;
        string binding = BindingOf(document, id);
        if (kept.Any(x => secrets.TrueForAll(y => y.Name != x.Key)) && binding != before)
        {
            return Answer.Bad("litellm_params.api_base", "the deployment would point elsewhere, and its credentials stay with the host they were given for. Give them again");
        }

        foreach ((string name, string value) in secrets)
        {
            kept[name] = value == "null" ? null : sealer.Seal(value, binding);
        }

        foreach (string gone in kept.Where(static x => x.Value is null).Select(static x => x.Key).ToArray())
        {
            kept.Remove(gone);
        }

        document.Remove("sealed");
        document["sealed"] = kept;
        return null;
    }

    private static string BindingOf(JsonObject document, string id) =>
        RuntimeModels.Binding(id, document.Deserialize(AccountJson.Default.ModelDocument)?.LitellmParams ?? new Dictionary<string, JsonElement>(StringComparer.Ordinal));

    private static ApiError? Check(RuntimeModels models, string id, JsonObject document)
    {
        string[] wrong = [.. models.Check(id, document.Deserialize(AccountJson.Default.ModelDocument)!)];
        return wrong.Length == 0 ? null : new ApiError(ErrorKind.BadRequest, 400, $"This deployment cannot be used: {string.Join("; ", wrong)}.") { Param = "litellm_params" };
    }

    private static JsonObject Over(JsonObject? below, JsonElement fields)
    {
        JsonObject result = below?.DeepClone().AsObject() ?? [];
        foreach (JsonProperty given in fields.ValueKind == JsonValueKind.Object ? fields.EnumerateObject().ToArray() : [])
        {
            result[given.Name] = given.Value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(given.Value.GetRawText());
        }

        return result;
    }

    private static JsonObject View(string id, JsonObject document)
    {
        document.Remove("sealed");
        document["model_id"] = id;
        return document;
    }
}
