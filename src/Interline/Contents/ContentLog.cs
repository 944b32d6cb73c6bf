using System.Threading.Channels;
using Interline.Calls;
using Interline.Core.Configuration;
using Interline.Core.Redaction;
using Interline.Core.Routing;

namespace Interline.Contents;

/// <summary>
/// Keeps the content of calls where the configuration asks for it: a copy is taken on the way, and redacted and stored behind it. What waits is bounded in bytes;
/// what does not fit is shed and counted, and no call ever waits for it. Thread-safe.
/// </summary>
public sealed class ContentLog : IAsyncDisposable
{
    private const int LargestBatch = 100;

    // A store writes a batch at once, and others who write there wait for it.
    private const int LargestBatchBytes = 4 << 20;
    private const ulong Salt = 0x636F_6E74_656E_7473;
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(5);

    private readonly ContentLogSettings _settings;
    private readonly TimeProvider _time;
    private readonly Redactor _redactor;
    private readonly Channel<Captured> _waiting = Channel.CreateUnbounded<Captured>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _pruning;
    private readonly Task _storing;
    private long _bytes;
    private long _shed;

    /// <summary>Starts.</summary>
    /// <param name="store">Where contents go.</param>
    /// <param name="settings">What is kept.</param>
    /// <param name="time">The clock.</param>
    public ContentLog(IContentStore store, ContentLogSettings settings, TimeProvider time)
    {
        Store = store;
        _settings = settings;
        _time = time;
        _redactor = new Redactor(settings.Redact);
        _storing = Task.Run(StoreAsync);
        _pruning = time.CreateTimer(static state => _ = ((ContentLog)state!).PruneAsync(), this, PruneEvery, PruneEvery);
    }

    /// <summary>Where contents go.</summary>
    public IContentStore Store { get; }

    /// <summary>Calls whose content was not kept because too much was waiting, or because it could not be stored.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>Bytes that wait or are being gathered.</summary>
    public long Waiting => Interlocked.Read(ref _bytes);

    /// <summary>Whether a call is one of the sample. By its seed, so that each attempt and each look at it says the same.</summary>
    /// <param name="seed">The call's seed.</param>
    /// <param name="sample">Share of the calls, 0 to 1.</param>
    public static bool IsSampled(ulong seed, double sample) => new Seeded(seed ^ Salt).NextUnit() < sample;

    /// <summary>Puts itself between a call and its sink, if the call's content is to be kept.</summary>
    /// <param name="call">The call.</param>
    /// <param name="sink">Where the answer goes.</param>
    /// <returns>Null if it is not to be kept.</returns>
    public CapturedSink? Watch(Call call, IAnswerSink sink) => IsSampled(call.Seed, _settings.Sample) ? new CapturedSink(sink, this, _settings.MaxBytes) : null;

    /// <summary>Keeps the content of a call that has ended. Before its body is given back.</summary>
    /// <param name="call">The call.</param>
    /// <param name="sink">What watched it.</param>
    public void Keep(Call call, CapturedSink sink)
    {
        int length = Math.Min(call.Body.Length, _settings.MaxBytes);
        if (sink.Shed || !TryReserve(length))
        {
            Release(sink.Reserved);
            Interlocked.Increment(ref _shed);
            return;
        }

        var captured = new Captured(call, call.Body.Span[..length].ToArray(), sink);
        if (!_waiting.Writer.TryWrite(captured))
        {
            Release(captured.Reserved);
        }
    }

    /// <summary>Stops taking contents, and stores what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pruning.DisposeAsync().ConfigureAwait(false);
        _waiting.Writer.TryComplete();
        _stop.CancelAfter(LastWait);
        await _storing.ConfigureAwait(false);

        // What is being pruned ends here too: the store may be gone next.
        await _stop.CancelAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Sets bytes aside.</summary>
    internal bool TryReserve(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= _settings.QueueBytes)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    private void Release(int bytes) => Interlocked.Add(ref _bytes, -bytes);

    private async Task StoreAsync()
    {
        var batch = new List<Captured>(LargestBatch);
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            int bytes = 0;
            while (batch.Count < LargestBatch && bytes < LargestBatchBytes && _waiting.Reader.TryRead(out Captured? captured))
            {
                batch.Add(captured);
                bytes += captured.Reserved;
            }

            await StoreAsync(batch).ConfigureAwait(false);
            Release(bytes);
            batch.Clear();
        }
    }

    private async ValueTask StoreAsync(List<Captured> batch)
    {
        List<StoredContent> contents = [.. batch.Select(Redacted).OfType<StoredContent>()];
        try
        {
            if (contents.Count > 0)
            {
                await Store.WriteAsync(contents, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The store is away. Content is a help for people and no part of the books: it is not worth holding memory for.
            Interlocked.Add(ref _shed, contents.Count);
        }
    }

    private StoredContent? Redacted(Captured captured)
    {
        try
        {
            return captured.Redact(_redactor);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What could not be looked through to its end (a pattern took too long) is not kept; the others are.
            Interlocked.Increment(ref _shed);
            return null;
        }
    }

    private async Task PruneAsync()
    {
        try
        {
            await Store.PruneAsync(_time.GetUtcNow() - _settings.Retention, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // In an hour again.
        }
    }

    /// <summary>What was copied of a call. Nothing of the call itself is held: it is large and its body is given back.</summary>
    private sealed class Captured(Call call, byte[] request, CapturedSink sink)
    {
        private readonly StoredContent _facts = new()
        {
            Id = call.Id,
            StartedAt = call.StartedAt,
            KeyId = call.Principal.KeyId,
            TeamId = call.Principal.TeamId,
            UserId = call.Principal.UserId,
            RequestBytes = call.Body.Length,
            AnswerBytes = sink.Length,
            Request = "",
            Answer = "",
        };

        private readonly ReadOnlyMemory<byte> _answer = sink.Kept;

        public int Reserved { get; } = request.Length + sink.Reserved;

        public StoredContent Redact(Redactor redactor) => _facts with
        {
            Request = ContentText.Of(request, _facts.RequestBytes, redactor),
            Answer = ContentText.Of(_answer.Span, _facts.AnswerBytes, redactor),
        };
    }
}
