using System.Text.Json;
using Interline.Ledger;
using Interline.Server.Telemetry;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Telemetry;

/// <summary>The call log when its reader has stopped or gone.</summary>
public sealed class CallLogTests
{
    private const string Id = "00000000000000010000000000000002";

    private static CallRecord Record { get; } = new()
    {
        Number = 2,
        StartedAt = DateTimeOffset.UnixEpoch,
        Operation = "openai.chat",
        Group = "gpt-4o",
        Status = 200,
        Cost = 0.000000123456789m,
        SnapshotVersion = "abc",
        Seed = 1,
        Failed = [],
        DroppedParameters = [],
    };

    [Fact]
    public void A_line_is_one_JSON_object_with_the_cost_as_text()
    {
        using var output = new MemoryLog();
        using (var log = new CallLog(output, new HandTimers()))
        {
            log.Write(Record, Id);
            log.Write(Record, Id);
        }

        output.Lines.Length.ShouldBe(2);
        JsonElement line = JsonDocument.Parse(output.Lines[0]).RootElement;
        line.GetProperty("cost_usd").GetString().ShouldBe("0.000000123456789");
        line.GetProperty("id").GetString().ShouldBe(Id);
    }

    [Fact]
    public async Task Lines_are_shed_and_counted_while_the_reader_is_blocked_and_no_call_waits()
    {
        using var output = new BlockedStream();
        var timers = new HandTimers();
        using var log = new CallLog(output, timers);
        log.Write(Record, Id);
        Task[] first = timers.Fire();
        await Waiting.UntilAsync(() => output.Waiting == 1, "a blocked write");

        for (int i = 0; i < 50_000; i++)
        {
            log.Write(Record, Id);
        }

        log.Shed.ShouldBeGreaterThan(0);
        output.Open();
        await Task.WhenAll(first);
        log.Flush();
        output.Written.ShouldBeLessThan(5 << 20);
    }

    [Fact]
    public async Task A_blocked_reader_holds_one_thread_however_long_it_lasts()
    {
        using var output = new BlockedStream();
        var timers = new HandTimers();
        using var log = new CallLog(output, timers);
        log.Write(Record, Id);
        Task[] stuck = timers.Fire();
        await Waiting.UntilAsync(() => output.Waiting == 1, "a blocked write");
        log.Write(Record, Id);

        // The timer goes on firing; its callbacks must not queue up behind the blocked one, each on a thread of the pool.
        try
        {
            await Task.WhenAll(timers.Fire()).WaitAsync(Waiting.Limit);
        }
        finally
        {
            output.Open();
            await Task.WhenAll(stuck);
        }

        output.MostWaiting.ShouldBe(1);
    }

    [Fact]
    public async Task A_blocked_reader_does_not_keep_the_program_from_ending()
    {
        using var output = new BlockedStream();
        var timers = new HandTimers();
        var log = new CallLog(output, timers);
        log.Write(Record, Id);
        Task[] stuck = timers.Fire();
        await Waiting.UntilAsync(() => output.Waiting == 1, "a blocked write");
        log.Write(Record, Id);
        try
        {
            await Task.Run(log.Dispose).WaitAsync(Waiting.Limit);
        }
        finally
        {
            output.Open();
            await Task.WhenAll(stuck);
        }
    }

    [Fact]
    public void A_closed_output_is_survived()
    {
        using var log = new CallLog(new ClosedStream(), new HandTimers());
        log.Write(Record, Id);
        log.Flush();
        log.Write(Record, Id);
        log.Flush();
        log.Shed.ShouldBe(2);
    }

    private sealed class ClosedStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("broken pipe");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("broken pipe");
    }
}
