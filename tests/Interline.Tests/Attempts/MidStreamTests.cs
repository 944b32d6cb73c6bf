using System.Text.Json;
using Interline.Protocols;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIResponses;
using Interline.Protocols.Operations;
using Interline.Testing;

namespace Interline.Tests.Attempts;

/// <summary>After the first event nobody else can carry the call: it ends with an error in the stream, never with what looks like a whole answer.</summary>
public class MidStreamTests
{
    [Theory]
    [InlineData("")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"con")]
    public async Task A_stream_that_is_cut_ends_with_an_error_in_the_stream(string half)
    {
        await using var provider = new FakeProvider();
        await using var second = new FakeProvider();
        provider.Then(FakeAnswer.CutStream(Wire.First + Wire.Second + half));
        using Engine engine = new Engine().With(provider).With(second);

        Ended ended = await engine.SendAsync(Wire.Streamed);

        ended.Error.ShouldBeNull();
        ErrorAfter(ended, Wire.First + Wire.Second);
        ended.Record.Error.ShouldBe(ErrorKind.Network);
        ended.Record.Status.ShouldBe(200);
        second.Requests.ShouldBeEmpty();
        engine.State("d1").Totals.Failures.ShouldBe(1);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_stream_that_ends_without_a_finish_ends_with_an_error_in_the_stream()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.EndStream(Wire.First + Wire.Second));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Wire.Streamed);

        ErrorAfter(ended, Wire.First + Wire.Second);
        ended.Record.Error.ShouldBe(ErrorKind.Network);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_stream_that_ends_after_its_finish_without_the_end_marker_is_whole()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.EndStream(Wire.First + Wire.Finish));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Wire.Streamed);

        ended.Text.ShouldBe(Wire.First + Wire.Finish);
        ended.Record.Error.ShouldBeNull();
    }

    [Fact]
    public async Task An_error_that_the_provider_streams_goes_through_as_the_last_event_and_counts_as_a_failure()
    {
        const string Failure = "data: {\"error\":{\"message\":\"The model crashed.\",\"code\":500}}\n\n";
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.First + Failure + Wire.Done));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Wire.Streamed);

        // OpenRouter ends so (recorded). The error in its own bytes; an end marker behind it would pass for a clean end.
        ended.Text.ShouldBe(Wire.First + Failure);
        ended.Record.Error.ShouldBe(ErrorKind.Server);
        engine.State("d1").Totals.Failures.ShouldBe(1);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task What_stands_before_the_first_choice_goes_through_with_it()
    {
        const string Filters = "data: {\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\n";
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(": hello\n\n" + Filters + Wire.EventsWithoutUsage, 9));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Wire.Streamed);

        ended.Text.ShouldBe(Filters + Wire.EventsWithoutUsage);
        ended.Record.Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_key_in_an_error_that_the_provider_streams_is_hidden()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.First + "data: {\"error\":{\"message\":\"Key sk-secret-1 has expired.\",\"code\":401}}\n\n"));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Wire.Streamed);

        ended.Text.ShouldBe(Wire.First + "data: {\"error\":{\"message\":\"Key *** has expired.\",\"code\":401}}\n\n");
    }

    [Fact]
    public async Task A_responses_stream_that_is_cut_ends_with_an_error_event_of_its_own_format()
    {
        const string Created = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r1\",\"usage\":null}}\n\n";
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.CutStream(Created));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync("""{"model":"gpt","stream":true,"input":"hi"}""", ResponsesLane.Create);

        ended.Text.ShouldStartWith(Created + "event: error\ndata: {\"type\":\"error\",");
        using JsonDocument error = JsonDocument.Parse(ended.Text[(Created + "event: error\ndata: ").Length..]);
        error.RootElement.GetProperty("error").GetProperty("code").GetString().ShouldBe("upstream_disconnected");
    }

    [Fact]
    public async Task A_responses_stream_that_the_provider_fails_goes_through_as_it_is()
    {
        const string Events = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\nevent: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"x\"},\"usage\":null}}\n\n";
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Events, 10));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync("""{"model":"gpt","stream":true,"input":"hi"}""", ResponsesLane.Create);

        ended.Text.ShouldBe(Events);
        ended.Record.Finish.ShouldBe(FinishReason.Error);
    }

    [Fact]
    public async Task Sound_passes_unread_and_its_cut_is_known()
    {
        byte[] sound = [.. Enumerable.Range(0, 50_000).Select(x => (byte)x)];
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Body("audio/mpeg", sound)).Then(new FakeAnswer().Write("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 60000\r\n\r\n").Write(sound).Close());
        using Engine engine = new Engine().With(provider);
        const string Body = """{"model":"gpt","input":"hello","voice":"alloy"}""";

        Ended whole = await engine.SendAsync(Body, JsonOperationLane.Speech);
        Ended cut = await engine.SendAsync(Body, JsonOperationLane.Speech);

        whole.Sink.Bytes.ShouldBe(sound);
        whole.Record.Error.ShouldBeNull();
        cut.Sink.Bytes.ShouldBe(sound);
        cut.Record.Error.ShouldBe(ErrorKind.Network);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_form_goes_through_with_its_model_replaced()
    {
        const string Form = "--bo\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n\u0001\u0002\r\n--bo\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt\r\n--bo--\r\n";
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"text":"hello"}"""));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Form, TranscriptionLane.Transcriptions, "multipart/form-data; boundary=bo");

        ended.Text.ShouldBe("""{"text":"hello"}""");
        provider.Requests[0].Text.ShouldBe(Form.Replace("\r\ngpt\r\n", "\r\nup-1\r\n", StringComparison.Ordinal));
        provider.Requests[0].Headers["Content-Type"].ShouldBe("multipart/form-data; boundary=bo");
        provider.Requests[0].Path.ShouldBe("/v1/audio/transcriptions");
    }

    private static void ErrorAfter(Ended ended, string before)
    {
        ended.Text.ShouldStartWith(before + "data: {\"error\":");
        ended.Text.ShouldEndWith("\n\n");
        ended.Text.ShouldNotContain("[DONE]");
        using JsonDocument error = JsonDocument.Parse(ended.Text[(before.Length + 6)..]);
        error.RootElement.GetProperty("error").GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
    }
}
