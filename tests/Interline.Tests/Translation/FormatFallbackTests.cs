using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Translation;

/// <summary>Whatever fails before the first event is carried by a deployment of any format, for a caller of any format.</summary>
public sealed class FormatFallbackTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Each caller with each format of the deployment that carries; the one that fails is of another.</summary>
    public static TheoryData<string, string, string> Triples
    {
        get
        {
            var all = new TheoryData<string, string, string>();
            foreach (string caller in Tongue.All.Keys)
            {
                foreach (string second in Tongue.All.Keys)
                {
                    foreach (string first in Tongue.All.Keys.Where(x => x != second))
                    {
                        all.Add(caller, first, second);
                    }
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Triples))]
    public async Task A_plain_call_that_fails_is_carried_by_another_format(string caller, string failing, string carrying)
    {
        (Tongue from, Tongue first, Tongue second) = (Tongue.All[caller], Tongue.All[failing], Tongue.All[carrying]);
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Json(first.ErrorBody, 500));
        two.Then(FakeAnswer.Json(second.Answer));
        using Engine engine = new Engine().With(one, first).With(two, second);

        Ended ended = await engine.SendAsync(from.Ask, from.Plain);

        from.ReadPlain(ended.Text).ShouldBeWhole();
        ShouldBeCarried(ended, ErrorKind.Server, caller == carrying);
        engine.NothingInFlight();
    }

    [Theory]
    [MemberData(nameof(Triples))]
    public async Task A_stream_that_is_cut_before_its_first_event_is_carried_by_another_format(string caller, string failing, string carrying)
    {
        (Tongue from, Tongue first, Tongue second) = (Tongue.All[caller], Tongue.All[failing], Tongue.All[carrying]);
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.CutStream(first.Events[0][..30]));
        two.Then(FakeAnswer.Stream(second.Stream, 9));
        using Engine engine = new Engine().With(one, first).With(two, second);

        Ended ended = await engine.SendAsync(from.AskStreamed, from.Streamed);

        from.ReadStream(ended.Text).ShouldBeWhole();
        ShouldBeCarried(ended, ErrorKind.Network, caller == carrying);
        engine.NothingInFlight();
    }

    [Theory]
    [MemberData(nameof(Triples))]
    public async Task A_stream_that_begins_with_an_error_is_carried_by_another_format(string caller, string failing, string carrying)
    {
        (Tongue from, Tongue first, Tongue second) = (Tongue.All[caller], Tongue.All[failing], Tongue.All[carrying]);
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Stream(first.ErrorEvent, 9));
        two.Then(FakeAnswer.Stream(second.Stream, 9));
        using Engine engine = new Engine().With(one, first).With(two, second);

        Ended ended = await engine.SendAsync(from.AskStreamed, from.Streamed);

        from.ReadStream(ended.Text).ShouldBeWhole();
        ShouldBeCarried(ended, ErrorKind.Overloaded, caller == carrying);
    }

    [Theory]
    [MemberData(nameof(Triples))]
    public async Task A_stream_that_hangs_is_carried_by_another_format_when_its_time_is_up(string caller, string failing, string carrying)
    {
        (Tongue from, Tongue first, Tongue second) = (Tongue.All[caller], Tongue.All[failing], Tongue.All[carrying]);
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.HangInStream());
        two.Then(FakeAnswer.Stream(second.Stream, 9));
        using Engine engine = new Engine { Router = new() { Timeout = Limit } }.With(one, first).With(two, second);

        Running running = engine.Start(from.AskStreamed, from.Streamed);
        FakeRequest hanging = await one.RequestAsync(1);
        await hanging.Stalled;
        engine.Time.Advance(Limit + TimeSpan.FromMilliseconds(2));
        Ended ended = await running.EndAsync();

        from.ReadStream(ended.Text).ShouldBeWhole();
        ShouldBeCarried(ended, ErrorKind.Timeout, caller == carrying);
        await hanging.Aborted;
        engine.NothingInFlight();
    }

    [Theory]
    [InlineData("openai", "openai")]
    [InlineData("openai", "gemini")]
    [InlineData("anthropic", "anthropic")]
    [InlineData("anthropic", "openai")]
    [InlineData("gemini", "anthropic")]
    public async Task An_overload_right_after_message_start_is_carried_and_nothing_of_it_is_seen(string caller, string carrying)
    {
        (Tongue from, Tongue second) = (Tongue.All[caller], Tongue.All[carrying]);
        string start = Tongue.Anthropic.Events[0];
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Stream(start[..(start.IndexOf("\n\n", StringComparison.Ordinal) + 2)].Replace("msg_1", "msg_failed", StringComparison.Ordinal) + Tongue.Anthropic.ErrorEvent, 13));
        two.Then(FakeAnswer.Stream(second.Stream, 9));
        using Engine engine = new Engine().With(one, Tongue.Anthropic).With(two, second);

        Ended ended = await engine.SendAsync(from.AskStreamed, from.Streamed);

        from.ReadStream(ended.Text).ShouldBeWhole();
        ended.Text.ShouldNotContain("msg_failed");
        ShouldBeCarried(ended, ErrorKind.Overloaded, caller == carrying);
    }

    [Fact]
    public async Task A_same_format_body_goes_untouched_to_the_deployment_that_carries_a_translated_failure()
    {
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Json(Tongue.OpenAI.ErrorBody, 500));
        two.Then(FakeAnswer.Json(Tongue.Anthropic.Answer));
        using Engine engine = new Engine().With(one, Tongue.OpenAI).With(two, Tongue.Anthropic);

        Ended ended = await engine.SendAsync(Tongue.Anthropic.Ask, Tongue.Anthropic.Plain);

        ended.Text.ShouldBe(Tongue.Anthropic.Answer);
        two.Requests[0].Text.ShouldBe(Tongue.Anthropic.Ask.Replace("\"gpt\"", "\"up-2\"", StringComparison.Ordinal));
    }

    private static void ShouldBeCarried(Ended ended, ErrorKind failure, bool sameFormat)
    {
        ended.Error.ShouldBeNull();
        ended.Record.Error.ShouldBeNull();
        ended.Record.Failed.ShouldHaveSingleItem().Kind.ShouldBe(failure);
        ended.Record.DeploymentId.ShouldBe("d2");
        ended.Record.Usage!.Value.Total.ShouldBe(110);
        ended.Record.Cost.ShouldBe(Wire.Cost + (ended.Record.Failed[0].Cost ?? 0));
        (ended.Record.Failed[0].Cost > 0).ShouldBe(failure == ErrorKind.Timeout, "who was sent a request and had no time to answer charges its input");
        (ended.Record.Losses is null).ShouldBe(sameFormat, "only a translated answer has losses to tell");
    }
}
