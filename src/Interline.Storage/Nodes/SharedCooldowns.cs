using System.Globalization;
using System.Threading.Channels;
using Interline.Core.Routing;
using Interline.Storage.Databases;

namespace Interline.Storage.Nodes;

/// <summary>
/// Tells the other nodes that a deployment cools, and hears it from them. How much longer is told and not until when: clocks of nodes need not agree. Never on the way of
/// a call: what is to be told waits in a short queue, and is left out if the database is away for long.
/// </summary>
public sealed class SharedCooldowns : IAsyncDisposable
{
    private const int MostWaiting = 256;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Channel<(string Id, TimeSpan For, bool RateLimited, long At)> _waiting =
        Channel.CreateBounded<(string, TimeSpan, bool, long)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly Database _database;
    private readonly NodeNotices _notices;
    private readonly TimeProvider _time;
    private readonly Task _telling;

    /// <summary>Between a gateway and the other nodes.</summary>
    /// <param name="database">The database.</param>
    /// <param name="notices">What nodes tell each other.</param>
    /// <param name="gateway">This node's gateway; it must not outlive this.</param>
    /// <param name="time">The clock.</param>
    public SharedCooldowns(Database database, NodeNotices notices, Gateway gateway, TimeProvider time)
    {
        (_database, _notices, _time) = (database, notices, time);
        _telling = Task.Run(TellAllAsync);
        gateway.OnCooled(Tell);
        notices.On(NodeNotices.Cooldown, text => Hear(text, gateway));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _telling;
    }

    private void Tell(string id, HealthReading state) => _waiting.Writer.TryWrite((id, state.CoolingFor, state.RateLimited, _time.GetTimestamp()));

    private static void Hear(string text, Gateway gateway)
    {
        string[] parts = text.Split(' ', 3);
        if (parts.Length == 3 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds))
        {
            TimeSpan rest = TimeSpan.FromMilliseconds(Math.Min(milliseconds, (long)Longest.TotalMilliseconds));
            gateway.Cool(parts[2], rest, parts[1] == "rate");
        }
    }

    private async Task TellAllAsync()
    {
        await foreach ((string id, TimeSpan rest, bool rateLimited, long at) in _waiting.Reader.ReadAllAsync())
        {
            TimeSpan left = rest - _time.GetElapsedTime(at);
            if (left > TimeSpan.Zero && System.Text.Encoding.UTF8.GetByteCount(id) < NodeNotices.MostBytes)
            {
                await TryTellAsync(string.Create(CultureInfo.InvariantCulture, $"{(long)left.TotalMilliseconds} {(rateLimited ? "rate" : "failed")} {id}"));
            }
        }
    }

    private async Task TryTellAsync(string text)
    {
        try
        {
            await _database.WriteAsync(
                (session, token) => session.Dialect == SqlDialect.Postgres ? session.ExecuteAsync(NodeNotices.Send, token, _notices.Payload(NodeNotices.Cooldown, text)) : Task.CompletedTask,
                CancellationToken.None);
        }
        catch (Exception)
        {
            // Each node finds out for itself, as it would alone.
        }
    }
}
