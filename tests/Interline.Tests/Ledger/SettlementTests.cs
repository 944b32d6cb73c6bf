using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Ledger;

/// <summary>What is booked where the ledger is full or fails.</summary>
public class SettlementTests
{
    [Fact]
    public async Task A_call_that_a_full_ledger_refuses_does_not_make_it_fuller()
    {
        await using var provider = new FakeProvider();
        var ledger = new MoodyLedger { IsFull = true };
        using Engine engine = new Engine { Ledger = ledger }.With(provider);

        Call call = engine.Begin(Wire.Plain);
        call.Error = await engine.Gateway.AdmitAsync(call, CancellationToken.None);
        engine.Time.Advance(TimeSpan.FromSeconds(2));
        CallRecord record = engine.Gateway.Settle(call);

        call.Error!.Code.ShouldBe("ledger_full");
        record.Error.ShouldBe(ErrorKind.Server);
        record.Duration.ShouldBe(TimeSpan.FromSeconds(2));
        (ledger.Opened, ledger.Settled).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_call_that_was_under_way_when_the_ledger_got_full_is_booked()
    {
        await using var provider = new FakeProvider();
        var ledger = new MoodyLedger();
        using Engine engine = new Engine { Ledger = ledger }.With(provider);

        Call call = engine.Begin(Wire.Plain);
        (await engine.Gateway.AdmitAsync(call, CancellationToken.None)).ShouldBeNull();
        ledger.IsFull = true;
        engine.Gateway.Settle(call);

        (ledger.Opened, ledger.Settled).ShouldBe((1, 1));
    }

    [Fact]
    public void A_booking_that_failed_is_made_when_the_call_ends()
    {
        var ledger = new MoodyLedger { Failures = 1 };
        using Engine engine = new Engine { Ledger = ledger }.With(new Uri("http://localhost:1"));
        var settlement = new Settlement(ledger, engine.Time);
        Call call = engine.Begin(Wire.Plain);

        Should.Throw<IOException>(() => settlement.Book(call));
        settlement.Settle(call);
        settlement.Settle(call);

        ledger.Settled.ShouldBe(1);
    }

    [Fact]
    public void What_is_told_of_a_call_is_what_was_booked_whatever_becomes_of_it_afterwards()
    {
        var ledger = new MoodyLedger();
        using Engine engine = new Engine { Ledger = ledger }.With(new Uri("http://localhost:1"));
        var settlement = new Settlement(ledger, engine.Time);
        Call call = engine.Begin(Wire.Plain);
        call.Status = 200;

        settlement.Book(call);
        call.Status = 499;
        call.Error = new ApiError(ErrorKind.ClientGone, 499, "");
        CallRecord told = settlement.Settle(call);

        told.ShouldBe(ledger.Last);
        (told.Status, told.Error).ShouldBe((200, null));
    }

    private sealed class MoodyLedger : ILedger
    {
        public bool IsFull { get; set; }

        public int Failures { get; set; }

        public int Opened { get; private set; }

        public int Settled { get; private set; }

        public CallRecord Last { get; private set; }

        public void Open(in OpenCall call) => Opened++;

        public void Settle(in CallRecord record)
        {
            if (Failures-- > 0)
            {
                throw new IOException("The disk is full.");
            }

            Settled++;
            Last = record;
        }

        public CallRecord? Find(long number) => null;
    }
}
