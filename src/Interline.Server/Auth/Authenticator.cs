using Interline.Accounts;

namespace Interline.Server.Auth;

/// <summary>Finds who calls: the holder of the master key, or of a virtual key.</summary>
internal sealed class Authenticator(MasterKey master, AccountBook book)
{
    private static readonly KeyFinding Master = new(Principal.Master, null);

    /// <summary>Finds who calls. Waits for nothing and, but for a key used for the first time, allocates nothing.</summary>
    /// <param name="request">The request.</param>
    public KeyFinding Find(HttpRequest request)
    {
        ReadOnlySpan<char> key = PresentedKey.Read(request);
        return key.IsEmpty ? new(null, PresentedKey.IsGiven(request) ? KeyErrors.Unknown : KeyErrors.None)
            : master.Matches(key) ? Master
            : book.Find(key, request.HttpContext.Features.Get<LastKey>());
    }

    /// <summary>Looks again for a key nobody knows: it may have been made on another node a moment ago.</summary>
    /// <param name="request">The request.</param>
    public ValueTask<KeyFinding> FindAgainAsync(HttpRequest request) => book.FindAgainAsync(PresentedKey.Read(request).ToString());
}
