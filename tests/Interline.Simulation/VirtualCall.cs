using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Testing.Faults;

namespace Interline.Simulation;

/// <summary>One call through a <see cref="VirtualGateway"/>, carried as the server carries it.</summary>
/// <param name="gateway">The gateway.</param>
/// <param name="call">The call.</param>
/// <param name="caller">The caller's format.</param>
/// <param name="stream">Whether a stream was asked for.</param>
/// <param name="client">Its caller.</param>
public sealed class VirtualCall(VirtualGateway gateway, Call call, Dialect caller, bool stream, VirtualClient client)
{
    private bool _ended;

    public Call Call => call;

    public Dialect Caller => caller;

    public VirtualClient Client => client;

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded => Volatile.Read(ref _ended);

    /// <summary>Its record, once it has ended.</summary>
    public CallRecord? Record { get; private set; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>Whether its caller had left before it ended.</summary>
    public bool IsLeft { get; private set; }

    /// <summary>Whether the engine's word on it and what its client got do not go together; null if they do.</summary>
    public string? Problem { get; private set; }

    /// <summary>Carries it to its end: admits, sends, gives the error, settles.</summary>
    public async Task RunAsync()
    {
        DateTimeOffset from = gateway.Time.GetUtcNow();
        try
        {
            ApiError? error = await gateway.Gateway.AdmitAsync(call, client.Left).ConfigureAwait(false)
                ?? await gateway.Gateway.SendAsync(call, client, client.Left).ConfigureAwait(false);
            if (error is null)
            {
                Problem = client.Begun == 1 ? null : $"answered, and begun {client.Begun} times";
                return;
            }

            call.Error = error;
            call.Status = error.Status;
            Problem = client.Begun > 0 ? "an error to give after an answer was begun" : null;
            if (error.Kind != ErrorKind.ClientGone)
            {
                client.Refuse(error.Status, error.Raw.Length > 0 ? error.Raw.Span : call.Lane.WriteError(error));
            }
            else if (!client.Left.IsCancellationRequested)
            {
                Problem = "said that the client had left, and it had not";
            }
        }
        finally
        {
            IsLeft = client.Left.IsCancellationRequested;
            Duration = gateway.Time.GetUtcNow() - from;
            Record = gateway.Gateway.Settle(call);
            call.Body.Dispose();
            Problem ??= client.WrittenBefore ? "bytes before the answer was begun" : null;
            Volatile.Write(ref _ended, true);
        }
    }

    /// <summary>What its caller can say of the answer.</summary>
    /// <param name="expected">The whole text.</param>
    public Verdict Verdict(string expected) => Judge.Of(caller, client.Status, client.IsRefused ? !stream : client.IsStream, stream, client.Text, expected);
}
