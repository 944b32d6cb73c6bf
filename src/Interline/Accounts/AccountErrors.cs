using Interline.Protocols.Errors;

namespace Interline.Accounts;

/// <summary>Refusals of keys and customers, with LiteLLM's error types.</summary>
internal static class AccountErrors
{
    public static ApiError UnknownKey { get; } = new(ErrorKind.Authentication, 401, "The API key is not valid here. Send the gateway's key, not a provider's, as `Authorization: Bearer …`, `x-api-key` or `api-key`.") { Type = "token_not_found_in_db" };

    public static ApiError Broken { get; } = new(ErrorKind.Authentication, 401, "What is kept of this key cannot be read. An admin has to make a new one.") { Type = "auth_error" };

    /// <summary>Without its team nothing would hold that the team was limited to.</summary>
    public static ApiError NoTeam { get; } = new(ErrorKind.Authentication, 401, "The team of this key was deleted. Ask for a new key.") { Type = "auth_error", Code = "team_not_found" };

    public static ApiError Expired(DateTimeOffset at) =>
        new(ErrorKind.Authentication, 401, $"This key expired at {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}. Ask for a new one.") { Type = "expired_key" };

    public static ApiError Blocked(string what) =>
        new(ErrorKind.Authentication, 401, $"This {what} is blocked. An admin can unblock it.") { Type = "auth_error", Code = what.Replace("key's ", "", StringComparison.Ordinal) + "_blocked" };

    public static ApiError CustomerBlocked { get; } =
        new(ErrorKind.Permission, 403, "This customer (end user) is blocked. An admin can unblock it.") { Type = "auth_error", Code = "customer_blocked", Param = "user" };
}
