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

    /// <summary>Whether a request that is no GET changes nothing all the same, so that viewers may send it.</summary>
    public bool ReadsOnly { get; init; }

    /// <summary>Whether it changes something: viewers are refused.</summary>
    public bool Changes => Lane is null && Method != "GET" && !ReadsOnly;

    /// <summary>What it is for, as <c>allowed_routes</c> of keys tell endpoints apart.</summary>
    public RouteKind Kind => Lane is not null || Tag == "Models" ? RouteKind.Call : Changes ? RouteKind.Change : RouteKind.Info;

    /// <summary>Answers a request that is no call to a model. Who asks is in its features (<c>http.Principal()</c>).</summary>
    public Func<HttpContext, string?, Task>? Handle { get; init; }
}
