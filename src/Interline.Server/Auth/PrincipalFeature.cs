using Interline.Accounts;

namespace Interline.Server.Auth;

/// <summary>Who asks an endpoint that is no call to a model.</summary>
internal sealed record PrincipalFeature(Principal Caller);

/// <summary>Gives it.</summary>
internal static class PrincipalOfRequest
{
    /// <summary>Who asks. Set by the handler for every row that needs a key.</summary>
    public static Principal Principal(this HttpContext http) =>
        http.Features.Get<PrincipalFeature>()?.Caller ?? throw new InvalidOperationException("An endpoint without a key has no principal.");
}
