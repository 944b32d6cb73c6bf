using System.Buffers;
using System.Collections.Frozen;
using Interline.Core.Pricing;
using Interline.Protocols;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Testing;
using Interline.Translation;

namespace Interline.Tests.Translation;

/// <summary>Answers that came, are paid for, and cannot be given on: told as errors and booked.</summary>
public sealed class UnusableAnswerTests
{
    private const string Unreadable =
        """{"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":7}],"stop_reason":"end_turn","usage":{"input_tokens":100,"output_tokens":10}}""";

    [Fact]
    public async Task An_answer_that_cannot_be_read_is_paid_for_beside_the_one_that_was_given()
    {
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Json(Unreadable));
        two.Then(FakeAnswer.Json(Tongue.OpenAI.Answer));
        using Engine engine = new Engine().With(one, Tongue.Anthropic).With(two, Tongue.OpenAI);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error.ShouldBeNull();
        ended.Record.Failed.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            x => x.Kind.ShouldBe(ErrorKind.Malformed), x => x.Usage!.Value.Total.ShouldBe(110), x => x.Cost.ShouldBe(Wire.Cost));
        ended.Record.Usage!.Value.Total.ShouldBe(110);
        ended.Record.Cost.ShouldBe(2 * Wire.Cost);
    }

    [Fact]
    public async Task What_an_unreadable_answer_cost_is_not_said_of_an_attempt_that_got_none()
    {
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Json(Unreadable));
        two.Then(FakeAnswer.Json(Tongue.OpenAI.ErrorBody, 500));
        using Engine engine = new Engine { Router = new() { NumRetries = 1 } }.With(one, Tongue.Anthropic).With(two, Tongue.OpenAI);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error!.Status.ShouldBe(500);
        ended.Record.Usage.ShouldBeNull();
        ended.Record.Cost.ShouldBe(Wire.Cost);
    }

    [Fact]
    public async Task A_fault_in_a_writer_is_an_error_that_is_booked_and_quotes_nothing()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.OpenAI.Answer));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(upstream, Tongue.OpenAI);

        Ended ended = await engine.SendAsync(Tongue.Anthropic.Ask, new FaultyLane(_ => false));

        (ended.Error!.Kind, ended.Error.Status).ShouldBe((ErrorKind.Server, 502));
        ended.Error.Message.ShouldNotContain("secret");
        ended.Record.Cost.ShouldBe(Wire.Cost);
        engine.NothingInFlight();
    }

    [Theory]
    [InlineData(typeof(AnswerEnded))]
    [InlineData(typeof(ChoiceFinished))]
    public async Task A_fault_in_the_midst_or_at_the_end_of_a_stream_is_told_in_it_and_booked(Type falls)
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Stream(Tongue.OpenAI.Stream));
        using Engine engine = new Engine().With(upstream, Tongue.OpenAI);

        Ended ended = await engine.SendAsync(Tongue.Anthropic.AskStreamed, new FaultyLane(e => e.GetType() == falls));

        Told told = Tongue.Anthropic.ReadStream(ended.Text);
        told.Error.ShouldNotBeNull().ShouldNotContain("secret");
        told.Ended.ShouldBeFalse();
        ended.Record.Error.ShouldBe(ErrorKind.Server);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_writer_that_cannot_even_tell_the_failure_leaves_it_to_the_lane()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Stream(Tongue.OpenAI.Stream));
        using Engine engine = new Engine().With(upstream, Tongue.OpenAI);

        Ended ended = await engine.SendAsync(Tongue.Anthropic.AskStreamed, new FaultyLane(e => e is ChoiceFinished or AnswerFailed));

        Tongue.Anthropic.ReadStream(ended.Text).Error.ShouldNotBeNull();
        ended.Record.Error.ShouldBe(ErrorKind.Server);
    }

    [Fact]
    public void A_reader_that_does_not_take_the_stream_for_whole_says_so_at_its_end()
    {
        LossList losses = new();
        using var writer = Protocols.Anthropic.MessagesFormat.Instance.NewStreamWriter(new AnswerDefaults("made", 1, "m", IncludeUsage: true), losses);
        using var stream = new StreamTranslation(
            new Protocols.Anthropic.AnswerStreamReader(), writer, new ToolCallIds(new string('0', 32)), names: null, new SignatureStore().Keeper("t", new Signer(WireFormat.AnthropicMessages, "p", "h")), carried: null);
        stream.End(new ArrayBufferWriter<byte>()).ShouldNotBeNull().Kind.ShouldBe(ErrorKind.Network);
    }

    [Fact]
    public async Task The_tier_asked_for_is_the_one_that_the_provider_was_asked_for()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.Anthropic.Answer));
        Price price = Engine.TestPrice with { ServiceTiers = new Dictionary<string, Price> { ["priority"] = new() { Input = 20m, Output = 100m } }.ToFrozenDictionary() };
        using Engine engine = new Engine().With(upstream, Tongue.Anthropic, x => x with { Price = price });

        Ended ended = await engine.SendAsync(Wire.Plain[..^1] + ",\"service_tier\":\"priority\"}");

        upstream.Requests[0].Text.ShouldNotContain("priority");
        ended.Record.Cost.ShouldBe(Wire.Cost);
    }
}
