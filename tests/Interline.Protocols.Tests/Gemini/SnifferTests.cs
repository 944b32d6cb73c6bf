using System.Text;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;

namespace Interline.Protocols.Tests.Gemini;

public sealed class SnifferTests
{
    private readonly GeminiSniffer _sniffer = new();

    [Theory]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}""", EventVerdict.Forward, true)]
    [InlineData("""{"usageMetadata":{"trafficType":"ON_DEMAND"}}""", EventVerdict.Forward, false)]
    [InlineData("""{"promptFeedback":{"blockReason":"SAFETY"}}""", EventVerdict.Forward, true)]
    [InlineData("""{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}""", EventVerdict.Error, false)]
    [InlineData("""[{"error":{"code":503,"message":"busy"}}]""", EventVerdict.Error, false)]
    [InlineData("""[{"candidates":[]}]""", EventVerdict.Malformed, false)]
    [InlineData("""{"candidates":[""", EventVerdict.Malformed, false)]
    [InlineData("""{"candidates":[]} {}""", EventVerdict.Malformed, false)]
    [InlineData("[DONE]", EventVerdict.Malformed, false)]
    [InlineData("", EventVerdict.Malformed, false)]
    public void A_piece_is_judged(string data, EventVerdict verdict, bool begun)
    {
        Inspect(data).ShouldBe(verdict);
        _sniffer.HasBegun.ShouldBe(begun);
    }

    [Theory]
    [InlineData("\"STOP\"", FinishReason.Stop)]
    [InlineData("\"MAX_TOKENS\"", FinishReason.Length)]
    [InlineData("\"SAFETY\"", FinishReason.ContentFilter)]
    [InlineData("\"IMAGE_SAFETY\"", FinishReason.ContentFilter)]
    [InlineData("\"MALFORMED_FUNCTION_CALL\"", FinishReason.Error)]
    [InlineData("\"A_NEW_WORD\"", FinishReason.Error)]
    [InlineData("1", FinishReason.Stop)]
    [InlineData("2", FinishReason.Length)]
    [InlineData("3", FinishReason.ContentFilter)]
    public void A_finish_reason_makes_the_answer_whole(string word, FinishReason finish)
    {
        Inspect("""{"candidates":[{"content":{"parts":[{"text":"x","y":{"functionCall":1}}]}}]}""");
        _sniffer.IsComplete.ShouldBeFalse();
        Inspect($$"""{"candidates":[{"finishReason":{{word}},"index":0}]}""");
        (_sniffer.IsComplete, _sniffer.Finish).ShouldBe((true, finish));
    }

    [Fact]
    public void A_call_in_any_piece_means_tool_calls()
    {
        Inspect("""{"candidates":[{"content":{"parts":[{"text":"x"},{"function_call":{"name":"f"}}]}}]}""");
        Inspect("""{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}]}""");
        _sniffer.Finish.ShouldBe(FinishReason.ToolCalls);
    }

    [Fact]
    public void With_several_candidates_each_must_finish()
    {
        Inspect("""{"candidates":[{"index":0,"finishReason":"STOP"},{"index":1}]}""");
        _sniffer.IsComplete.ShouldBeFalse();
        Inspect("""{"candidates":[{"index":1,"finishReason":"MAX_TOKENS"}]}""");
        (_sniffer.IsComplete, _sniffer.Finish).ShouldBe((true, FinishReason.Stop));
    }

    [Fact]
    public void A_blocked_prompt_is_a_whole_answer()
    {
        Inspect("""{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}}""");
        (_sniffer.IsComplete, _sniffer.Finish, _sniffer.Usage!.Value.Total).ShouldBe((true, FinishReason.ContentFilter, 4));
    }

    [Fact]
    public void Usage_is_joined_field_by_field()
    {
        Inspect("""{"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":60,"candidatesTokenCount":5,"promptTokensDetails":[{"modality":"TEXT","tokenCount":70},{"modality":"AUDIO","tokenCount":20},{"modality":2,"tokenCount":10}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":15}]}}""");
        Inspect("""{"usageMetadata":{"thoughtsTokenCount":7,"toolUsePromptTokenCount":30,"candidatesTokenCount":50,"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":40}],"trafficType":"ON_DEMAND_FLEX"}}""");
        Inspect("""{"usageMetadata":{"trafficType":"ON_DEMAND_FLEX"}}""");
        _sniffer.Usage.ShouldBe(new Usage { Input = 55, CacheRead = 60, InputAudio = 5, InputImage = 10, Output = 10, OutputImage = 40, Reasoning = 7 });
        _sniffer.ServiceTier.ShouldBe("flex");
    }

    [Theory]
    [InlineData("""{"usageMetadata":{"promptTokenCount":"x","candidatesTokenCount":-5,"totalTokenCount":null}}""", 0)]
    [InlineData("""{"usageMetadata":{"promptTokenCount":1e99}}""", 1_000_000_000_000)]
    [InlineData("""{"usageMetadata":{"promptTokenCount":5,"cachedContentTokenCount":9,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":99}]}}""", 5)]
    [InlineData("""{"usageMetadata":{"promptTokenCount":5,"totalTokenCount":9}}""", 9)]
    public void Odd_counts_never_make_a_class_negative(string data, long total)
    {
        Inspect(data);
        _sniffer.Usage!.Value.Total.ShouldBe(total);
    }

    [Fact]
    public void A_plain_answer_cut_anywhere_is_no_answer()
    {
        byte[] body = """{"candidates":[{"content":{"parts":[{"text":"é"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}}"""u8.ToArray();
        GenerateLane.Plain.SniffAnswer(body).Valid.ShouldBeTrue();
        for (int length = 0; length < body.Length; length++)
        {
            GenerateLane.Plain.SniffAnswer(body.AsSpan(0, length)).Valid.ShouldBeFalse();
        }
    }

    [Fact]
    public void Watching_a_stream_allocates_nothing()
    {
        byte[] piece = """{"candidates":[{"content":{"parts":[{"text":"word"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1,"serviceTier":"standard","promptTokensDetails":[{"modality":"TEXT","tokenCount":5}]},"modelVersion":"m"}"""u8.ToArray();
        _sniffer.Inspect([], piece);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _sniffer.Inspect([], piece);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1000);
    }

    [Theory]
    [InlineData("""{"contents":[{"parts":[{"text":"a"}]}]}""", null)]
    [InlineData("""{"contents":{"parts":[]}}""", null)]
    [InlineData("""{"contents":[1]}""", "contents[0]")]
    [InlineData("""{"contents":"a"}""", "contents")]
    [InlineData("""{"tools":[]}""", "contents")]
    [InlineData("""{"generateContentRequest":{"contents":[]}}""", "contents")]
    public void A_body_that_is_not_of_the_format_is_refused(string body, string? param)
    {
        ApiError? error = GenerateLane.Plain.Peek(Encoding.UTF8.GetBytes(body), null, out _);
        (error?.Param, error?.Status).ShouldBe((param, param is null ? null : 400));
    }

    [Fact]
    public void The_facts_of_a_request_are_found_in_both_spellings()
    {
        foreach (string body in (string[])[
            """{ "contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":""}}]}],"tools":[{}],"generationConfig":{"maxOutputTokens":7},"serviceTier":"flex"}""",
            """{ "contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":""}}]}],"tools":[{}],"generation_config":{"max_output_tokens":7},"service_tier":"flex"}"""])
        {
            GenerateLane.StreamArray.Peek(Encoding.UTF8.GetBytes(body), null, out RequestFacts facts).ShouldBeNull();
            (facts.Stream, facts.HasImages, facts.HasTools, facts.MaxTokens, facts.ServiceTier, facts.InsertAt).ShouldBe((true, true, true, 7, "flex", 1));
        }
    }

    [Fact]
    public void An_error_is_read_with_how_long_to_wait()
    {
        ApiError error = GenerateLane.Plain.ReadError(429, """[{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}]"""u8).Error;
        (error.Kind, error.RetryAfter, error.Type).ShouldBe((ErrorKind.RateLimit, TimeSpan.FromSeconds(34.5), "RESOURCE_EXHAUSTED"));
        GenerateLane.Plain.ReadError(400, """{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"""u8).Error.Kind.ShouldBe(ErrorKind.Authentication);
        GenerateLane.Plain.ReadError(500, "<html>"u8).InFormat.ShouldBeFalse();
    }

    [Fact]
    public void An_error_is_written_as_its_framing_wants_it()
    {
        ApiError error = new(ErrorKind.RateLimit, 429, "slow down") { RetryAfter = TimeSpan.FromSeconds(2) };
        string body = """{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"}]}}""";
        Encoding.UTF8.GetString(GenerateLane.Plain.WriteError(error)).ShouldBe(body);
        Encoding.UTF8.GetString(GenerateLane.Stream.WriteErrorEvent(error)).ShouldBe("data: " + body + "\r\n\r\n");
        Encoding.UTF8.GetString(GenerateLane.StreamArray.WriteErrorEvent(error)).ShouldBe("," + body + "]");
        GenerateLane.Plain.ReadError(429, GenerateLane.Plain.WriteError(error)).Error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(2));
    }

    private EventVerdict Inspect(string data) => _sniffer.Inspect([], Encoding.UTF8.GetBytes(data));
}
