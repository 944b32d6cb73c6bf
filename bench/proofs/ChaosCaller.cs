using System.Text;
using Interline.Testing.Faults;

namespace Interline.Proofs;

/// <summary>How a call of the chaos ended.</summary>
internal enum ChaosEnd
{
    /// <summary>The whole answer.</summary>
    Whole,

    /// <summary>An error that says so.</summary>
    Error,

    /// <summary>The caller left, as planned.</summary>
    Left,

    /// <summary>A false success, garbage, or a connection that broke without a word.</summary>
    Lie,

    /// <summary>No end within the limit.</summary>
    Hang,
}

/// <summary>A strict caller of a gateway that is being put to the test.</summary>
internal static class ChaosCaller
{
    /// <summary>Calls and judges.</summary>
    /// <param name="http">The gateway.</param>
    /// <param name="key">A key.</param>
    /// <param name="dialect">The caller's format.</param>
    /// <param name="stream">Whether a stream is asked for.</param>
    /// <param name="model">The model.</param>
    /// <param name="call">The call's number.</param>
    /// <param name="stays">After how long it leaves; null if it stays.</param>
    /// <param name="limit">After how long it is hanging.</param>
    public static async Task<(ChaosEnd End, string? Why)> CallAsync(HttpClient http, string key, Dialect dialect, bool stream, string model, int call, TimeSpan? stays, TimeSpan limit)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(dialect.AskPath(model, stream), UriKind.Relative))
        {
            Content = new StringContent(dialect.Ask(ChaosProvider.Prompt(call), stream, model), Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation(dialect.KeyHeader, dialect.KeyHeader == "Authorization" ? "Bearer " + key : key);
        using var patience = new CancellationTokenSource(stays ?? limit);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            string body = await response.Content.ReadAsStringAsync(patience.Token);
            bool isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
            Verdict verdict = Judge.Of(dialect, (int)response.StatusCode, isStream, stream, body, string.Concat(ChaosProvider.Words(call)));
            return verdict.Outcome switch
            {
                CallEnd.Whole => (ChaosEnd.Whole, null),
                CallEnd.Error => (ChaosEnd.Error, $"{(int)response.StatusCode} {verdict.Why}"),
                _ => (ChaosEnd.Lie, verdict.Why),
            };
        }
        catch (OperationCanceledException)
        {
            return (stays is null ? ChaosEnd.Hang : ChaosEnd.Left, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (ChaosEnd.Lie, "the connection broke without a word: " + e.Message);
        }
    }
}
