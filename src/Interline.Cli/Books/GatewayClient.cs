using System.Buffers;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Interline.Core.Configuration;

namespace Interline.Cli.Books;

/// <summary>What a gateway refused.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="message">Its words.</param>
internal sealed class GatewayRefusal(int status, string message) : Exception(message)
{
    public int Status => status;
}

/// <summary>Asks a running gateway as an admin.</summary>
internal sealed class GatewayClient : IDisposable
{
    private const int PageSize = 100;

    private readonly HttpClient _http;

    /// <summary>Over an address.</summary>
    /// <param name="url">Address of the gateway.</param>
    /// <param name="key">Its key.</param>
    public GatewayClient(Uri url, Secret key)
    {
        // No proxy and no redirects: the key is for this address alone.
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        _http = new HttpClient(handler) { BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Reveal());
    }

    /// <summary>All keys, page by page.</summary>
    public async IAsyncEnumerable<JsonElement> KeysAsync(string? team, string? user, [EnumeratorCancellation] CancellationToken cancel)
    {
        string filter = (team is null ? "" : "&team_id=" + Uri.EscapeDataString(team)) + (user is null ? "" : "&user_id=" + Uri.EscapeDataString(user));
        for (int page = 1, pages = 1; page <= pages; page++)
        {
            using HttpResponseMessage response = await _http.GetAsync($"key/list?return_full_object=true&page={page}&size={PageSize}{filter}", cancel);
            JsonElement list = await ReadAsync(response, cancel);
            pages = list.TryGetProperty("total_pages", out JsonElement total) && total.TryGetInt32(out int count) ? count : 1;
            foreach (JsonElement key in list.GetProperty("keys").EnumerateArray())
            {
                yield return key;
            }
        }
    }

    /// <summary>Posts an object.</summary>
    public async Task<JsonElement> PostAsync(string path, Action<Utf8JsonWriter> write, CancellationToken cancel)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        using var content = new ReadOnlyMemoryContent(buffer.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _http.PostAsync(path, content, cancel);
        return await ReadAsync(response, cancel);
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancel);
        if (response.IsSuccessStatusCode)
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }

        throw new GatewayRefusal((int)response.StatusCode, Message(body) ?? $"status {(int)response.StatusCode}");
    }

    private static string? Message(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out JsonElement message) ? message.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
