using Interline.Accounts;
using Interline.Protocols.ByteLane;
using Interline.Server.Auth;

namespace Interline.Server.Endpoints;

/// <summary>
/// One row of the endpoint table: what authorisation, the pipeline, the OpenAPI document and the tests know of a path.
/// </summary>
public sealed record Endpoint
{
    /// <summary>HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>Path; <c>{name}</c> matches one or more segments.</summary>
    public required string Path { get; init; }

    /// <summary>Who may call it.</summary>
    public required Role Role { get; init; }

    /// <summary>Group in the OpenAPI document.</summary>
    public required string Tag { get; init; }

    /// <summary>What it does, in a line.</summary>
    public required string Summary { get; init; }

    /// <summary>Wire format or operation of a call to a model; null for the gateway's own answers.</summary>
    public Lane? Lane { get; init; }

    /// <summary>Answers a request that is no call to a model.</summary>
    public Func<HttpContext, string?, Task>? Handle { get; init; }
}
