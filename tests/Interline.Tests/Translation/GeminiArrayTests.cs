using System.Text.Json;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Testing;

namespace Interline.Tests.Translation;

/// <summary>Gemini's streams without <c>alt=sse</c>: one JSON array that grows, and that is a whole one however the answer ends.</summary>
public sealed class GeminiArrayTests
{
    private const string ToolStart =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":100,\"output_tokens\":1}}}\n\n"
        + "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"look\",\"input\":{}}}\n\n";

    private static readonly string[] Elements = [.. Tongue.Gemini.Events.Select(x => x["data: ".Length..].Trim())];

    private static string Array => "[" + string.Join("\n,\r\n", Elements) + "\n]\n";

    [Fact]
    public async Task An_array_goes_through_byte_for_byte_however_it_is_cut()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider, Tongue.Gemini);
        var random = new Random(1);
        for (int round = 0; round < 40; round++)
        {
            provider.Then(FakeAnswer.ArrayHead().Events(Array, [.. Enumerable.Range(0, 16).Select(_ => random.Next(1, round % 3 == 0 ? 4 : 90))]).End());

            Ended ended = await engine.SendAsync(Tongue.Gemini.Ask, GenerateLane.StreamArray);

            ended.Text.TrimEnd().ShouldBe(Array.TrimEnd());
            ended.Sink.Head!.Value.ContentType.ShouldBe("application/json; charset=UTF-8");
            Tongue.ReadArray(ended.Text).ShouldBeWhole();
            ended.Record.Cost.ShouldBe(Wire.Cost);
            ended.Record.Streamed.ShouldBeTrue();
            ended.Record.Error.ShouldBeNull();
        }

        provider.Requests[0].Path.ShouldBe("/v1beta/models/up-1:streamGenerateContent");
        provider.Requests[0].Text.ShouldBe(Tongue.Gemini.Ask);
        engine.NothingInFlight();
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task A_stream_of_another_format_becomes_one_array_however_it_is_cut(string wire)
    {
        Tongue tongue = Tongue.All[wire];
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider, tongue);
        var random = new Random(1);
        for (int round = 0; round < 12; round++)
        {
            provider.Then(FakeAnswer.Stream(tongue.Stream, [.. Enumerable.Range(0, 16).Select(_ => random.Next(1, round % 3 == 0 ? 4 : 90))]));

            Ended ended = await engine.SendAsync(Tongue.Gemini.Ask, GenerateLane.StreamArray);

            Tongue.ReadArray(ended.Text).ShouldBeWhole();
            ended.Sink.Head!.Value.ContentType.ShouldBe("application/json");
            ended.Record.Cost.ShouldBe(Wire.Cost);
        }
    }

    [Fact]
    public async Task An_array_that_is_cut_is_closed_behind_an_error()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.ArrayHead().Events("[" + Elements[0] + "\n,\r\n" + Elements[1][..30], 9).Close());
        using Engine engine = new Engine().With(provider, Tongue.Gemini);

        Ended ended = await engine.SendAsync(Tongue.Gemini.Ask, GenerateLane.StreamArray);

        Tongue.ReadArray(ended.Text).ShouldBeBroken();
        ended.Record.Error.ShouldBe(ErrorKind.Network);
    }

    [Fact]
    public async Task An_array_of_a_translated_stream_that_is_cut_is_closed_behind_an_error()
    {
        foreach (Tongue tongue in (Tongue[])[Tongue.OpenAI, Tongue.Anthropic])
        {
            await using var provider = new FakeProvider();
            provider.Then(FakeAnswer.CutStream(tongue.Events[0])).Then(FakeAnswer.Stream(tongue.Events[0] + tongue.ErrorEvent));
            using Engine engine = new Engine { Router = new() { DisableCooldowns = true } }.With(provider, tongue);

            Tongue.ReadArray((await engine.SendAsync(Tongue.Gemini.Ask, GenerateLane.StreamArray)).Text).ShouldBeBroken();
            Tongue.ReadArray((await engine.SendAsync(Tongue.Gemini.Ask, GenerateLane.StreamArray)).Text).ShouldBeBroken().ShouldBe(Tongue.Overloaded);
        }
    }

    [Fact]
    public async Task An_array_that_holds_nothing_yet_is_one_when_the_stream_is_cut()
    {
        // A tool call is held back until it is whole, so the answer has begun and nothing of it is written.
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.CutStream(ToolStart));
        using Engine engine = new Engine().With(provider, Tongue.Anthropic);

        Ended ended = await engine.SendAsync(Tongue.Gemini.Ask, GenerateLane.StreamArray);

        Told told = Tongue.ReadArray(ended.Text);
        told.Error.ShouldNotBeNull();
        told.Finish.ShouldBeNull();
    }

    [Fact]
    public async Task An_array_that_begins_with_an_error_is_carried()
    {
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.ArrayHead().Events("[" + Tongue.Gemini.ErrorEvent["data: ".Length..].Trim() + "]").End());
        two.Then(FakeAnswer.ArrayHead().Events(Array, 50).End());
        using Engine engine = new Engine().With(one, Tongue.Gemini).With(two, Tongue.Gemini);

        Ended ended = await engine.SendAsync(Tongue.Gemini.Ask, GenerateLane.StreamArray);

        Tongue.ReadArray(ended.Text).ShouldBeWhole();
        ended.Record.Failed.ShouldHaveSingleItem().Kind.ShouldBe(ErrorKind.Overloaded);
    }
}
