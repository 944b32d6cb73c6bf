using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Calls;
using Interline.Credentials;
using Interline.Protocols.Errors;
using Interline.Server.Accounts;
using Interline.Server.Auth;
using Interline.Server.Endpoints;
using Interline.Server.Errors;
using Interline.Server.Pipeline;

namespace Interline.Server.Credentials;

/// <summary>LiteLLM's <c>/credentials</c>: providers' credentials added at run time. They are sealed before they are kept, bound to where they may be sent, and never shown.</summary>
internal sealed class CredentialEndpoints(CredentialServices services, Action<HttpContext, string>? changed = null)
{
    private const int LargestBody = 64 << 10;
    private const int Tries = 5;

    private static readonly ApiError NoSealer =
        new(ErrorKind.Unsupported, 400, "Credentials cannot be added at run time here: no master secret that seals them is set. Add them to credential_list of the configuration file.") { Code = "credentials_not_stored" };

    private static readonly ApiError Busy = new(ErrorKind.Overloaded, 409, "The credential is being changed by somebody else. Try again.") { Code = "conflict" };

    /// <summary>The rows of the endpoint table, over the accounts of a gateway.</summary>
    /// <param name="accounts">Where credentials are kept.</param>
    /// <param name="audit">Told of every change.</param>
    public static IEnumerable<Endpoint> Rows(AccountServices accounts, AuditLog audit) =>
        new CredentialEndpoints(CredentialServices.Over(accounts.Book, accounts.Sealer), (http, name) => audit.Note(http.Principal(), $"{http.Request.Method} /credentials", CredentialBook.Kind, name)).Rows();

    /// <summary>The rows of the endpoint table.</summary>
    public IEnumerable<Endpoint> Rows()
    {
        yield return Row("POST", "/credentials", Role.Admin, "Adds a credential that models of run time name by `litellm_credential_name`.", (http, _) => AddAsync(http));
        yield return Row("GET", "/credentials", Role.Viewer, "Lists the credentials of run time, their secrets masked.", (http, _) => ListAsync(http));
        yield return Row("GET", "/credentials/by_name/{credential_name}", Role.Viewer, "One credential, its secrets masked.", GetAsync);
        yield return Row("PATCH", "/credentials/{credential_name}", Role.Admin, "Changes values of a credential; null takes one away.", ChangeAsync);
        yield return Row("DELETE", "/credentials/{credential_name}", Role.Admin, "Deletes a credential.", DeleteAsync);
    }

    private static Endpoint Row(string method, string path, Role role, string summary, Func<HttpContext, string?, Task> handle) =>
        new() { Method = method, Path = path, Role = role, Tag = "Credentials", Summary = summary, Handle = handle };

    private Task ListAsync(HttpContext http) => JsonResponse.WriteAsync(http, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("success"u8, true);
        json.WriteStartArray("credentials"u8);
        foreach (AccountRow row in services.All().Where(static x => x.Document is not null).OrderBy(static x => x.Id, StringComparer.Ordinal))
        {
            CredentialDocument.Write(json, row);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private Task GetAsync(HttpContext http, string? name) =>
        services.Find(name!) is { Document: not null } row ? JsonResponse.WriteAsync(http, json => CredentialDocument.Write(json, row)) : ErrorResponse.WriteAsync(http, Missing(name));

    private Task AddAsync(HttpContext http) => WithBodyAsync(http, async (body, sealer) =>
    {
        string? name = body.TryGetProperty("credential_name", out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        if (CredentialDocument.CheckName(name) is { } wrong)
        {
            return wrong;
        }

        JsonObject document = [];
        return CredentialDocument.Lay(document, name!, body, sealer)
            ?? (await WriteAsync(http, name!, document.ToJsonString(), 0)
                ? null
                : new ApiError(ErrorKind.BadRequest, 409, $"There is a credential '{name}' already. Change it by PATCH /credentials/{name}.") { Code = "exists", Param = "credential_name" });
    });

    private Task ChangeAsync(HttpContext http, string? name) => WithBodyAsync(http, async (body, sealer) =>
    {
        for (int i = 0; i < Tries; i++)
        {
            if (services.Find(name!) is not { Document: { } text } row)
            {
                return Missing(name);
            }

            JsonObject document = JsonNode.Parse(text)!.AsObject();
            if (CredentialDocument.Lay(document, name!, body, sealer) is { } wrong)
            {
                return wrong;
            }

            if (await WriteAsync(http, name!, document.ToJsonString(), row.Revision))
            {
                return null;
            }
        }

        return Busy;
    });

    private async Task DeleteAsync(HttpContext http, string? name)
    {
        ApiError? error = services.Find(name!) is not { Document: not null } row ? Missing(name)
            : await WriteAsync(http, name!, null, row.Revision) ? null : Busy;
        await DoneAsync(http, error);
    }

    private async ValueTask<bool> WriteAsync(HttpContext http, string name, string? document, long from)
    {
        bool done = await services.WriteAsync([new AccountChange(CredentialBook.Kind, name, document, from)], http.RequestAborted) is not null;
        if (done)
        {
            changed?.Invoke(http, name);
        }

        return done;
    }

    private async Task WithBodyAsync(HttpContext http, Func<JsonElement, ISealer, ValueTask<ApiError?>> work)
    {
        if (services.Sealer is not { } sealer)
        {
            await ErrorResponse.WriteAsync(http, NoSealer);
            return;
        }

        (PooledBody? read, ApiError? error) = await RequestBody.ReadAsync(http, LargestBody);
        using (read)
        {
            if (read is null)
            {
                await ErrorResponse.WriteAsync(http, error!.Status == 413 ? error with { Message = "The body of a credential may have 64 KiB at most." } : error);
                return;
            }

            using JsonDocument? document = Parse(read);
            await DoneAsync(http, document is null ? new ApiError(ErrorKind.BadRequest, 400, "The body must be a JSON object in valid Unicode whose names occur once.") : await work(document.RootElement, sealer));
        }
    }

    private static JsonDocument? Parse(PooledBody body)
    {
        try
        {
            var document = JsonDocument.Parse(body.Span.ToArray(), new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind == JsonValueKind.Object && IsText(document.RootElement))
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What is wrong with it may be a piece of a secret. Half a surrogate pair is found when a text is decoded.
            return null;
        }
    }

    private static bool IsText(JsonElement at) => at.ValueKind switch
    {
        JsonValueKind.Object => at.EnumerateObject().All(static x => x.Name.Length >= 0 && IsText(x.Value)),
        JsonValueKind.Array => at.EnumerateArray().All(IsText),
        JsonValueKind.String => at.GetString() is not null,
        _ => true,
    };

    private static Task DoneAsync(HttpContext http, ApiError? error) => error is not null ? ErrorResponse.WriteAsync(http, error) : JsonResponse.WriteAsync(http, static json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("success"u8, true);
        json.WriteString("message"u8, "done"u8);
        json.WriteEndObject();
    });

    private static ApiError Missing(string? name) => new(ErrorKind.BadRequest, 404, $"There is no credential '{(name?.Length > 100 ? name[..100] + "…" : name)}'.") { Code = "not_found", Param = "credential_name" };
}
