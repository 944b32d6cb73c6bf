using System.Text;
using System.Text.Json;
using Interline.Calls;
using Interline.Protocols;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Translation;

/// <summary>Every caller with a provider of every other format: answers, streams, failures.</summary>
public sealed class AcrossFormatsTests
{
    public static TheoryData<string, string> Pairs => Tongue.Pairs;

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_plain_answer_is_translated_priced_and_booked(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(to.Answer));
        using Engine engine = new Engine().With(upstream, to);

        Ended ended = await engine.SendAsync(from.Ask, from.Plain);

        ended.Error.ShouldBeNull();
        from.ReadPlain(ended.Text).ShouldBeWhole();
        ended.Sink.Head!.Value.ContentType.ShouldBe("application/json");
        ended.Sink.Head!.Value.Length.ShouldBe(ended.Sink.Bytes.Length);
        ended.Sink.CostAtBegin.ShouldBe(Wire.Cost);
        ShouldBeBooked(ended, engine);
        ended.Record.Losses.ShouldNotBeNull().Losses.ShouldContain(x => x.Field.StartsWith("unknown", StringComparison.Ordinal), "a field of the caller's own format is reported");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_stream_is_translated_however_it_is_cut_and_booked(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        using Engine engine = new Engine().With(upstream, to);
        var random = new Random(1);
        for (int round = 0; round < 12; round++)
        {
            upstream.Then(FakeAnswer.Stream(to.Stream, [.. Enumerable.Range(0, 16).Select(_ => random.Next(1, round % 3 == 0 ? 4 : 90))]));

            Ended ended = await engine.SendAsync(from.AskStreamed, from.Streamed);

            ended.Error.ShouldBeNull();
            from.ReadStream(ended.Text).ShouldBeWhole();
            ended.Sink.Head!.Value.ContentType.ShouldBe("text/event-stream");
            ended.Record.Streamed.ShouldBeTrue();
            ended.Record.Usage!.Value.Total.ShouldBe(110);
            ended.Record.Cost.ShouldBe(Wire.Cost);
            ended.Record.Finish.ShouldBe(FinishReason.Stop);
        }

        engine.NothingInFlight();
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("gemini")]
    public async Task Usage_that_a_chat_caller_did_not_ask_for_is_booked_and_not_told(string provider)
    {
        Tongue to = Tongue.All[provider];
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Stream(to.Stream, 23));
        using Engine engine = new Engine().With(upstream, to);

        Ended ended = await engine.SendAsync(Wire.Streamed);

