using System.Text;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.OpenAIChat;

public class ChatSnifferTests
{
    private readonly ChatSniffer _sniffer = new();

    [Theory]
    [InlineData("{\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}", EventVerdict.Forward)]
    [InlineData("{\"choices\":[],\"prompt_filter_results\":[{}]}", EventVerdict.Forward)]
    [InlineData("{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}", EventVerdict.UsageOnly)]
    [InlineData("{\"usage\":{\"prompt_tokens\":1},\"choices\":[]}", EventVerdict.UsageOnly)]
    [InlineData("{\"choices\":[],\"usage\":null}", EventVerdict.Forward)]
    [InlineData("{\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1}}", EventVerdict.Forward)]
    [InlineData("{\"choices\":[{\"delta\":{}}],\"error\":null}", EventVerdict.Forward)]
    [InlineData("{\"error\":{\"message\":\"x\"}}", EventVerdict.Error)]
    [InlineData("{\"error\":\"x\",\"choices\":[]}", EventVerdict.Error)]
    [InlineData("[DONE]", EventVerdict.Done)]
    [InlineData("{\"choices\":[", EventVerdict.Malformed)]
    [InlineData("{\"choices\":[]} {}", EventVerdict.Malformed)]
    [InlineData("[]", EventVerdict.Malformed)]
    [InlineData("hello", EventVerdict.Malformed)]
    [InlineData("", EventVerdict.Malformed)]
    [InlineData("{\"\\ud800\\ud800\\ud800\":1}", EventVerdict.Malformed)]
    public void An_event_is_judged(string data, EventVerdict verdict) => Inspect(data).ShouldBe(verdict);

    [Theory]
    [InlineData("stop", FinishReason.Stop)]
    [InlineData("length", FinishReason.Length)]
    [InlineData("tool_calls", FinishReason.ToolCalls)]
    [InlineData("function_call", FinishReason.ToolCalls)]
    [InlineData("content_filter", FinishReason.ContentFilter)]
    [InlineData("error", FinishReason.Error)]
    public void A_finish_reason_makes_the_answer_whole(string word, FinishReason finish)
    {
        Inspect("{\"choices\":[{\"index\":0,\"delta\":{\"finish_reason\":\"decoy\",\"tool_calls\":[{\"finish_reason\":\"stop\"}]},\"finish_reason\":null}]}");
        _sniffer.IsComplete.ShouldBeFalse();
        Inspect($"{{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{word}\"}}]}}");
        _sniffer.IsComplete.ShouldBeTrue();
        _sniffer.Finish.ShouldBe(finish);
    }

    [Fact]
    public void A_finish_that_was_said_before_is_not_said_again()
    {
        const string Finish = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";
        Inspect("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}").ShouldBe(EventVerdict.Forward);
        Inspect(Finish).ShouldBe(EventVerdict.Forward);
        Inspect(Finish).ShouldBe(EventVerdict.Malformed);
        Inspect("{\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"stop\"}]}").ShouldBe(EventVerdict.Forward, "another choice's");
        Inspect("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}").ShouldBe(EventVerdict.Forward, "it has words of the answer");
        Inspect("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}").ShouldBe(EventVerdict.Forward, "it has the usage");
        _sniffer.IsComplete.ShouldBeTrue();
    }

    [Fact]
    public void With_several_choices_the_answer_is_whole_when_each_has_finished()
    {
        Inspect("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}");
        Inspect("{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"},\"finish_reason\":null}]}");
        Inspect("{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"index\":0}]}");
        _sniffer.IsComplete.ShouldBeFalse();
        Inspect("{\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}");
        _sniffer.IsComplete.ShouldBeTrue();
    }

    [Fact]
    public void An_empty_finish_reason_is_none()
    {
        Inspect("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"\"}]}");
        _sniffer.IsComplete.ShouldBeFalse();
    }

    [Fact]
    public void Azures_first_event_without_choices_is_an_event()
    {
        Inspect("{\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\"prompt_filter_results\":[{\"prompt_index\":0}]}").ShouldBe(EventVerdict.Forward);
        _sniffer.IsComplete.ShouldBeFalse();
    }

    [Fact]
    public void The_last_usage_counts()
    {
        Inspect("{\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1}}");
        Inspect("{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":9},\"service_tier\":\"flex\"}");
        _sniffer.Usage!.Value.TotalOutput.ShouldBe(9);
        _sniffer.ServiceTier.ShouldBe("flex");
    }

    [Fact]
    public void The_end_marker_alone_makes_the_answer_whole()
    {
        Inspect("[DONE]");
        _sniffer.IsComplete.ShouldBeTrue();
        _sniffer.Finish.ShouldBe(FinishReason.Unknown);
    }

    [Theory]
    [InlineData("{\"error\":{\"message\":\"Slow down\",\"code\":429}}", 429, ErrorKind.RateLimit)]
    [InlineData("{\"error\":{\"message\":\"Slow down\",\"code\":\"rate_limit\"}}", 429, ErrorKind.RateLimit)]
    [InlineData("{\"error\":{\"message\":\"Slow down\",\"code\":\"x1\"}}", 502, ErrorKind.Server)]
    [InlineData("{\"error\":{\"message\":\"Full\",\"code\":529},\"choices\":[{\"finish_reason\":\"error\"}]}", 529, ErrorKind.Overloaded)]
    public void An_error_in_the_stream_is_read(string data, int status, ErrorKind kind)
    {
        Inspect(data).ShouldBe(EventVerdict.Error);
        _sniffer.Error!.Status.ShouldBe(status);
        _sniffer.Error.Kind.ShouldBe(kind);
    }

    [Theory]
    [InlineData("{\"choices\":[{\"message\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3}}", true, false)]
    [InlineData("{\"choices\":[]}", false, false)]
    [InlineData("{\"error\":{\"message\":\"x\"}}", true, true)]
    [InlineData("{\"error\":null,\"choices\":[{}]}", true, false)]
    [InlineData("{\"id\":\"x\"}", false, false)]
    [InlineData("{}", false, false)]
    [InlineData("[]", false, false)]
    [InlineData("", false, false)]
    [InlineData("{\"choices\":[{}]", false, false)]
    [InlineData("{\"choices\":[{}]}x", false, false)]
    [InlineData("<html>", false, false)]
    public void A_plain_answer_is_judged(string body, bool valid, bool error)
    {
        AnswerFacts facts = ChatLane.Instance.SniffAnswer(Encoding.UTF8.GetBytes(body));
        facts.Valid.ShouldBe(valid);
        (facts.Error is not null).ShouldBe(error);
    }

    [Fact]
    public void A_plain_answers_facts_are_read()
    {
        AnswerFacts facts = ChatLane.Instance.SniffAnswer("""{"service_tier":"priority","choices":[{"finish_reason":"length"}],"usage":{"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":60}}}"""u8);
        facts.Finish.ShouldBe(FinishReason.Length);
        facts.ServiceTier.ShouldBe("priority");
        facts.Usage.ShouldBe(new Usage { Input = 40, CacheRead = 60, Output = 20 });
    }

    [Fact]
    public void A_plain_answer_cut_anywhere_is_no_answer()
    {
        byte[] body = """{"id":"x","choices":[{"message":{"content":"é"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"""u8.ToArray();
        for (int length = 0; length < body.Length; length++)
        {
            ChatLane.Instance.SniffAnswer(body.AsSpan(0, length)).Valid.ShouldBeFalse();
        }
    }

    private EventVerdict Inspect(string data) => _sniffer.Inspect([], Encoding.UTF8.GetBytes(data));
}
