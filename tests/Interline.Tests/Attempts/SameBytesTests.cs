using System.Text;
using System.Text.Json;
using Interline.Core.Configuration;
using Interline.Protocols;
using Interline.Testing;

namespace Interline.Tests.Attempts;

public class SameBytesTests
{
    [Fact]
    public async Task A_plain_answer_goes_through_byte_for_byte_and_is_priced()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error.ShouldBeNull();
        ended.Text.ShouldBe(Wire.Answer);
        ended.Sink.Head!.Value.Status.ShouldBe(200);
        ended.Sink.Head!.Value.ContentType.ShouldBe("application/json");
        ended.Sink.Head!.Value.Length.ShouldBe(Encoding.UTF8.GetByteCount(Wire.Answer));
        ended.Sink.CostAtBegin.ShouldBe(Wire.Cost);
        ended.Record.Cost.ShouldBe(Wire.Cost);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_request_goes_through_byte_for_byte_but_for_its_model()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider);

        await engine.SendAsync(Wire.Plain);

        FakeRequest request = provider.Requests.ShouldHaveSingleItem();
        request.Text.ShouldBe(Wire.Plain.Replace("\"gpt\"", "\"up-1\"", StringComparison.Ordinal));
        request.Method.ShouldBe("POST");
        request.Path.ShouldBe("/v1/chat/completions");
        request.Headers["Authorization"].ShouldBe("Bearer sk-secret-1");
        request.Headers["Content-Type"].ShouldBe("application/json");
        request.Headers.ContainsKey("traceparent").ShouldBeFalse();
    }

    [Theory]
    [InlineData(31_000)]
    [InlineData(33_000)]
    [InlineData(3_000_000)]
    public async Task A_body_of_any_size_arrives_with_its_edits(int size)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider);
        string body = $$"""{"stream":false,"messages":[{"role":"user","content":"{{new string('x', size)}}"}],"model":"gpt","seed":1}""";

        await engine.SendAsync(body);

        provider.Requests[0].Text.ShouldBe(body.Replace("\"gpt\"", "\"up-1\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_goes_through_byte_for_byte_however_it_is_cut()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider);
        string events = ": comment\n\n" + Wire.First.Replace("\n", "\r\n", StringComparison.Ordinal) + "event: x\n" + Wire.Second + Wire.Finish + ": again\r\r" + Wire.Usage + Wire.Done;
        string expected = events[": comment\n\n".Length..];
        var random = new Random(1);
        for (int round = 0; round < 60; round++)
        {
            int[] sizes = [.. Enumerable.Range(0, 16).Select(_ => random.Next(1, round % 3 == 0 ? 4 : 90))];
            provider.Then(FakeAnswer.Stream(events, sizes));

            Ended ended = await engine.SendAsync(Wire.StreamedWithUsage);

            ended.Error.ShouldBeNull();
            ended.Text.ShouldBe(expected);
            ended.Record.Error.ShouldBeNull();
            ended.Record.Finish.ShouldBe(FinishReason.Stop);
        }

        engine.NothingInFlight();
    }

    [Fact]
    public async Task Usage_is_asked_for_and_kept_from_a_client_that_did_not_ask()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.Events, 5, 30));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Wire.Streamed);

        ended.Text.ShouldBe(Wire.EventsWithoutUsage);
        using JsonDocument sent = JsonDocument.Parse(provider.Requests[0].Body);
        sent.RootElement.GetProperty("stream_options").GetProperty("include_usage").GetBoolean().ShouldBeTrue();
        ended.Record.Usage!.Value.Total.ShouldBe(110);
    }

    [Fact]
    public async Task Usage_that_was_asked_for_is_kept()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.Events));
        using Engine engine = new Engine().With(provider);

        (await engine.SendAsync(Wire.StreamedWithUsage)).Text.ShouldBe(Wire.Events);
    }

    [Fact]
    public async Task Usage_goes_to_everybody_where_the_configuration_says_so()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.Events));
        using Engine engine = new Engine { General = new GeneralSettings { AlwaysIncludeStreamUsage = true } }.With(provider);

        (await engine.SendAsync(Wire.Streamed)).Text.ShouldBe(Wire.Events);
    }

    [Fact]
    public async Task A_streams_cost_stands_in_its_usage_where_the_configuration_says_so()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.Events, 3));
        using Engine engine = new Engine { General = new GeneralSettings { IncludeCostInStreamingUsage = true } }.With(provider);

        Ended ended = await engine.SendAsync(Wire.StreamedWithUsage);

        ended.Text.ShouldBe(Wire.Events.Replace("\"total_tokens\":110}", "\"total_tokens\":110,\"cost\":0.0003}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10}}\n\n", "data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10}}\n\n")]
    [InlineData("data: {\"choices\":[],\"usage\":{}}\n\n", "data: {\"choices\":[],\"usage\":{}}\n\n")]
    [InlineData("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"cost\":7}}\n\n", "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"cost\":7}}\n\n")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":{\"prompt_tokens\":100}}\n\n", "data: {\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":{\"prompt_tokens\":100,\"cost\":0.00021}}\n\n")]
    public async Task A_usage_event_of_an_unusual_shape_stays_valid_with_its_cost(string usage, string expected)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.First + Wire.Finish + usage + Wire.Done));
        using Engine engine = new Engine { General = new GeneralSettings { IncludeCostInStreamingUsage = true } }.With(provider);

        Ended ended = await engine.SendAsync(Wire.StreamedWithUsage);

        ended.Text.ShouldBe(Wire.First + Wire.Finish + expected + Wire.Done);
    }

    [Fact]
    public async Task A_plain_and_a_streamed_answer_of_the_same_usage_cost_the_same()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer)).Then(FakeAnswer.Stream(Wire.Events));
        using Engine engine = new Engine().With(provider);

        Ended plain = await engine.SendAsync(Wire.Plain);
        Ended streamed = await engine.SendAsync(Wire.Streamed);

        streamed.Record.Cost.ShouldBe(plain.Record.Cost);
        streamed.Record.Usage.ShouldBe(plain.Record.Usage);
        streamed.Record.Cost.ShouldBe(Wire.Cost);
        engine.State("d1").Totals.ShouldBe(new(2, 0, 200, 20, 2 * Wire.Cost));
    }

    [Fact]
    public async Task A_last_event_without_its_blank_line_gets_one()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.EndStream(Wire.First + Wire.Finish + "data: [DONE]"));
        using Engine engine = new Engine().With(provider);

        (await engine.SendAsync(Wire.Streamed)).Text.ShouldBe(Wire.First + Wire.Finish + Wire.Done);
    }

    [Fact]
    public async Task What_follows_the_end_marker_is_not_part_of_the_answer()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.EventsWithoutUsage + Wire.First)).Then(FakeAnswer.Stream(Wire.EventsWithoutUsage));
        using Engine engine = new Engine().With(provider);

        (await engine.SendAsync(Wire.Streamed)).Text.ShouldBe(Wire.EventsWithoutUsage);
        (await engine.SendAsync(Wire.Streamed)).Text.ShouldBe(Wire.EventsWithoutUsage);
    }

    [Fact]
    public async Task A_malformed_event_in_the_middle_is_kept_from_the_client_and_counted()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.First + "data: {\"choices\":[{\"ind\n\n" + Wire.Second + Wire.Finish + Wire.Done, 11));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Wire.Streamed);

        ended.Text.ShouldBe(Wire.First + Wire.Second + Wire.Finish + Wire.Done);
        ended.Record.MalformedEvents.ShouldBe(1);
        ended.Record.Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_stream_is_forwarded_event_by_event_as_it_comes()
    {
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Events(Wire.First + Wire.Second[..20]).Gate(gate.Task).Events(Wire.Second[20..] + Wire.Finish + Wire.Done).End());
        using Engine engine = new Engine().With(provider);

        Running running = engine.Start(Wire.Streamed);
        await running.Sink.ReceivedAsync(Wire.First);
        running.Sink.Text.ShouldBe(Wire.First);
        gate.SetResult();

        (await running.EndAsync()).Text.ShouldBe(Wire.EventsWithoutUsage);
    }
}
