using System.Runtime.CompilerServices;
using Interline.Books;
using Interline.Ledger;
using Interline.Protocols;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Spend;

/// <summary>An export of a million calls goes out as it is read, and stops when nobody listens.</summary>
public sealed class ExportTests
{
    private const int Million = 1_000_000;

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    public async Task The_first_rows_arrive_before_the_last_is_made(string format)
    {
        var reader = new EndlessReader(Million) { WaitsAfter = 5000 };
        await using RunningGateway gateway = await RunningGateway.StartAsync("model_list: []", change: options => options with { Usage = reader });
        using HttpResponseMessage response = await SendAsync(gateway, format);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());

        // The reader stands still until this has come.
        (await lines.ReadLineAsync()).ShouldNotBeNull();
        reader.Made.ShouldBeLessThan(Million);
        reader.Go.SetResult();
        long count = 1;
        while (await lines.ReadLineAsync() is not null)
        {
            count++;
        }

        count.ShouldBe(Million + (format == "csv" ? 1 : 0));
        response.Headers.Contains("x-interline-source").ShouldBeFalse();
    }

    [Fact]
    public async Task Rows_are_not_made_faster_than_they_are_read()
    {
        var reader = new EndlessReader(Million);
        await using RunningGateway gateway = await RunningGateway.StartAsync("model_list: []", change: options => options with { Usage = reader });
        using HttpResponseMessage response = await SendAsync(gateway, "csv");
        Stream body = await response.Content.ReadAsStreamAsync();
        (await body.ReadAsync(new byte[1])).ShouldBe(1);

        // About 200 bytes a row: what the two sockets hold is a few MiB at most, a tenth of the whole.
        await Waiting.UntilAsync(() => reader.StandsStill(), "the export waits for its reader");
        reader.Made.ShouldBeLessThan(Million / 4);
        body.Dispose();
        response.Dispose();
        await Waiting.UntilAsync(() => reader.Ended, "the export ends with its client");
        reader.Made.ShouldBeLessThan(Million / 2);
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningGateway gateway, string format)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/calls?format=" + format);
        request.Headers.Authorization = new("Bearer", RunningGateway.Key);
        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Makes calls one by one as they are asked for.</summary>
    private sealed class EndlessReader(int calls) : IUsageReader
    {
        private long _made;
        private long _seen = -1;
        private int _same;
        private bool _ended;

        public int WaitsAfter { get; init; } = int.MaxValue;

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Made => Interlocked.Read(ref _made);

        public bool Ended => Volatile.Read(ref _ended);

        /// <summary>Whether no call was made between fifty looks.</summary>
        public bool StandsStill()
        {
            long made = Made;
            _same = made == _seen ? _same + 1 : 0;
            _seen = made;
            return _same >= 50;
        }

        public async IAsyncEnumerable<StoredCall> CallsAsync(CallQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            try
            {
                for (int i = 1; i <= calls; i++)
                {
                    cancel.ThrowIfCancellationRequested();
                    if (i == WaitsAfter)
                    {
                        await Go.Task.WaitAsync(cancel);
                    }

                    Interlocked.Increment(ref _made);
                    yield return new StoredCall($"{i:x32}", new CallRecord { Number = i, StartedAt = DateTimeOffset.UnixEpoch, Operation = "openai.chat", Group = "gpt", Status = 200, Usage = new Usage { Input = i }, SnapshotVersion = "v", Seed = 1 });
                }
            }
            finally
            {
                Volatile.Write(ref _ended, true);
            }
        }

        public ValueTask<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<StoredCall?> FindAsync(string id, CancellationToken cancel) => throw new NotSupportedException();
    }
}
