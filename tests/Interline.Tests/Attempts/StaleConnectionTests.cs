using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

/// <summary>Connections that were kept and that their other end gives up as a request comes.</summary>
public sealed class StaleConnectionTests
{
    [Fact]
    public async Task A_request_that_met_a_connection_given_up_goes_out_again_at_once_and_is_no_retry()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer)).Then(FakeAnswer.Cut()).Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider);
        await engine.SendAsync(Wire.Plain);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Record.Error.ShouldBeNull();
        (ended.Record.Attempts, ended.Record.Retries, ended.Record.Failed.Count).ShouldBe((1, 0, 0));
        provider.Requests.Count.ShouldBe(3);
        engine.State("d1").Totals.Failures.ShouldBe(0);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_new_connection_that_is_cut_is_a_failure()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Cut(), times: 2);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error!.Kind.ShouldBe(ErrorKind.Network);
        provider.Requests.Count.ShouldBe(1);
    }
}
