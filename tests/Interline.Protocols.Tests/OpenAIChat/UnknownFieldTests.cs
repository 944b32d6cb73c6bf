using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>An unknown field in every object of every recording: the same format keeps it, and no other format can lose it in silence.</summary>
public sealed class UnknownFieldTests
{
    // Perplexity's message beside the delta says the same once more; an error is not translated.
    private static readonly string[] NotRead = [".choices[].message", ".error"];

    public static TheoryData<string> Requests => RecordingTests.Requests;

    public static TheoryData<string> Answers => RecordingTests.Answers;

    public static TheoryData<string> Streams => RecordingTests.Streams;

    [Theory]
    [InlineData("""{"role":"user","name":"n","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"b","prompt_cache_breakpoint":{"mode":"explicit"}},{"type":"image_url","image_url":{"url":"https://x","detail":"low"}},{"type":"image_url","image_url":"https://x"},{"type":"video_url","video_url":{"url":"https://x"}},{"type":"document_url","document_url":{"url":"https://x"}},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},{"type":"file","file":{"file_data":"AAAA","filename":"n"}},{"type":"file","file":{"file_id":"f"}},{"type":"else","else":{"a":1}}]}""", "")]
    [InlineData("""{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},{"type":"refusal","refusal":"no"}],"audio":{"id":"i"},"function_call":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}""", "")]
    [InlineData("""{"role":"assistant","content":"a","reasoning":"t","reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s","index":0},{"type":"reasoning.encrypted","data":"d"},{"type":"else"}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}},{"id":"b","type":"custom","custom":{"name":"f","input":"x"}},{"id":"c","type":"else","else":{}}]}""", "")]
    [InlineData("""{"role":"assistant","content":"a","reasoning_content":"t","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"}],"annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":0,"end_index":1}},{"type":"file","file":{"a":1}}]}""", "")]
    [InlineData("""{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"r"}]}""", ""","tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}},"cache_control":{"type":"ephemeral"}},{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"a":1}}}},{"type":"web_search"}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}""")]
    [InlineData("""{"role":"user","content":"a"}""", ""","functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"},"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}},"reasoning":{"effort":"low","max_tokens":9,"exclude":true,"enabled":true,"summary":"auto"},"thinking":{"type":"enabled","budget_tokens":1},"stream_options":{"include_usage":true},"metadata":{"a":"b"},"audio":{"voice":{"id":"v"}}""")]
    [InlineData("""{"role":"user","content":"a"}""", ""","tool_choice":{"type":"function","function":{"name":"f"}},"response_format":{"type":"grammar","grammar":{}},"reasoning":{"type":"unheard"}""")]
    public void Unknown_fields_in_all_a_request_may_hold_are_written_back_and_seen(string message, string rest)
    {
        int probes = 0;
        byte[] request = Probes.Into(Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{{message}}]{{rest}}}"""), ref probes);
        ConversationRequest read = Doors.Request(request);
        JsonCompare.Difference(request, Doors.Written(read)).ShouldBeNull();
        Missing(probes, Probes.Delivered(read), Encoding.UTF8.GetString(request)).ShouldBeEmpty();
    }

    [Fact]
    public void Unknown_fields_in_all_an_answer_may_hold_are_written_back_and_seen()
    {
        int probes = 0;
        byte[] body = Probes.Into("""
            {"id":"i","object":"chat.completion","created":1,"model":"m","service_tier":"t","choices":[{"index":0,"message":{"role":"assistant","content":"a","refusal":null,
             "annotations":[{"type":"url_citation","url_citation":{"url":"u"}}],"audio":{"id":"i","data":"AAAA","transcript":"t","expires_at":1},"images":[{"type":"image_url","image_url":{"url":"https://x"}}],
             "tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"logprobs":{"content":[{"token":"a","logprob":-1,"top_logprobs":[{"token":"b"}]}]},"finish_reason":"stop"}],
             "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0},"cost_details":{"a":1}},"x_groq":{"usage":{}}}
            """u8, ref probes);
        Answer answer = Doors.Answer(body);
        JsonCompare.Difference(body, Doors.Written(answer)).ShouldBeNull();
        Missing(probes, Probes.Delivered(answer), Encoding.UTF8.GetString(body)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""},"extra_content":{"google":{"thought_signature":"s"}}}]}""", """{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}""")]
    [InlineData("""{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"f","input":"x"}}]}""", """{"tool_calls":[{"index":1,"id":"b","type":"else","else":{}}]}""")]
    [InlineData("""{"function_call":{"name":"f","arguments":""}}""", """{"function_call":{"arguments":"{}"}}""")]
    [InlineData("""{"audio":{"id":"a","data":"AAAA"}}""", """{"audio":{"transcript":"t","expires_at":1}}""")]
    [InlineData("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]}]}""", """{"content":[{"type":"text","text":"a"},{"type":"else","a":{}}]}""")]
    [InlineData("""{"reasoning":"t","reasoning_details":[{"type":"reasoning.text","text":"t","index":0}]}""", """{"reasoning_details":[{"type":"reasoning.text","text":"","signature":"s","index":0},{"type":"reasoning.encrypted","data":"d","index":1}]}""")]
    [InlineData("""{"reasoning_content":"t","thinking_blocks":[{"type":"thinking","thinking":"t"}]}""", """{"thinking_blocks":[{"type":"thinking","thinking":"","signature":"s"}]}""")]
    [InlineData("""{"content":"a"}""", """{"content":"b","annotations":[{"type":"url_citation","url_citation":{"url":"u"}}],"images":[{"type":"image_url","image_url":{"url":"https://x"}}],"extra_content":{"google":{"thought_signature":"s"}}}""")]
    public void Unknown_fields_in_all_a_stream_may_hold_are_written_back_and_seen(string first, string second)
    {
        string[] chunks =
        [
            Chunk(first, "null", ""), Chunk(second, "null", ",\"logprobs\":{\"content\":[{\"token\":\"a\"}]}"), Chunk("{}", "\"stop\"", ",\"usage\":{\"total_tokens\":1}"),
            """{"choices":[],"usage":{"total_tokens":1,"completion_tokens_details":{"audio_tokens":0}},"x_groq":{"usage":{"total_tokens":1}}}""", "[DONE]",
        ];
        int probes = 0;
        List<string> data = Probed(chunks, ref probes, unique: true);
        List<StreamEvent> events = Doors.Events(data);
        EventRules.Hold(events);
        Missing(probes, Probes.Delivered(events), string.Join('\n', data)).ShouldBeEmpty();
        data = Probed(chunks, ref probes, unique: false);
        string written = Doors.Written(Doors.Events(data));

        // The usage of a choice is told as the answer's.
        Places(data).Except(Places(Doors.Data(written)), StringComparer.Ordinal).ShouldBeSubsetOf([".choices[].usage"]);
        foreach ((string one, string again) in Doors.Data(written).Zip(Doors.Data(Doors.Written(Doors.Events(Doors.Data(written))))).Where(d => d.First is not "[DONE]"))
        {
            JsonCompare.Difference(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(again)).ShouldBeNull();
        }

        static string Chunk(string delta, string finish, string rest) =>
            $$"""{"id":"i","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}{{rest}}}]}""";
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Unknown_fields_anywhere_in_a_request_are_written_back(string name)
    {
        int probes = 0;
        byte[] request = Probes.Into(Recording.Of(name).Request!, ref probes);
        JsonCompare.Difference(request, Doors.Written(Doors.Request(request))).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Unknown_fields_anywhere_in_a_request_are_seen_by_other_formats(string name)
    {
        int probes = 0;
        byte[] request = Probes.Into(Recording.Of(name).Request!, ref probes);
        Missing(probes, Probes.Delivered(Doors.Request(request)), Encoding.UTF8.GetString(request)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Unknown_fields_anywhere_in_an_answer_are_written_back(string name)
    {
        int probes = 0;
        byte[] body = Probes.Into(Recording.Of(name).Body!, ref probes);
        JsonCompare.Difference(body, Doors.Written(Doors.Answer(body))).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Unknown_fields_anywhere_in_an_answer_are_seen_by_other_formats(string name)
    {
        int probes = 0;
        byte[] body = Probes.Into(Recording.Of(name).Body!, ref probes);
        Missing(probes, Probes.Delivered(Doors.Answer(body)), Encoding.UTF8.GetString(body)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Unknown_fields_anywhere_in_a_stream_are_seen_by_other_formats(string name)
    {
        int probes = 0;
        List<string> data = Probed(Recording.Of(name).Events, ref probes, unique: true);
        Missing(probes, Probes.Delivered(Doors.Events(data)), string.Join('\n', data)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Unknown_fields_anywhere_in_a_stream_are_written_back(string name)
    {
        int probes = 0;
        List<string> data = Probed(Recording.Of(name).Events, ref probes, unique: false);
        List<StreamEvent> events = Doors.Events(data);
        if (events[^1] is AnswerFailed)
        {
            return;
        }

        SortedSet<string> expected = Places(data), written = Places(Doors.Data(Doors.Written(events)));
        expected.Except(written, StringComparer.Ordinal).ShouldBeEmpty();
    }

    private static List<string> Probed(IEnumerable<string> events, ref int probes, bool unique)
    {
        List<string> data = [];
        foreach (string one in events)
        {
            int number = unique ? probes : 0;
            data.Add(one is "[DONE]" ? one : Encoding.UTF8.GetString(Probes.Into(Encoding.UTF8.GetBytes(one), ref number, NotRead)));
            probes = number;
        }

        return data;
    }

    private static SortedSet<string> Places(IEnumerable<string> data) =>
        new(data.Where(d => d is not "[DONE]").SelectMany(Probes.Places), StringComparer.Ordinal);

    /// <summary>The surroundings of each probe that is not in the model.</summary>
    private static List<string> Missing(int probes, HashSet<int> found, string json) => [.. Enumerable.Range(0, probes).Where(p => !found.Contains(p)).Select(p =>
    {
        string text = $"\"{Probes.Name}\":{p}";
        int at = json.IndexOf(text + "}", StringComparison.Ordinal);
        return json[Math.Max(0, at - 200)..Math.Min(json.Length, at + text.Length + 20)];
    })];
}
