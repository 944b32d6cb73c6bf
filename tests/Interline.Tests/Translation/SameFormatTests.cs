using System.Text;
using System.Text.Json;
using Interline.Calls;
using Interline.Protocols;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Translation;

/// <summary>Anthropic to Anthropic and Gemini to Gemini: nothing is translated, the bytes are the caller's and the provider's own.</summary>
public sealed class SameFormatTests
{
    private static readonly Dictionary<string, (Tongue Tongue, string Request, string? Body, string? Sse)> Recorded = Directory
        .GetFiles(Path.Combine(AppContext.BaseDirectory, "Recordings"), "*.json")
        .Select(x => (Path: x, Name: Path.GetFileNameWithoutExtension(x)))
        .Where(x => x.Name.StartsWith("anthropic-messages", StringComparison.Ordinal) || x.Name.StartsWith("google-gemini-generatecontent", StringComparison.Ordinal))
        .Select(x => (x.Name, Recording: Load(x.Path, x.Name)))
        .Where(x => x.Recording.Request.Length > 0)
        .ToDictionary(x => x.Name, x => x.Recording, StringComparer.Ordinal);

    public static TheoryData<string> Plain => new(Recorded.Where(x => x.Value.Body is not null).Select(x => x.Key).Order());

    public static TheoryData<string> Streams => new(Recorded.Where(x => x.Value.Sse is not null).Select(x => x.Key).Order());

    [Theory]
    [MemberData(nameof(Plain))]
    public async Task A_recorded_exchange_goes_through_with_nothing_but_its_model_edited(string name)
    {
        (Tongue tongue, string request, string? body, _) = Recorded[name];
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(body!));
        using Engine engine = new Engine().With(provider, tongue);

        Ended ended = await engine.SendAsync(request, tongue.Plain);

        ended.Text.ShouldBe(body);
        provider.Requests[0].Text.ShouldBe(request.Replace("\"model\":\"gpt\"", "\"model\":\"up-1\"", StringComparison.Ordinal));
        ended.Record.Usage.ShouldNotBeNull();
        ended.Record.Losses.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_goes_through_byte_for_byte_however_it_is_cut(string name)
    {
        (Tongue tongue, string request, _, string? sse) = Recorded[name];
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider, tongue);
        var random = new Random(name.Length);
        for (int round = 0; round < 4; round++)
        {
            provider.Then(FakeAnswer.Stream(sse!, [.. Enumerable.Range(0, 64).Select(_ => random.Next(1, round == 0 ? 5 : 700))]));

            Ended ended = await engine.SendAsync(request, tongue.Streamed);

            ended.Text.ShouldBe(sse);
            ended.Record.Error.ShouldBeNull();
            ended.Record.Usage.ShouldNotBeNull();
            ended.Record.Finish.ShouldNotBe(FinishReason.Unknown);
            ended.Record.MalformedEvents.ShouldBe(0);
        }

        provider.Requests[0].Text.ShouldBe(request.Replace("\"model\":\"gpt\"", "\"model\":\"up-1\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("gemini")]
    public async Task A_plain_and_a_streamed_answer_of_the_same_usage_cost_the_same(string wire)
    {
        Tongue tongue = Tongue.All[wire];
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(tongue.Answer)).Then(FakeAnswer.Stream(tongue.Stream, 17));
        using Engine engine = new Engine().With(provider, tongue);

        Ended plain = await engine.SendAsync(tongue.Ask, tongue.Plain);
        Ended streamed = await engine.SendAsync(tongue.AskStreamed, tongue.Streamed);

        plain.Text.ShouldBe(tongue.Answer);
        streamed.Text.ShouldBe(tongue.Stream);
        (plain.Record.Cost, streamed.Record.Cost).ShouldBe((Wire.Cost, Wire.Cost));
        (plain.Record.Finish, streamed.Record.Finish).ShouldBe((FinishReason.Stop, FinishReason.Stop));
        engine.State("d1").Totals.ShouldBe(new(2, 0, 200, 20, 2 * Wire.Cost));
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("gemini")]
    public async Task A_stream_that_is_cut_ends_with_an_error_of_its_format(string wire)
    {
        Tongue tongue = Tongue.All[wire];
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.CutStream(tongue.Events[0] + tongue.Events[1][..12]));
        using Engine engine = new Engine().With(provider, tongue);

        Ended ended = await engine.SendAsync(tongue.AskStreamed, tongue.Streamed);

        ended.Text.ShouldStartWith(tongue.Events[0]);
        tongue.ReadStream(ended.Text).ShouldBeBroken().ShouldNotBeEmpty();
        ended.Record.Error.ShouldBe(ErrorKind.Network);
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("gemini")]
    public async Task An_error_in_mid_stream_goes_through_as_it_is_and_counts_as_a_failure(string wire)
    {
        Tongue tongue = Tongue.All[wire];
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(tongue.Events[0] + tongue.ErrorEvent));
        using Engine engine = new Engine().With(provider, tongue);

