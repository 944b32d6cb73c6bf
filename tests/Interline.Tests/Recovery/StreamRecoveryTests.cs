using System.Text.Json;
using Interline.Calls;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Ledger;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Testing;
using Interline.Tests.Translation;

namespace Interline.Tests.Recovery;

/// <summary>An answer that breaks off after some of it has gone to the client: carried on by another, or ended with an error; never a garbled join, never a clean end.</summary>
public sealed class StreamRecoveryTests
{
    private static readonly ModelInfo CanGoOn = new() { Provider = "fake", Id = "m", Capabilities = ModelCapabilities.Prefill };

    public static TheoryData<string> Callers => [.. Tongue.All.Keys];

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Without_recovery_it_ends_with_an_error(string caller)
    {
        await using var scene = new Scene(caller, StreamRecovery.Off);
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ", "wor")));

        Ended ended = await scene.AskAsync();

        scene.ShouldHaveFailed(ended, "Hello wor").ShouldContain("the connection was lost");
        scene.Second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Nothing_follows_an_error_that_the_provider_streams(string caller)
    {
        await using var scene = new Scene(caller, StreamRecovery.Off);
        scene.First.Then(FakeAnswer.Stream(scene.One.Head + scene.One.Pieces("Hello ") + scene.One.Error + scene.One.Pieces("world") + scene.One.Tail));

        Ended ended = await scene.AskAsync();

        scene.ShouldHaveFailed(ended, "Hello ").ShouldBe("The model crashed.");
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task An_answer_that_differs_is_not_joined(string caller)
    {
        await using var scene = new Scene(caller);
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ", "world, how")));
        scene.Second.Then(FakeAnswer.HangInStream(scene.Two.Head + scene.Two.Pieces("Hello world", "! How are you?")));

        Ended ended = await scene.AskAsync();

        scene.ShouldHaveFailed(ended, "Hello world, how").ShouldContain("A second answer could not be joined to it: it differs from what had been sent (stream_recovery).");
        ended.Record.Error.ShouldBe(ErrorKind.Network);
        scene.Engine.State("d2").Totals.ShouldBe(default);
        await scene.Second.Requests[0].Aborted;
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task An_answer_that_ends_too_early_is_not_joined(string caller)
    {
        await using var scene = new Scene(caller);
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ", "world, how")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hello world")));

        Ended ended = await scene.AskAsync();

        scene.ShouldHaveFailed(ended, "Hello world, how").ShouldContain("it ended before what had been sent did (stream_recovery).");
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_call_of_a_tool_is_never_carried_on(string caller)
    {
        await using var scene = new Scene(caller);
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Let me look.") + scene.One.ToolStart));

        Ended ended = await scene.AskAsync();

        scene.ShouldHaveFailed(ended, "Let me look.");
        scene.Second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Signed_reasoning_is_never_carried_on(string caller)
    {
        await using var scene = new Scene(caller);
        string head = caller == "anthropic" ? "" : scene.One.Head;
        scene.First.Then(FakeAnswer.CutStream(head + scene.One.Signed));

        Ended ended = await scene.AskAsync();

        scene.ShouldHaveFailed(ended, caller == "gemini" ? "he" : "");
        scene.Second.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Several_answers_at_once_are_never_carried_on()
    {
        await using var scene = new Scene("openai") { Fields = "\"n\":2," };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));

        scene.ShouldHaveFailed(await scene.AskAsync(), "Hello ");
        scene.Second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("\"off\"", StreamRecovery.Restart, false)]
    [InlineData("false", StreamRecovery.Restart, false)]
    [InlineData("\"restart\"", StreamRecovery.Off, true)]
    [InlineData("\"continue\"", StreamRecovery.Off, true)]
    public async Task The_request_has_the_word_and_no_provider_hears_of_it(string asked, StreamRecovery router, bool carried)
    {
        await using var scene = new Scene("openai", router) { Fields = $"\"stream_recovery\":{asked}," };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hello world")));

        Ended ended = await scene.AskAsync();

        (ended.Record.Error is null).ShouldBe(carried);
        scene.First.Requests[0].Text.ShouldNotContain("stream_recovery");
        scene.Second.Requests.Count.ShouldBe(carried ? 1 : 0);
    }

    [Fact]
    public async Task A_deployment_has_the_word_before_the_router()
    {
        await using var scene = new Scene("openai", StreamRecovery.Off) { Change = static x => x with { StreamRecovery = StreamRecovery.Restart } };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hello world")));

        (await scene.AskAsync()).Record.Error.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task The_second_goes_on_from_the_text_so_far_where_its_model_can(string caller)
    {
        await using var scene = new Scene(caller, StreamRecovery.Continue) { Model = CanGoOn };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ", "big ")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole(" world", ".")));

        Ended ended = await scene.AskAsync();

        scene.ShouldBeWhole(ended, "Hello big world.");
        using JsonDocument request = JsonDocument.Parse(scene.Second.Requests[0].Text);
        JsonElement last = request.RootElement.GetProperty(caller == "gemini" ? "contents" : "messages").EnumerateArray().Last();
        last.GetProperty("role").GetString().ShouldBe(caller == "gemini" ? "model" : "assistant");
        (caller == "gemini" ? last.GetProperty("parts")[0].GetProperty("text") : last.GetProperty("content")).GetString().ShouldBe("Hello big");
    }

    [Fact]
    public async Task A_model_of_another_format_goes_on_too()
    {
        await using var scene = new Scene("openai", StreamRecovery.Continue, second: "anthropic") { Model = CanGoOn };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello", " big")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole(" world")));

        scene.ShouldBeWhole(await scene.AskAsync(), "Hello big world");
        scene.Second.Requests[0].Text.ShouldContain("\"Hello big\"");
    }

    [Fact]
    public async Task A_model_that_is_not_known_to_go_on_answers_anew()
    {
        await using var scene = new Scene("openai", StreamRecovery.Continue);
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hel", "lo wor", "ld")));

        scene.ShouldBeWhole(await scene.AskAsync(), "Hello world");
        scene.Second.Requests[0].Text.ShouldNotContain("Hello");
    }

    [Fact]
    public async Task A_conversation_that_ends_with_a_beginning_of_its_own_is_answered_anew()
    {
        await using var scene = new Scene("openai", StreamRecovery.Continue) { Model = CanGoOn, Body = """{"model":"gpt","stream":true,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"Well,"}]}""" };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hello world")));

        scene.ShouldBeWhole(await scene.AskAsync(), "Hello world");
        scene.Second.Requests[0].Text.ShouldNotContain("Hello");
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_beginning_that_is_refused_is_not_the_callers_error(string caller)
    {
        await using var scene = new Scene(caller, StreamRecovery.Continue) { Model = CanGoOn };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ", "big")));
        scene.Second.Then(FakeAnswer.Json("""{"error":{"message":"The last message must be the user's.","type":"invalid_request_error","code":"invalid_prefill"}}""", 400))
            .Then(FakeAnswer.Stream(scene.Two.Whole("Hello ", "big world")));

        Ended ended = await scene.AskAsync();

        scene.ShouldBeWhole(ended, "Hello big world");
        ended.Record.Attempts.ShouldBe(3);
        ended.Record.Failed.Select(x => (x.Kind, x.Begun)).ShouldBe([(ErrorKind.Network, true), (ErrorKind.BadRequest, false)]);
        scene.Second.Requests[1].Text.ShouldNotContain("Hello");
    }

    [Fact]
    public async Task Mistral_is_told_by_a_mark_that_it_is_to_go_on()
    {
        await using var scene = new Scene("openai", StreamRecovery.Continue) { Model = CanGoOn, Change = static x => x with { Provider = x.Provider with { Id = "mistral" } } };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("\"Hé")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("llo\"")));

        scene.ShouldBeWhole(await scene.AskAsync(), "\"Héllo\"");
        scene.Second.Requests[0].Text.ShouldContain("""{"role":"assistant","content":"\"Hé","prefix":true}]""");
    }

    [Fact]
    public async Task Head_and_identity_are_those_of_the_first_and_the_usage_is_that_of_the_last()
    {
        await using var scene = new Scene("openai") { Body = Wire.StreamedWithUsage };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hello ", "world")));

        Ended ended = await scene.AskAsync();

        string[] data = [.. ended.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(x => x["data: ".Length..])];
        data[^1].ShouldBe("[DONE]");
        using JsonDocument usage = JsonDocument.Parse(data[^2]);
        usage.RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBe(10);
        foreach (string chunk in data[..^1])
        {
            using JsonDocument json = JsonDocument.Parse(chunk);
            json.RootElement.GetProperty("id").GetString().ShouldBe("one");
            json.RootElement.GetProperty("model").GetString().ShouldBe("m-one");
            json.RootElement.GetProperty("created").GetInt32().ShouldBe(7);
        }

        Times(ended.Text, "\"role\"").ShouldBe(1);
        Times(ended.Text, "\"finish_reason\":\"stop\"").ShouldBe(1);
        Times(ended.Text, "\"usage\":{").ShouldBe(1);
    }

    [Fact]
    public async Task Both_legs_are_paid_for()
    {
        await using var scene = new Scene("openai");
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ", "big ", "wor")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hello big world")));

        CallRecord record = (await scene.AskAsync()).Record;

        FailedAttempt first = record.Failed.ShouldHaveSingleItem();
        first.Usage!.Value.Output.ShouldBe(4);
        first.Usage.Value.Input.ShouldBeGreaterThan(0);
        record.Usage!.Value.Output.ShouldBe(10);
        record.Cost.ShouldBe(first.Cost + Wire.Cost);
        record.Estimated.ShouldBeTrue();
        record.Status.ShouldBe(200);
        scene.Engine.State("d1").Totals.Failures.ShouldBe(1);
        scene.Engine.State("d2").Totals.Successes.ShouldBe(1);
    }

    [Fact]
    public async Task The_join_is_in_the_decision_and_it_is_decided_again_the_same()
    {
        await using var scene = new Scene("openai");
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hello world")));

        await scene.AskAsync();

        var report = scene.Engine.Gateway.FindDecision(scene.CallId).ShouldNotBeNull();
        report.Identical.ShouldBe(true);
        report.Inputs.Visits[0].Outcomes[0].ShouldBe(new StepOutcome(ErrorKind.Network, null, Exclusion.None) { Begun = true });
    }

    [Fact]
    public async Task Who_broke_off_is_not_asked_again_while_a_fallback_group_stands_behind()
    {
        await using var scene = new Scene("openai") { SecondGroup = "spare" };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hello world")));

        scene.ShouldBeWhole(await scene.AskAsync(), "Hello world");
        scene.First.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Silence_in_the_middle_is_a_break_too()
    {
        await using var scene = new Scene("openai") { SecondGroup = "spare", Change = static x => x.Id == "d1" ? x with { StreamTimeout = TimeSpan.FromSeconds(5) } : x };
        scene.First.Then(FakeAnswer.HangInStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole("Hello world")));

        Running running = scene.Start();
        await running.Sink.ReceivedAsync("Hello ");

        // In steps, for the limit runs from the last event; and less in all than the second may take.
        for (int i = 0; i < 50; i++)
        {
            scene.Engine.Time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Ended ended = await running.EndAsync();
        scene.ShouldBeWhole(ended, "Hello world");
        ended.Record.Failed[0].Kind.ShouldBe(ErrorKind.Timeout);
    }

    [Fact]
    public async Task A_second_that_breaks_off_too_is_carried_on_by_a_third()
    {
        await using var scene = new Scene("openai") { ThirdIsSecond = true };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.CutStream(scene.Two.Head + scene.Two.Pieces("Hello ", "big "))).Then(FakeAnswer.Stream(scene.Two.Whole("Hell", "o big wor", "ld")));

        Ended ended = await scene.AskAsync();

        scene.ShouldBeWhole(ended, "Hello big world");
        ended.Record.Failed.Select(x => x.Begun).ShouldBe([true, true]);
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Where_nobody_carries_it_on_the_client_is_told_how_it_broke_off_and_why_nobody_did(string caller)
    {
        await using var scene = new Scene(caller) { Retries = 1 };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Json("""{"error":{"message":"Out of order.","type":"server_error"}}""", 500));

        Ended ended = await scene.AskAsync();

        string error = scene.ShouldHaveFailed(ended, "Hello ");
        error.ShouldContain("the connection was lost");
        error.ShouldContain("Nobody could carry the answer on: Out of order.");
        ended.Record.Error.ShouldBe(ErrorKind.Network);
    }

    [Fact]
    public async Task An_answer_without_a_stream_does_not_carry_on_one_that_has_begun()
    {
        await using var scene = new Scene("openai") { Retries = 1 };
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.Json(Wire.Answer));

        scene.ShouldHaveFailed(await scene.AskAsync(), "Hello ").ShouldContain("answered without a stream");
    }

    [Fact]
    public async Task A_client_that_leaves_while_the_second_is_asked_ends_the_call()
    {
        await using var scene = new Scene("openai");
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Hello ")));
        scene.Second.Then(FakeAnswer.HangBeforeHeaders());

        Running running = scene.Start();
        FakeRequest asked = await scene.Second.RequestAsync(1);
        running.Abort();
        Ended ended = await running.EndAsync();

        await asked.Aborted;
        ended.Record.Error.ShouldBe(ErrorKind.ClientGone);
        ended.Text.ShouldNotContain("error");
        scene.Engine.NothingInFlight();
    }

    [Fact]
    public async Task A_long_answer_is_carried_on_and_a_far_too_long_one_is_not()
    {
        string page = new('x', 10_000);
        foreach ((int pages, bool carried) in ((int, bool)[])[(30, true), (110, false)])
        {
            await using var scene = new Scene("openai");
            scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces(Enumerable.Repeat(page, pages))));
            scene.Second.Then(FakeAnswer.Stream(scene.Two.Whole([.. Enumerable.Repeat(page, pages), "end"])));

            Ended ended = await scene.AskAsync();

            (ended.Record.Error is null).ShouldBe(carried);
            scene.Second.Requests.Count.ShouldBe(carried ? 1 : 0);
        }
    }

    [Fact]
    public async Task Tools_that_the_second_calls_after_the_join_go_through()
    {
        await using var scene = new Scene("openai");
        scene.First.Then(FakeAnswer.CutStream(scene.One.Head + scene.One.Pieces("Let me ")));
        const string Finish = "data: {\"id\":\"two\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\":1}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\n";
        scene.Second.Then(FakeAnswer.Stream(scene.Two.Head + scene.Two.Pieces("Let me look.") + scene.Two.ToolStart + Finish + Wire.Done));

        Ended ended = await scene.AskAsync();

        ended.Record.Error.ShouldBeNull();
        ended.Text.ShouldContain("\"name\":\"look\"");
        ended.Text.ShouldContain("\"finish_reason\":\"tool_calls\"");
        scene.Tongue.ReadStream(ended.Text).Text.ShouldBe("Let me look.");
    }

    private static int Times(string text, string part) => text.Split(part).Length - 1;

    /// <summary>A caller, and two providers of its format of which the first breaks off.</summary>
    private sealed class Scene(string caller, StreamRecovery recovery = StreamRecovery.Restart, string? second = null) : IAsyncDisposable
    {
        private Engine? _engine;

        public FakeProvider First { get; } = new();

        public FakeProvider Second { get; } = new();

        public Tongue Tongue { get; } = Tongue.All[caller];

        public Speech One { get; } = new(caller, "one");

        public Speech Two { get; } = new(second ?? caller, "two");

        public string? Fields { get; init; }

        public string? Body { get; init; }

        public string? SecondGroup { get; init; }

        public bool ThirdIsSecond { get; init; }

        public int Retries { get; init; } = 2;

        public ModelInfo? Model { get; init; }

        public Func<Deployment, Deployment>? Change { get; init; }

        public string CallId { get; private set; } = "";

        public Engine Engine => _engine ??= Make();

        public Running Start()
        {
            string body = Body ?? Tongue.AskStreamed;
            Running running = Engine.Start(Fields is null ? body : "{" + Fields + body[1..], Tongue.Streamed);
            CallId = running.Call.Id;
            return running;
        }

        public async Task<Ended> AskAsync() => await Start().EndAsync();

        public void ShouldBeWhole(Ended ended, string text)
        {
            Told told = Tongue.ReadStream(ended.Text);
            told.Error.ShouldBeNull();
            told.Text.ShouldBe(text);
            told.Ended.ShouldBeTrue();
            ended.Record.Error.ShouldBeNull();
            Engine.NothingInFlight();
        }

        public string ShouldHaveFailed(Ended ended, string text)
        {
            Told told = Tongue.ReadStream(ended.Text);
            told.Text.ShouldBe(text);
            told.Finish.ShouldBeNull();
            told.Ended.ShouldBeFalse();
            ended.Text.ShouldNotContain("[DONE]");
            ended.Text.ShouldNotContain("message_stop");
            ended.Record.Error.ShouldNotBeNull();
            ended.Record.Status.ShouldBe(200);
            Engine.NothingInFlight();
            return told.Error.ShouldNotBeNull();
        }

        public async ValueTask DisposeAsync()
        {
            _engine?.Dispose();
            await First.DisposeAsync();
            await Second.DisposeAsync();
        }

        private Engine Make()
        {
            Deployment Changed(Deployment x) => Change?.Invoke(x) ?? x;
            Tongue other = Tongue.All[second ?? caller];
            Engine engine = new Engine { Router = new() { StreamRecovery = recovery, NumRetries = Retries } }
                .With(First, Tongue, Changed)
                .With(Second, other, x => Changed(x) with { Model = Model, Group = SecondGroup ?? x.Group });
            return SecondGroup is null ? ThirdIsSecond ? engine.With(Second, other, Changed) : engine : engine.Fallback("gpt", SecondGroup);
        }
    }
}
