using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.OpenAIChat;

namespace Interline.Protocols.Tests.Gemini;

public sealed class AnswerTests
{
    [Fact]
    public void The_inputs_tokens_of_a_stream_are_told_before_its_first_part()
    {
        List<StreamEvent> events = Doors.Events("""{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0,"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}""");
        events.FindIndex(e => e is UsageReported { Usage.Input: 7 }).ShouldBeInRange(0, events.FindIndex(e => e is PartStarted) - 1);
        string start = Doors.Written(Interline.Protocols.Anthropic.MessagesFormat.Instance, events, null).Split("\n\n")[0];
        start.ShouldContain("message_start");
        start.ShouldContain("\"input_tokens\":7");
    }

    [Fact]
    public void A_blocked_prompt_is_content_filter_in_other_formats()
    {
        byte[] body = """{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3},"modelVersion":"m"}"""u8.ToArray();
        Answer answer = Doors.Answer(body);
        Recordings.JsonCompare.Difference(body, Doors.Written(answer)).ShouldBeNull();
        JsonNode.Parse(Doors.Written(ChatFormat.Instance, answer, null))!["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("content_filter");
        List<StreamEvent> events = Doors.Events(Encoding.UTF8.GetString(body));
        EventRules.Hold(events);
        events.OfType<ChoiceFinished>().ShouldHaveSingleItem().Finish.ShouldBe(FinishReason.ContentFilter);
        JsonNode piece = JsonNode.Parse(Doors.Data(Doors.Written(events)).ShouldHaveSingleItem())!;
        (piece["candidates"], piece["promptFeedback"]!["blockReason"]!.GetValue<string>()).ShouldBe((null, "SAFETY"));
    }

    [Fact]
    public void Sources_stand_at_the_characters_of_the_text()
    {
        Answer answer = Doors.Answer("""
            {"candidates":[{"content":{"role":"model","parts":[{"text":"é is a letter"}]},"finishReason":"STOP","groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}}],
             "groundingSupports":[{"segment":{"startIndex":3,"endIndex":7},"groundingChunkIndices":[0]}]}}]}
            """);
        Citation citation = ((TextPart)answer.Choices[0].Message.Parts[0]).Citations.ShouldHaveSingleItem();
        (citation.Url, citation.Title, citation.Start, citation.End).ShouldBe(("https://a", "A", 2, 6));
        Answer foreign = new([new Choice(0, new Message(Role.Assistant, [new TextPart("é is a letter") { Citations = [new Citation { Url = "https://a", Start = 2, End = 6 }] }]))]);
        JsonNode.Parse(Doors.Written(foreign))!["candidates"]![0]!["groundingMetadata"]!["groundingSupports"]![0]!["segment"]!.ToJsonString().ShouldBe("""{"startIndex":3,"endIndex":7}""");
    }

    [Fact]
    public void A_chat_answer_is_written_as_Gemini_writes_it()
    {
        byte[] chat = """{"id":"i","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","reasoning_content":"t","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls","logprobs":null}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}"""u8.ToArray();
        LossList losses = new();
        Encoding.UTF8.GetString(Doors.Written(OpenAIChat.Doors.Answer(chat), losses)).ShouldBe("""
            {"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"hi"},{"functionCall":{"id":"c","name":"f","args":{"a":1}}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":3,"thoughtsTokenCount":2,"totalTokenCount":15},"modelVersion":"m","responseId":"i","createTime":"1970-01-01T00:00:05Z"}
            """);
        losses.Losses.ShouldBeEmpty();
    }

    [Fact]
    public void A_stream_of_another_format_is_written_piece_by_piece_and_calls_whole()
    {
        List<StreamEvent> events =
        [
            new AnswerStarted("i", "m", 5),
            new PartStarted(0, 0, new ReasoningPart("")), new TextDelta(0, 0, "t"), new SignatureDelta(0, 0, "cw=="), new PartEnded(0, 0),
            new PartStarted(0, 1, new TextPart("")), new TextDelta(0, 1, "a"), new TextDelta(0, 1, "b"), new PartEnded(0, 1),
            new PartStarted(0, 2, new ToolCallPart("c", "f", "")), new ArgumentsDelta(0, 2, "{\"a\""), new ArgumentsDelta(0, 2, ":1}"), new PartEnded(0, 2),
            new ChoiceFinished(0, FinishReason.ToolCalls, "tool_calls"),
            new UsageReported(new Usage { Input = 3, Output = 4 }, null),
            AnswerEnded.Instance,
        ];
        LossList losses = new();
        Doors.Written(events, losses).ReplaceLineEndings("\n").ShouldBe("""
            data: {"candidates":[{"content":{"parts":[{"text":"t","thought":true}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"i"}

            data: {"candidates":[{"content":{"parts":[{"text":"","thought":true,"thoughtSignature":"cw=="}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"i"}

            data: {"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"i"}

            data: {"candidates":[{"content":{"parts":[{"text":"b"}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"i"}

            data: {"candidates":[{"content":{"parts":[{"functionCall":{"id":"c","name":"f","args":{"a":1}}}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"i"}

            data: {"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4,"totalTokenCount":7},"modelVersion":"m","responseId":"i","createTime":"1970-01-01T00:00:05Z"}


            """.ReplaceLineEndings("\n"));
        losses.Losses.ShouldBeEmpty();
    }

    [Fact]
    public void Probabilities_of_tokens_go_both_ways()
    {
        byte[] body = """{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]},"finishReason":"STOP","logprobsResult":{"chosenCandidates":[{"token":"a","tokenId":7,"logProbability":-0.5}],"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.5},{"token":"b","logProbability":-1.5}]}]}}]}"""u8.ToArray();
        Answer answer = Doors.Answer(body);
        Recordings.JsonCompare.Difference(body, Doors.Written(answer)).ShouldBeNull();
        const string Chat = """{"content":[{"token":"a","logprob":-0.5,"bytes":null,"top_logprobs":[{"token":"a","logprob":-0.5,"bytes":null},{"token":"b","logprob":-1.5,"bytes":null}]}]}""";
        answer.Choices[0].Logprobs!.Value.ToString().ShouldBe(Chat);
        LossList losses = new();
        Doors.Written(ChatFormat.Instance, answer, losses);
        losses.Losses.ShouldContain(l => l.Field.EndsWith("chosenCandidates[0].tokenId", StringComparison.Ordinal));
        Answer foreign = new([new Choice(0, new Message(Role.Assistant, [new TextPart("a")])) { Logprobs = new RawJson(Chat) }]);
        losses = new LossList();
        JsonNode.Parse(Doors.Written(foreign, losses))!["candidates"]![0]!["logprobsResult"]!["topCandidates"]![0]!["candidates"]![1]!["logProbability"]!.GetValue<double>().ShouldBe(-1.5);
        losses.Losses.ShouldBeEmpty();
        List<StreamEvent> events = Doors.Events(Encoding.UTF8.GetString(body));
        Doors.Folded(events).Choices[0].Logprobs!.Value.ToString().ShouldBe(Chat);
        events.RemoveAll(e => e is NativeReported);
        Doors.Written(events).ShouldContain("""
            "logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.5}]
            """.Trim());
    }

    [Fact]
    public void A_call_in_pieces_is_put_together()
    {
        string Piece(string call) => $$$"""{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{{{call}}}}]}}]}""";
        List<StreamEvent> events = Doors.Events(
            Piece("""{"name":"f","willContinue":true}"""),
            Piece("""{"partialArgs":[{"jsonPath":"$.a","stringValue":"x\"","willContinue":true}],"willContinue":true}"""),
            Piece("""{"partialArgs":[{"jsonPath":"$.a","stringValue":"y"},{"jsonPath":"$.b.c","numberValue":1.5},{"jsonPath":"$.l[0]","boolValue":true},{"jsonPath":"$.l[1].n","nullValue":"NULL_VALUE"}],"willContinue":true}"""),
            Piece("{}"),
            """{"candidates":[{"finishReason":"STOP"}]}""");
        EventRules.Hold(events);
        ToolCallPart call = Doors.Folded(events).Choices[0].Message.Parts.ShouldHaveSingleItem().ShouldBeOfType<ToolCallPart>();
        (call.Name, call.Arguments).ShouldBe(("f", """{"a":"x\"y","b":{"c":1.5},"l":[true,{"n":null}]}"""));
        events.OfType<ChoiceFinished>().ShouldHaveSingleItem().Finish.ShouldBe(FinishReason.ToolCalls);
    }

    [Fact]
    public void A_stream_that_stops_before_its_finish_reason_was_cut()
    {
        Doors.Events("""{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":3}}""")[^1].ShouldBeOfType<AnswerFailed>().Error.Kind.ShouldBe(ErrorKind.Network);
        Doors.Events()[^1].ShouldBeOfType<AnswerFailed>();
        List<StreamEvent> failed = Doors.Events("""{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}""", """{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}""");
        failed[^1].ShouldBeOfType<AnswerFailed>().Error.Kind.ShouldBe(ErrorKind.Overloaded);
        Doors.Written(failed).ShouldEndWith("""data: {"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}""" + "\r\n\r\n");
        JsonNode.Parse(Doors.Written(GeminiFormat.Array, failed, null))![1]!["error"]!["message"]!.GetValue<string>().ShouldBe("busy");
    }

    [Fact]
    public void What_is_no_answer_is_an_error_as_a_value()
    {
        foreach (string body in (string[])["", "{", "[]", "7", "{}", """{"candidates":[]}""", """{"candidates":7}""", """{"candidates":[{"content":7}]}""", new string('[', 100_000), "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\\ud800\"}]}}]}"])
        {
            bool read = GeminiFormat.Instance.TryReadAnswer(Encoding.UTF8.GetBytes(body), out _, out ApiError? error);
            (read || error!.Kind is ErrorKind.Malformed or ErrorKind.Server).ShouldBeTrue(body[..Math.Min(40, body.Length)]);
            List<StreamEvent> events = [];
            GeminiFormat.Instance.NewStreamReader().Read([], Encoding.UTF8.GetBytes(body), events);
        }

        GeminiFormat.Instance.TryReadAnswer("""{"error":{"code":429,"message":"slow"}}"""u8, out _, out ApiError? inBand).ShouldBeFalse();
        inBand!.Kind.ShouldBe(ErrorKind.RateLimit);
    }

    [Theory]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":7}]}]}""", "contents[0].parts[0].text")]
    [InlineData("""{"contents":[{"role":"system","parts":[]}]}""", "contents[0].role")]
    [InlineData("""{"contents":[]}""", "contents")]
    [InlineData("""{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png"}}]}]}""", "contents[0].parts[0].inlineData")]
    [InlineData("""{"contents":[{"parts":[]}],"generationConfig":{"temperature":"warm"}}""", "generationConfig.temperature")]
    [InlineData("{}", "contents")]
    public void A_request_that_is_wrong_says_where(string body, string param)
    {
        GeminiFormat.Instance.TryReadRequest(Encoding.UTF8.GetBytes(body), out _, out ApiError? error).ShouldBeFalse();
        (error!.Status, error.Param).ShouldBe((400, param));
    }

    [Fact]
    public void A_request_in_snake_case_means_the_same_and_is_written_back_so()
    {
        byte[] body = """
            {"contents":{"role":"user","parts":[{"inline_data":{"mime_type":"image/png","data":"aGk="}},{"file_data":{"fileUri":"gs://b/a.mp3","mime_type":"audio/mpeg"}},{"text":"x","thought_signature":"cw=="}]},
             "system_instruction":{"parts":[{"text":"s"}]},"generation_config":{"max_output_tokens":5,"thinking_config":{"thinking_budget":-1,"include_thoughts":true},"response_schema":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true,"max_length":"5"}}}},
             "tools":[{"function_declarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"n":{"type":"INTEGER"}}}}]},{"google_search":{}}],"tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["f"]}}}
            """u8.ToArray();
        ConversationRequest request = Doors.Request(body);
        Recordings.JsonCompare.Difference(body, Doors.Written(request)).ShouldBeNull();
        (request.MaxOutputTokens!.Value.Whole, request.Reasoning!.Adaptive, request.Reasoning.Hidden).ShouldBe((5, true, false));
        request.ResponseFormat!.Schema!.Value.ToString().ShouldBe("""{"type":"object","properties":{"a":{"type":["string","null"],"maxLength":5}}}""");
        ((FunctionTool)request.Tools![0]).Parameters!.Value.ToString().ShouldBe("""{"type":"object","properties":{"n":{"type":"integer"}}}""");
        (request.ToolChoice!.Mode, request.ToolChoice.Name).ShouldBe((ToolChoiceMode.Named, "f"));
        request.Messages[0].Parts.Select(p => p.GetType()).ShouldBe([typeof(ImagePart), typeof(AudioPart), typeof(TextPart)]);
        LossList losses = new();
        Doors.Written(ChatFormat.Instance, request, losses);
        losses.Losses.ShouldContain(l => l.Field == "tools[1]");
    }

    [Fact]
    public void A_count_of_tokens_is_asked_for_and_told()
    {
        ArrayBufferWriter<byte> output = new();
        CountTokens.WriteRequest(OpenAIChat.Doors.Request("""{"model":"x","messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]}"""), new TargetModel("gemini-2.5-pro", "google"), output, new LossList());
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("""{"generateContentRequest":{"model":"models/gemini-2.5-pro","systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"u"}]}]}}""");
        CountTokens.TryReadRequest(output.WrittenSpan, out ConversationRequest? request, out _).ShouldBeTrue();
        (request!.Model, request.Instructions.Count, request.Messages.Count).ShouldBe(("gemini-2.5-pro", 1, 1));
        CountTokens.TryReadRequest("""{"generateContentRequest":7}"""u8, out _, out ApiError? error).ShouldBeFalse();
        error!.Param.ShouldBe("generateContentRequest");
        output.ResetWrittenCount();
        CountTokens.WriteAnswer(12, output);
        CountTokens.TryReadAnswer(output.WrittenSpan, out long tokens).ShouldBeTrue();
        tokens.ShouldBe(12);
        CountTokens.TryReadAnswer("[]"u8, out _).ShouldBeFalse();
    }
}
