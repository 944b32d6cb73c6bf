using System.Buffers;
using System.Text;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Anthropic;

public sealed class LaneTests
{
    private readonly MessagesSniffer _sniffer = new();

    private EventVerdict Inspect(string data, string name = "") => _sniffer.Inspect(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(data));

    private static RequestFacts Peek(string json)
    {
        MessagesLane.Instance.Peek(Encoding.UTF8.GetBytes(json), null, out RequestFacts facts).ShouldBeNull();
        return facts;
    }

    [Theory]
    [InlineData("{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1}}}", EventVerdict.Forward, false)]
    [InlineData("{\"type\":\"ping\"}", EventVerdict.Forward, false)]
    [InlineData("{\"type\":\"content_block_start\",\"index\":0}", EventVerdict.Forward, true)]
    [InlineData("{\"type\":\"never_seen\",\"x\":[{}]}", EventVerdict.Forward, true)]
    [InlineData("{\"type\":\"message_stop\"}", EventVerdict.Done, false)]
    [InlineData("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}", EventVerdict.Error, false)]
    [InlineData("{\"error\":{\"message\":\"x\"}}", EventVerdict.Error, false)]
    [InlineData("{\"type\":\"ping\"} {}", EventVerdict.Malformed, false)]
    [InlineData("[]", EventVerdict.Malformed, false)]
    [InlineData("hello", EventVerdict.Malformed, false)]
    [InlineData("", EventVerdict.Malformed, false)]
    public void An_event_is_judged(string data, EventVerdict verdict, bool begun)
    {
        Inspect(data).ShouldBe(verdict);
        _sniffer.HasBegun.ShouldBe(begun);
    }

    [Fact]
    public void An_event_without_a_type_is_known_by_its_name()
    {
        Inspect("{\"delta\":{\"stop_reason\":\"end_turn\"}}", "message_delta").ShouldBe(EventVerdict.Forward);
        Inspect("{}", "message_stop").ShouldBe(EventVerdict.Forward);
        _sniffer.IsComplete.ShouldBeTrue();
    }

