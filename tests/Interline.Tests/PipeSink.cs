using System.IO.Pipelines;
using System.Text;
using Interline.Calls;

namespace Interline.Tests;

/// <summary>A client in memory: collects an answer as it comes, and lets a test wait for what it has.</summary>
internal sealed class PipeSink : IAnswerSink
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly List<byte> _received = [];
    private readonly List<(string Text, TaskCompletionSource Waiter)> _waiters = [];
    private readonly Task _reading;

    public PipeSink() => _reading = ReadAsync();

    /// <inheritdoc />
    public PipeWriter Body => _pipe.Writer;

    /// <summary>The head, once the answer was committed to.</summary>
    public AnswerHead? Head { get; private set; }

    /// <summary>How often an answer was committed to.</summary>
    public int Begun { get; private set; }

    /// <summary>What the call knew of its cost when the answer was committed to.</summary>
    public decimal? CostAtBegin { get; private set; }

    /// <summary>All bytes so far.</summary>
    public byte[] Bytes
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>All bytes so far as text.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <inheritdoc />
    public void Begin(Call call, in AnswerHead head)
    {
        Begun++;
        Head = head with { Upstream = null };
        CostAtBegin = call.Cost;
    }

    /// <summary>Completes once a text has come.</summary>
    public Task ReceivedAsync(string text)
    {
        lock (_received)
        {
            if (Text.Contains(text, StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((text, waiter));
            return waiter.Task;
        }
    }

    /// <summary>The client closes its side: the next flush says so.</summary>
    public void Leave() => _pipe.Reader.CancelPendingRead();

    /// <summary>Completes once the client has closed its side.</summary>
    public Task Left => _reading;

    /// <summary>The call is over: waits until everything written has been collected.</summary>
    public async Task CompleteAsync()
    {
        await _pipe.Writer.CompleteAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            ReadResult read = await _pipe.Reader.ReadAsync();
            if (read.IsCanceled)
            {
                await _pipe.Reader.CompleteAsync();
                return;
            }

            lock (_received)
            {
                foreach (ReadOnlyMemory<byte> part in read.Buffer)
                {
                    _received.AddRange(part.Span);
                }

                foreach ((string text, TaskCompletionSource waiter) in _waiters)
                {
                    if (Text.Contains(text, StringComparison.Ordinal))
                    {
                        waiter.TrySetResult();
                    }
                }
            }

            _pipe.Reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await _pipe.Reader.CompleteAsync();
                return;
            }
        }
    }
}
