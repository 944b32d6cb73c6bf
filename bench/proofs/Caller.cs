using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Interline.Proofs;

/// <summary>What came of one call, as its caller saw it.</summary>
/// <param name="Name">The name it gave itself.</param>
/// <param name="Status">HTTP status; 0 if there was no answer.</param>
/// <param name="Whole">Whether the end of the answer was seen.</param>
/// <param name="Text">The answer, or what there is of it.</param>
internal readonly record struct Outcome(string Name, int Status, bool Whole, string Text);

/// <summary>A caller of the gateway.</summary>
internal static class Caller
{
    /// <summary>The body of a call.</summary>
    public static string Body(string name, bool stream, int maxTokens) => string.Create(CultureInfo.InvariantCulture, $$"""{"model":"m","user":"{{name}}","max_tokens":{{maxTokens}}{{(stream ? ",\"stream\":true" : "")}},"messages":[{"role":"user","content":"hi"}]}""");

    public static async Task<Outcome> CallAsync(HttpClient http, string key, string name, bool stream, int maxTokens, CancellationToken cancel = default)
    {
        string body = Body(name, stream, maxTokens);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat/completions", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        int status = 0;
        var text = new StringBuilder();
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            status = (int)response.StatusCode;
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
            var buffer = new char[4096];
            while (true)
            {
                int read = await reader.ReadAsync(buffer, cancel);
                if (read == 0)
                {
                    break;
                }

                text.Append(buffer, 0, read);
                if (stream && text.ToString().Contains("[DONE]", StringComparison.Ordinal))
                {
                    // It has seen the end, whatever becomes of the connection.
                    return new(name, status, Whole: status == 200, text.ToString());
                }
            }

            return new(name, status, Whole: status == 200 && !stream, text.ToString());
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return new(name, status, Whole: false, text.ToString());
        }
    }
}
