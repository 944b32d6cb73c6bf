using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Ledger;

/// <summary>Whoever has seen the end of an answer can rely on its being in the books, should the process be killed at that very moment.</summary>
public class BookedBeforeTheEndTests
{
    [Fact]
    public async Task A_plain_answer_is_booked_before_its_first_byte_goes_to_the_client()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider);

        CallRecord? booked = await WhenTheClientIsWaitedForAsync(engine, Wire.Plain);

        booked.ShouldNotBeNull().Cost.ShouldBe(Wire.Cost);
        booked.Value.Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(Wire.Events)]
    [InlineData(Wire.First + Wire.Finish + Wire.Usage)]
    public async Task A_stream_is_booked_with_its_cost_before_its_end_goes_to_the_client(string events)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.EndStream(events));
        using Engine engine = new Engine().With(provider);

        CallRecord? booked = await WhenTheClientIsWaitedForAsync(engine, Wire.Streamed, atEnd: true);

        booked.ShouldNotBeNull().Cost.ShouldBe(Wire.Cost);
        booked.Value.Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_stream_that_breaks_off_is_booked_as_such_before_the_client_is_told()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.CutStream(Wire.First));
        using Engine engine = new Engine().With(provider);

        CallRecord? booked = await WhenTheClientIsWaitedForAsync(engine, Wire.Streamed, atEnd: true);

        booked.ShouldNotBeNull().Error.ShouldBe(ErrorKind.Network);
    }

    [Fact]
    public async Task A_call_is_booked_once()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.Events));
        var ledger = new CountingLedger();
        using Engine engine = new Engine { Ledger = ledger }.With(provider);

        await engine.SendAsync(Wire.Streamed);

        ledger.Settled.ShouldBe(1);
    }

    /// <summary>What the books know of a call each time it is about to give the client something: at the first time, or at the last.</summary>
    private static async Task<CallRecord?> WhenTheClientIsWaitedForAsync(Engine engine, string body, bool atEnd = false)
    {
        Call call = engine.Begin(body);
        List<CallRecord?> known = [];
        var sink = new WatchedSink(() => known.Add(engine.Gateway.FindCall(call.Id)));
        await engine.Gateway.SendAsync(call, sink, CancellationToken.None);
        if (atEnd && call.Error is null && known[^1] is null)
        {
            // This stream has no end marker: its end is that of the connection, which the server closes when the call is settled.
            engine.Gateway.Settle(call);
            return engine.Gateway.FindCall(call.Id);
        }

        engine.Gateway.Settle(call);
        return atEnd ? known[^1] : known[0];
    }

    private sealed class CountingLedger : ILedger
    {
        private readonly InMemoryLedger _inner = new();

        public int Settled { get; private set; }

        public void Open(in OpenCall call) => _inner.Open(call);

        public void Settle(in CallRecord record)
        {
            Settled++;
            _inner.Settle(record);
        }

        public CallRecord? Find(long number) => _inner.Find(number);
    }
}
