using Interline.Accounts;
using Interline.Protocols.Errors;

namespace Interline.Server.Auth;

/// <summary>
/// Who may use an endpoint. Decided by the row of the endpoint table that answers the request and by nothing else: a path rebuilt from the request or its headers could say
/// another than the one that is served.
/// </summary>
internal static class Authorization
{
    /// <summary>Checks a caller against a row.</summary>
    /// <returns>Null if it may; else a 403 that says what is missing.</returns>
    public static ApiError? Check(Endpoint endpoint, Principal caller)
    {
        if (caller.Role < endpoint.Role)
        {
            return Refuse($"This needs the role {Name(endpoint.Role)}; this key has {Name(caller.Role)}.");
        }

        if (endpoint.Changes && (caller.Role is Role.Viewer or Role.UserViewer))
        {
            return Refuse($"The role {Name(caller.Role)} sees and changes nothing.");
        }

        return caller.Routes is { } routes && !routes.Allows(endpoint.Path, endpoint.Kind)
            ? Refuse($"This key may not use {endpoint.Path}: its allowed_routes are {string.Join(", ", routes.Routes.Take(20))}.")
            : null;
    }

    /// <summary>What a role is called, by LiteLLM's names where it has one.</summary>
    public static string Name(Role role) => role switch
    {
        Role.Admin => "proxy_admin",
        Role.Viewer => "proxy_admin_viewer",
        Role.TeamAdmin => "team admin",
        Role.User => "internal_user",
        Role.UserViewer => "internal_user_viewer",
        Role.Caller => "caller (a key without a user)",
        _ => "none",
    };

    /// <summary>A 403.</summary>
    public static ApiError Refuse(string message) => new(ErrorKind.Permission, 403, message) { Type = "auth_error", Code = "not_allowed" };
}
