using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Interline.Core.Catalog;

namespace Interline.Demo;

/// <summary>
/// The built-in provider <c>demo</c>: answers OpenAI's chat, completion and embedding calls by rule, without a network, a key or a cost,
/// so that a fresh machine has something to call. It stands where a provider's connections stand; everything above it is the real path.
/// Deterministic: the same request gets the same bytes.
/// </summary>
public sealed class DemoProvider : HttpMessageHandler
{
    /// <summary>Provider id.</summary>
    public const string Id = "demo";

    /// <summary>Name of its model.</summary>
    public const string Model = "demo";

    /// <summary>The catalogue entry.</summary>
    public static ProviderInfo Info { get; } = new()
    {
        Id = Id,
        DisplayName = "Interline demo (built in, answers by rule)",
        Wire = "openai",
        BaseUrl = "http://demo.invalid/v1",
        KeyOptional = true,
        ModelsFrom = Id,
    };

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        byte[] body = await request.Content!.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = Protocols.ByteLane.JsonPeek.MaxDepth });
        string path = request.RequestUri!.AbsolutePath;
        DemoAnswer answer;
        try
        {
            answer = path.EndsWith("/chat/completions", StringComparison.Ordinal) ? DemoChat.Answer(document.RootElement)
                : path.EndsWith("/embeddings", StringComparison.Ordinal) ? DemoEmbeddings.Answer(document.RootElement)
                : path.EndsWith("/completions", StringComparison.Ordinal) ? DemoChat.Completion(document.RootElement)
                : DemoAnswer.Refuse($"The demo model does not serve {path}. Configure a provider for it.");
        }
        catch (InvalidOperationException)
        {
            // A value of another JSON type than the format's.
            answer = DemoAnswer.Refuse("The demo model cannot read this request: a field has a value of the wrong type.");
        }

        var content = new ByteArrayContent(answer.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue(answer.ContentType);
        return new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = content };
    }
}
