using System.Buffers;

namespace Interline.Calls;

/// <summary>A request body in rented memory. It lives as long as its call, because every attempt sends it anew.</summary>
public sealed class PooledBody : IDisposable
{
    private byte[]? _rented;

    /// <summary>Takes over rented memory.</summary>
    /// <param name="rented">From <see cref="ArrayPool{T}.Shared"/>.</param>
    /// <param name="length">Bytes in use.</param>
    public PooledBody(byte[] rented, int length)
    {
        _rented = rented;
        Length = length;
    }

    /// <summary>Length in bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory => _rented.AsMemory(0, Length);

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _rented.AsSpan(0, Length);

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
