using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Interline.Protocols.ByteLane;

namespace Interline.Upstream;

/// <summary>A request body as sent: the caller's bytes with the listed edits, put together only while they are written.</summary>
internal sealed class UpstreamBody : HttpContent
{
    /// <summary>Up to here one copy and one write is cheaper than several writes; beyond it the caller's bytes are written from where they are.</summary>
    private const int CopyLimit = 32 << 10;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ReadOnlyMemory<byte> _body;
    private readonly BodyEdits _edits;
    private readonly long _length;

    public UpstreamBody(ReadOnlyMemory<byte> body, BodyEdits edits, string? contentType)
    {
        _body = body;
        _edits = edits;
        _length = edits.LengthOf(body.Length);
        if (contentType is null)
        {
            Headers.ContentType = Json;
        }
        else
        {
            Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
    }

    /// <summary>Whether it was written whole: whoever got it may work on it, and charge for it.</summary>
    public bool IsSent { get; private set; }

    /// <summary>Whether a connection was made for it. If not, it went over one that had been used before, which its other end may just have given up.</summary>
    public bool OnNewConnection { get; set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _length <= CopyLimit ? WriteCopyAsync(stream, cancellationToken) : WritePiecesAsync(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    private async Task WriteCopyAsync(Stream stream, CancellationToken cancel)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent((int)_length);
        try
        {
            _edits.Apply(_body.Span, copy.AsSpan(0, (int)_length));
            await stream.WriteAsync(copy.AsMemory(0, (int)_length), cancel).ConfigureAwait(false);
            IsSent = true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private async Task WritePiecesAsync(Stream stream, CancellationToken cancel)
    {
        int from = 0;
        for (int i = 0; i < _edits.Count; i++)
        {
            BodyEdit edit = _edits.Items[i];
            await stream.WriteAsync(_body[from..edit.Start], cancel).ConfigureAwait(false);
            await stream.WriteAsync(edit.Replacement, cancel).ConfigureAwait(false);
            from = edit.Start + edit.Length;
        }

        await stream.WriteAsync(_body[from..], cancel).ConfigureAwait(false);
        IsSent = true;
    }
}