    [Fact]
    public void An_end_without_a_reason_is_none()
    {
        Inspect("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}").ShouldBe(EventVerdict.Forward);
        Inspect("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":null}}").ShouldBe(EventVerdict.Forward);
        Inspect("{\"type\":\"message_stop\"}").ShouldBe(EventVerdict.Done);
        _sniffer.IsComplete.ShouldBeFalse();
    }

    [Fact]
    public void Usage_of_the_end_replaces_that_of_the_start_but_for_null_and_zero()
    {
        Inspect("{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":5,\"cache_creation_input_tokens\":7,\"cache_creation\":{\"ephemeral_5m_input_tokens\":3,\"ephemeral_1h_input_tokens\":4},\"output_tokens\":1,\"service_tier\":\"standard\"}}}");
        _sniffer.UsageInEvent.ShouldBeTrue();
        Inspect("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}");
        Inspect("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"b\"}}").ShouldBe(EventVerdict.Forward);
        _sniffer.UsageInEvent.ShouldBeFalse();
        Inspect("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"},\"usage\":{\"input_tokens\":0,\"cache_read_input_tokens\":null,\"output_tokens\":20,\"output_tokens_details\":{\"thinking_tokens\":8}}}");
        _sniffer.Usage.ShouldBe(new Usage { Input = 10, CacheRead = 5, CacheWrite = 3, CacheWrite1h = 4, Output = 12, Reasoning = 8 });
        _sniffer.Finish.ShouldBe(FinishReason.Length);
        _sniffer.ServiceTier.ShouldBe("default");
        _sniffer.IsComplete.ShouldBeFalse();
    }

    [Fact]
    public void Watching_a_stream_allocates_nothing()
    {
        byte[] start = Encoding.UTF8.GetBytes("{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":10,\"service_tier\":\"standard\"}}}");
        byte[] text = Encoding.UTF8.GetBytes("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\\n\"}}");
        byte[] end = Encoding.UTF8.GetBytes("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":20}}");
        Pass();

        // The least of several passes is what the code itself does: once the runtime exchanged a method in the middle of one, and that allocated.
        Enumerable.Range(0, 5).Min(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Pass();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).ShouldBe(0);

        void Pass()
        {
            _sniffer.Inspect([], start);
            _sniffer.Inspect([], text);
            _sniffer.Inspect([], end);
        }
    }

    [Fact]
    public void A_plain_answer_is_judged()
    {
        MessagesLane.Instance.SniffAnswer("{\"type\":\"message\",\"content\":[]}"u8).Valid.ShouldBeTrue();
        MessagesLane.Instance.SniffAnswer("{\"type\":\"message\"}"u8).Valid.ShouldBeFalse();
        MessagesLane.Instance.SniffAnswer("{\"content\":[]} x"u8).Valid.ShouldBeFalse();
        AnswerFacts failed = MessagesLane.Instance.SniffAnswer("{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"m\"}}"u8);
        (failed.Valid, failed.Error!.Kind, failed.Error.Status).ShouldBe((true, ErrorKind.RateLimit, 429));
        CountTokensLane.Instance.SniffAnswer("{\"input_tokens\":5}"u8).Valid.ShouldBeTrue();
        CountTokensLane.Instance.SniffAnswer("{\"content\":[]}"u8).Valid.ShouldBeFalse();
    }

    [Fact]
    public void A_body_is_peeked_at()
    {
        RequestFacts facts = Peek("{\"model\":\"m\",\"max_tokens\":5,\"stream\":true,\"tools\":[{}],\"messages\":[{\"role\":\"user\",\"content\":[{\"type\" : \"image\",\"source\":{}}]}]}");
        (facts.Stream, facts.MaxTokens, facts.HasTools, facts.HasImages).ShouldBe((true, 5, true, true));
        Peek("{\"messages\":[{\"content\":\"image\"},{\"content\":\"\\\"type\\\":\\\"image\\\"\"},{\"name\":\"image\"}]}").HasImages.ShouldBeFalse();
        MessagesLane.Instance.Peek("{\"messages\":[7]}"u8, null, out _)!.Param.ShouldBe("messages[0]");
        CountTokensLane.Instance.Peek("{\"model\":\"m\"}"u8, null, out _)!.Param.ShouldBe("messages");
    }

    [Theory]
    [InlineData(529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"},\"request_id\":\"r\"}", ErrorKind.Overloaded, true)]
    [InlineData(429, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"m\"}}", ErrorKind.RateLimit, true)]
    [InlineData(429, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"m\",\"details\":{\"error_code\":\"enforced_spend_limit_reached\"}}}", ErrorKind.QuotaExhausted, true)]
    [InlineData(400, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too long: 9 tokens\"}}", ErrorKind.ContextLength, true)]
    [InlineData(400, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"max_tokens: Field required\"}}", ErrorKind.BadRequest, true)]
    [InlineData(500, "{\"error\":{\"message\":\"m\",\"type\":\"overloaded_error\"}}", ErrorKind.Overloaded, false)]
    [InlineData(401, "{\"error\":{\"message\":\"m\"}}", ErrorKind.Authentication, false)]
    [InlineData(502, "<html>", ErrorKind.Server, false)]
    [InlineData(503, "{\"type\":\"error\",\"err", ErrorKind.Overloaded, false)]
    public void An_error_answer_is_read(int status, string body, ErrorKind kind, bool inFormat)
    {
        UpstreamError read = MessagesLane.Instance.ReadError(status, Encoding.UTF8.GetBytes(body));
        (read.Error.Kind, read.Error.Status, read.InFormat).ShouldBe((kind, status, inFormat));
    }

    [Theory]
    [InlineData(ErrorKind.BadRequest, 400, null, "invalid_request_error")]
    [InlineData(ErrorKind.Authentication, 401, "invalid_request_error", "authentication_error")]
    [InlineData(ErrorKind.Authentication, 400, null, "authentication_error")]
    [InlineData(ErrorKind.Overloaded, 503, null, "overloaded_error")]
    [InlineData(ErrorKind.Timeout, 502, null, "timeout_error")]
    [InlineData(ErrorKind.Malformed, 502, "api_error", "api_error")]
    [InlineData(ErrorKind.Network, 502, "server_error", "api_error")]
    [InlineData(ErrorKind.Server, 500, "overloaded_error", "overloaded_error")]
    public void An_error_has_a_type_of_Anthropics(ErrorKind kind, int status, string? type, string expected) =>
        Encoding.UTF8.GetString(AnthropicErrors.Write(new ApiError(kind, status, "m") { Type = type }))
            .ShouldBe($$$"""{"type":"error","error":{"type":"{{{expected}}}","message":"m"}}""");

    [Fact]
    public void Recorded_errors_are_read()
    {
        foreach (Recording r in RecordingTests.All.Where(r => r.Status >= 400))
        {
            UpstreamError read = MessagesLane.Instance.ReadError(r.Status, r.Body);
            read.InFormat.ShouldBeTrue();
            read.Error.Kind.ShouldBe(r.Status == 401 ? ErrorKind.Authentication : r.Status == 404 ? ErrorKind.NotFound : ErrorKind.BadRequest);
        }
    }

    [Fact]
    public void A_recorded_count_request_is_written_from_what_was_read()
    {
        Recording[] counts = [.. RecordingTests.All.Where(RecordingTests.IsCount)];
        counts.ShouldNotBeEmpty();
        foreach (Recording r in counts)
        {
            LossList losses = new();
            ArrayBufferWriter<byte> output = new();
            CountTokens.WriteRequest(Doors.Request(r.Request!), Doors.Sonnet45, output, losses);
            JsonCompare.Difference(r.Request!, output.WrittenMemory).ShouldBeNull();
            losses.Count.ShouldBe(0);
            CountTokens.TryReadAnswer(r.Body, out long tokens).ShouldBe(r.Status == 200);
            tokens.ShouldBe(r.Status == 200 ? Math.Max(1, tokens) : 0);
        }
    }

    [Fact]
    public void A_count_leaves_out_what_the_endpoint_does_not_take()
    {
        LossList losses = new();
        ArrayBufferWriter<byte> output = new();
        CountTokens.WriteRequest(Doors.Request("""{"model":"m","max_tokens":5,"temperature":1,"stream":true,"metadata":{"user_id":"u"},"container":"c","speed":"fast","messages":[{"role":"user","content":"a"}]}"""), Doors.Sonnet45, output, losses);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("""{"model":"m","messages":[{"role":"user","content":"a"}],"speed":"fast"}""");
        losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("container");
        output.Clear();
        CountTokens.WriteAnswer(7, output);
        CountTokens.TryReadAnswer(output.WrittenSpan, out long tokens).ShouldBeTrue();
        tokens.ShouldBe(7);
    }
}
