using System.Buffers;
using System.Globalization;
using System.Text;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;

namespace Interline.Attempts;

/// <content>Reading a provider's error answer.</content>
internal sealed partial class Attempt
{
    private const int MaxErrorBytes = 256 << 10;
    private const int ShortestKey = 8;

    private async ValueTask<ApiError?> ReadErrorAsync(HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            int length = 0;
            try
            {
                await using Stream stream = UnaskedEncoding.Undo(response, await response.Content.ReadAsStreamAsync(_watch.Token).ConfigureAwait(false));
                while (length < MaxErrorBytes)
                {
                    if (length == buffer.Length)
                    {
                        buffer = Grow(buffer, length);
                    }

                    int read = await stream.ReadAsync(buffer.AsMemory(length), _watch.Token).ConfigureAwait(false);
                    if (read == 0)
                    {
                        break;
                    }

                    length += read;
                }
            }
            catch (InvalidDataException)
            {
                // Not encoded as it says: its status is all there is.
                length = 0;
            }
            catch (Exception e) when (!_watch.ClientLeft && (e is HttpRequestException or IOException || (e is OperationCanceledException && _watch.Expired)))
            {
                // The status was said, and counts whatever became of the words: taken for a lost connection, a refused key would be used again.
            }

            if (status is < 400)
            {
                // Never followed: the key belongs to this host alone.
                return new(ErrorKind.Server, 502, $"{Provider} answered with a redirect ({status}), which is not followed. Check its api_base.");
            }

            return Read(status, buffer.AsSpan(0, length), RetryAfter(response));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ApiError Read(int status, ReadOnlySpan<byte> body, TimeSpan? retryAfter)
    {
        UpstreamError read = Lane.ReadError(status, body);
        ApiError error = read.Error with { RetryAfter = retryAfter ?? read.Error.RetryAfter };
        error = error with { Message = WithoutKey(error.Message) };
        return read.InFormat && _translation is null ? error with { Raw = WithoutKey(body).ToArray() } : error;
    }

    /// <summary>A text without the provider's key: some quote the key they refuse.</summary>
    private string WithoutKey(string text) => Quotable is { } key ? text.Replace(key, "***", StringComparison.Ordinal) : text;

    /// <summary>Bytes as they are, or a copy of them where they quote the provider's key.</summary>
    private ReadOnlySpan<byte> WithoutKey(ReadOnlySpan<byte> bytes) =>
        Quotable is { } key && bytes.IndexOf(Encoding.UTF8.GetBytes(key)) >= 0 ? Encoding.UTF8.GetBytes(WithoutKey(Encoding.UTF8.GetString(bytes))) : bytes;

    /// <summary>The key, where it is long enough to be one: local servers are given "x" or "none", and hiding that would tear up words.</summary>
    private string? Quotable => _target.Deployment.ApiKey?.Reveal() is { Length: >= ShortestKey } key ? key : null;

    /// <summary><c>retry-after-ms</c>, else <c>retry-after</c> in seconds or as a date.</summary>
    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var headers = response.Headers.NonValidated;
        if (headers.TryGetValues("retry-after-ms", out var ms) && double.TryParse(ms.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double milliseconds) && milliseconds is >= 0 and < 1e9)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        if (!headers.TryGetValues("retry-after", out var after))
        {
            return null;
        }

        string text = after.ToString();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
        {
            return seconds is >= 0 and < 1e6 ? TimeSpan.FromSeconds(seconds) : null;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
        {
            return null;
        }

        TimeSpan wait = date - _time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private static byte[] Grow(byte[] buffer, int used)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
