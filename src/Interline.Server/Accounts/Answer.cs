using System.Text.Json.Nodes;
using Interline.Protocols.Errors;

namespace Interline.Server.Accounts;

/// <summary>What a management request is answered with: a document, or an error.</summary>
internal readonly record struct Answer(JsonNode? Body, ApiError? Error)
{
    public static implicit operator Answer(JsonNode body) => new(body, null);

    public static implicit operator Answer(ApiError error) => new(null, error);

    /// <summary>A 400 that names the field and what was expected.</summary>
    public static ApiError Bad(string field, string reason) => new(ErrorKind.BadRequest, 400, $"`{field}`: {reason}.") { Param = field };

    /// <summary>A 404.</summary>
    public static ApiError Missing(string kind, string field) =>
        new(ErrorKind.BadRequest, 404, $"There is no such {kind} (or it is not yours to see).") { Code = kind + "_not_found", Param = field };

    /// <summary>A 409.</summary>
    public static ApiError Exists(string kind, string field) =>
        new(ErrorKind.BadRequest, 409, $"`{field}`: there is a {kind} of this name already. Update it, or choose another.") { Code = kind + "_exists", Param = field };
}
