using System.Buffers;
using System.IO.Pipelines;
using Interline.Calls;
using Interline.Protocols.Errors;

namespace Interline.Server.Pipeline;

/// <summary>Reads a request body once, into rented memory that grows with what has come: an announced length is not believed until it is there.</summary>
internal static class RequestBody
{
    private const int FirstRent = 4096;

    /// <summary>Reads the body.</summary>
    /// <returns>The body, or a 413 or 400.</returns>
    public static async ValueTask<(PooledBody? Body, ApiError? Error)> ReadAsync(HttpContext http, long limit)
    {
        if (http.Request.ContentLength > limit)
        {
            return (null, TooLarge(limit));
        }

        PipeReader reader = http.Request.BodyReader;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(http.Request.ContentLength ?? FirstRent, 1, 64 << 10));
        int length = 0;
        try
        {
            while (true)
            {
                ReadResult read = await reader.ReadAsync(http.RequestAborted);
                ReadOnlySequence<byte> bytes = read.Buffer;
                long total = length + bytes.Length;
                if (total > limit)
                {
                    reader.AdvanceTo(bytes.End);
                    ArrayPool<byte>.Shared.Return(buffer);
                    return (null, TooLarge(limit));
                }

                if (total > buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(total, Math.Min(limit, buffer.Length * 2L)));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                bytes.CopyTo(buffer.AsSpan(length));
                length = (int)total;
                reader.AdvanceTo(bytes.End);
                if (read.IsCompleted)
                {
                    return (new PooledBody(buffer, length), null);
                }
            }
        }
        catch (BadHttpRequestException e)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return (null, new ApiError(ErrorKind.BadRequest, e.StatusCode, $"The request body could not be read: {e.Message}"));
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static ApiError TooLarge(long limit) => new(ErrorKind.BadRequest, 413, $"The request body is larger than {limit >> 20} MiB. Send less, or raise general_settings.max_request_size_mb.") { Code = "request_too_large" };
}
