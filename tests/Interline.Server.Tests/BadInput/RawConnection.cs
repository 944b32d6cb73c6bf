using System.Net.Sockets;
using System.Text;

namespace Interline.Server.Tests.BadInput;

/// <summary>Bytes to the gateway as no HTTP client would send them.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client = new();

    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        var connection = new RawConnection();
        await connection._client.ConnectAsync(address.Host, address.Port);
        return connection;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _client.GetStream().WriteAsync(bytes);

    /// <summary>Everything until the server closes.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        try
        {
            await _client.GetStream().CopyToAsync(all).WaitAsync(Waiting.Limit);
        }
        catch (IOException)
        {
            // A server that refuses may reset the connection behind its answer.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>Something from the server.</summary>
    public async Task<string> ReadSomeAsync()
    {
        byte[] buffer = new byte[4096];
        int read = await _client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(Waiting.Limit);
        return Encoding.Latin1.GetString(buffer, 0, read);
    }

    /// <summary>Goes away without a goodbye, as a killed client does.</summary>
    public void Reset()
    {
        _client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Close();
    }

    public void Dispose() => _client.Dispose();
}