        Ended ended = await engine.SendAsync(tongue.AskStreamed, tongue.Streamed);

        ended.Text.ShouldBe(tongue.Events[0] + tongue.ErrorEvent);
        ended.Record.Error.ShouldBe(ErrorKind.Overloaded);
        engine.State("d1").Totals.Failures.ShouldBe(1);
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("gemini")]
    public async Task A_malformed_event_is_kept_back_and_counted(string wire)
    {
        Tongue tongue = Tongue.All[wire];
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(tongue.Events[0] + tongue.Malformed + string.Concat(tongue.Events.Skip(1)), 11));
        using Engine engine = new Engine().With(provider, tongue);

        Ended ended = await engine.SendAsync(tongue.AskStreamed, tongue.Streamed);

        ended.Text.ShouldBe(tongue.Stream);
        ended.Record.MalformedEvents.ShouldBe(1);
    }

    [Fact]
    public async Task An_error_answer_keeps_its_bytes()
    {
        foreach (Tongue tongue in Tongue.All.Values)
        {
            await using var provider = new FakeProvider();
            provider.Then(FakeAnswer.Json(tongue.ErrorBody, 500));
            using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider, tongue);

            Ended ended = await engine.SendAsync(tongue.Ask, tongue.Plain);

            Encoding.UTF8.GetString(ended.Error!.Raw.Span).ShouldBe(tongue.ErrorBody);
        }
    }

    [Fact]
    public async Task Anthropics_headers_of_a_caller_go_on_and_a_version_is_given_where_there_is_none()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Tongue.Anthropic.Answer), 2);
        using Engine engine = new Engine().With(provider, Tongue.Anthropic);

        await engine.SendAsync(Tongue.Anthropic.Ask, Tongue.Anthropic.Plain, caller: new CallerFacts { PassedHeaders = [new("anthropic-version", "2099-01-01"), new("anthropic-beta", "new-thing-1")] });
        await engine.SendAsync(Tongue.Anthropic.Ask, Tongue.Anthropic.Plain.For("?beta=true"));

        (provider.Requests[0].Headers["anthropic-version"], provider.Requests[0].Headers["anthropic-beta"]).ShouldBe(("2099-01-01", "new-thing-1"));
        provider.Requests[0].Path.ShouldBe("/v1/messages");
        provider.Requests[1].Headers["anthropic-version"].ShouldBe("2023-06-01");
        provider.Requests[1].Path.ShouldBe("/v1/messages?beta=true");
        Lane counts = Protocols.Anthropic.CountTokensLane.Instance;
        counts.For("?beta=true").UpstreamPath.ShouldBe("/v1/messages/count_tokens?beta=true");
    }

    private static (Tongue Tongue, string Request, string? Body, string? Sse) Load(string path, string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = document.RootElement;
        JsonElement asked = root.GetProperty("request");
        string request = asked.ValueKind == JsonValueKind.Object ? asked.GetRawText() : "";
        bool anthropic = name.StartsWith("anthropic", StringComparison.Ordinal);
        if (anthropic && request.Length > 0)
        {
            request = request.Replace($"\"model\":\"{asked.GetProperty("model").GetString()}\"", "\"model\":\"gpt\"", StringComparison.Ordinal);
        }

        string? body = root.TryGetProperty("body", out JsonElement answer) && answer.ValueKind == JsonValueKind.Object && root.GetProperty("status").GetInt32() == 200 ? answer.GetRawText() : null;
        return (anthropic ? Tongue.Anthropic : Tongue.Gemini, request, body, root.TryGetProperty("sse", out JsonElement sse) ? sse.GetString() : null);
    }
}
