using Interline.Protocols.Errors;

namespace Interline.Server.Auth;

/// <summary>Refusals before it is known who calls.</summary>
internal static class KeyErrors
{
    /// <summary>Something was sent that is no key.</summary>
    public static ApiError Unknown { get; } = new(ErrorKind.Authentication, 401, "The API key is not valid here. Send the gateway's key, not a provider's, as `Authorization: Bearer …`, `x-api-key` or `api-key`.") { Type = "auth_error" };

    /// <summary>Nothing was sent.</summary>
    public static ApiError None { get; } = new(ErrorKind.Authentication, 401, "No API key was sent. Send the gateway's key as `Authorization: Bearer …`, `x-api-key` or `api-key`.") { Type = "auth_error" };
}