        Told told = Tongue.OpenAI.ReadStream(ended.Text);
        (told.Text, told.Finish, told.Ended).ShouldBe((Tongue.Text, "stop", true));
        ended.Text.ShouldNotContain("prompt_tokens");
        ended.Record.Usage!.Value.Total.ShouldBe(110);
        ended.Record.Cost.ShouldBe(Wire.Cost);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_first_piece_goes_on_before_the_second_has_come(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        var gate = new TaskCompletionSource();
        upstream.Then(FakeAnswer.StreamHead().Events(to.Events[0]).Gate(gate.Task).Events(string.Concat(to.Events.Skip(1))).End());
        using Engine engine = new Engine().With(upstream, to);

        Running running = engine.Start(from.AskStreamed, from.Streamed);
        await running.Sink.ReceivedAsync("hé");
        gate.SetResult();

        from.ReadStream((await running.EndAsync()).Text).ShouldBeWhole();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_provider_gets_its_own_path_key_and_headers_and_nothing_of_the_callers(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(to.Answer)).Then(FakeAnswer.Stream(to.Stream));
        using Engine engine = new Engine().With(upstream, to);
        var facts = new CallerFacts { PassedHeaders = [new("anthropic-version", "2099-01-01"), new("anthropic-beta", "secret-beta")] };

        await engine.SendAsync(from.Ask, from.Plain, caller: facts);
        await engine.SendAsync(from.AskStreamed, from.Streamed, caller: facts);

        upstream.Requests.Select(x => x.Path).ShouldBe(provider switch
        {
            "openai" => ["/v1/chat/completions", "/v1/chat/completions"],
            "anthropic" => ["/v1/messages", "/v1/messages"],
            _ => (string[])["/v1beta/models/up-1:generateContent", "/v1beta/models/up-1:streamGenerateContent?alt=sse"],
        });
        foreach (FakeRequest request in upstream.Requests)
        {
            request.Headers[to.KeyHeader].ShouldBe(provider == "openai" ? "Bearer sk-secret-1" : "sk-secret-1");
            request.Headers["Content-Type"].ShouldBe("application/json");
            request.Headers.GetValueOrDefault("anthropic-version").ShouldBe(provider == "anthropic" ? "2023-06-01" : null);
            request.Headers.ContainsKey("anthropic-beta").ShouldBeFalse();
            using JsonDocument body = JsonDocument.Parse(request.Body);
            (body.RootElement.TryGetProperty("model", out JsonElement model) ? model.GetString() : null).ShouldBe(provider == "gemini" ? null : "up-1");
            body.RootElement.TryGetProperty(provider == "gemini" ? "contents" : "messages", out JsonElement _).ShouldBeTrue();
            request.Text.ShouldContain("hi");
        }

        using JsonDocument streamed = JsonDocument.Parse(upstream.Requests[1].Body);
        streamed.RootElement.TryGetProperty("stream", out JsonElement stream).ShouldBe(provider != "gemini");
        (stream.ValueKind == JsonValueKind.True).ShouldBe(provider != "gemini");
        streamed.RootElement.TryGetProperty("stream_options", out JsonElement _).ShouldBe(provider == "openai", "usage is asked for to be priced");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_error_in_mid_stream_is_told_in_the_callers_format(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Stream(to.Events[0] + to.ErrorEvent, 7));
        using Engine engine = new Engine().With(upstream, to);

        Ended ended = await engine.SendAsync(from.AskStreamed, from.Streamed);

        from.ReadStream(ended.Text).ShouldBeBroken().ShouldBe(Tongue.Overloaded);
        ended.Record.Error.ShouldBe(ErrorKind.Overloaded);
        engine.State("d1").Totals.Failures.ShouldBe(1);
        engine.NothingInFlight();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_stream_that_is_cut_is_told_in_the_callers_format_and_never_ends_clean(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.CutStream(to.Events[0])).Then(FakeAnswer.CutStream(to.Events[0] + to.Events[1][..20])).Then(FakeAnswer.EndStream(to.Events[0]));
        using Engine engine = new Engine { Router = new() { DisableCooldowns = true } }.With(upstream, to);
        for (int round = 0; round < 3; round++)
        {
            Ended ended = await engine.SendAsync(from.AskStreamed, from.Streamed);

            from.ReadStream(ended.Text).ShouldBeBroken();
            ended.Record.Error.ShouldBe(ErrorKind.Network);
        }

        engine.NothingInFlight();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_malformed_event_is_kept_back_and_counted(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Stream(to.Events[0] + to.Malformed + string.Concat(to.Events.Skip(1)), 11));
        using Engine engine = new Engine().With(upstream, to);

        Ended ended = await engine.SendAsync(from.AskStreamed, from.Streamed);

        from.ReadStream(ended.Text).ShouldBeWhole();
        ended.Record.MalformedEvents.ShouldBe(1);
        ended.Record.Error.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_error_answer_is_told_in_the_callers_envelope_with_its_status_and_text(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(to.ErrorBody, 500));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(upstream, to);

        Ended ended = await engine.SendAsync(from.Ask, from.Plain);

        ended.Error!.Status.ShouldBe(500);
        ended.Error.Raw.Length.ShouldBe(0, "the provider's bytes are of another format");
        from.ReadPlain(Encoding.UTF8.GetString(from.Plain.WriteError(ended.Error))).Error.ShouldBe(Tongue.Overloaded);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_client_that_leaves_cancels_the_provider(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.HangInStream(to.Events[0]));
        using Engine engine = new Engine().With(upstream, to);

        Running running = engine.Start(from.AskStreamed, from.Streamed);
        await running.Sink.ReceivedAsync("hé");
        running.Abort();
        Ended ended = await running.EndAsync();

        await (await upstream.RequestAsync(1)).Aborted;
        ended.Record.Error.ShouldBe(ErrorKind.ClientGone);
        from.ReadStream(ended.Text).Ended.ShouldBeFalse();
        engine.NothingInFlight();
    }

    private static void ShouldBeBooked(Ended ended, Engine engine)
    {
        ended.Record.Usage!.Value.Total.ShouldBe(110);
        ended.Record.Cost.ShouldBe(Wire.Cost);
        ended.Record.Finish.ShouldBe(FinishReason.Stop);
        ended.Record.Status.ShouldBe(200);
        ended.Record.UpstreamModel.ShouldBe("up-1");
        engine.State("d1").Totals.ShouldBe(new(1, 0, 100, 10, Wire.Cost));
        engine.NothingInFlight();
    }
}
