using System.Text;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.Tests.OpenAI;

public class EventSnifferTests
{
    private readonly EventSniffer _sniffer = new();

    [Fact]
    public void A_responses_stream_is_followed_to_its_end()
    {
        Inspect("{\"type\":\"response.created\",\"response\":{\"usage\":null}}").ShouldBe(EventVerdict.Forward);
        Inspect("{\"type\":\"response.output_text.done\",\"text\":\"x\"}").ShouldBe(EventVerdict.Forward);
        _sniffer.IsComplete.ShouldBeFalse();
        Inspect("{\"type\":\"response.completed\",\"response\":{\"service_tier\":\"flex\",\"output\":[{\"usage\":{\"input_tokens\":999}}],\"usage\":{\"input_tokens\":10,\"output_tokens\":5,\"output_tokens_details\":{\"reasoning_tokens\":2}}}}").ShouldBe(EventVerdict.Forward);
        _sniffer.IsComplete.ShouldBeTrue();
        _sniffer.Finish.ShouldBe(FinishReason.Stop);
        _sniffer.ServiceTier.ShouldBe("flex");
        _sniffer.Usage.ShouldBe(new Usage { Input = 10, Output = 3, Reasoning = 2 });
    }

    [Theory]
    [InlineData("response.completed", FinishReason.Stop)]
    [InlineData("response.incomplete", FinishReason.Length)]
    [InlineData("response.failed", FinishReason.Error)]
    [InlineData("transcript.text.done", FinishReason.Stop)]
    [InlineData("speech.audio.done", FinishReason.Stop)]
    [InlineData("image_generation.completed", FinishReason.Stop)]
    [InlineData("image_edit.completed", FinishReason.Stop)]
    public void An_end_is_known(string type, FinishReason finish)
    {
        Inspect($"{{\"type\":\"{type}\",\"response\":{{\"error\":{{\"message\":\"x\"}}}}}}").ShouldBe(EventVerdict.Forward);
        _sniffer.IsComplete.ShouldBeTrue();
        _sniffer.Finish.ShouldBe(finish);
    }

    [Theory]
    [InlineData("response.web_search_call.completed")]
    [InlineData("response.image_generation_call.completed")]
    [InlineData("response.output_item.done")]
    public void The_end_of_a_part_is_not_the_end(string type)
    {
        Inspect($"{{\"type\":\"{type}\"}}").ShouldBe(EventVerdict.Forward);
        _sniffer.IsComplete.ShouldBeFalse();
    }

    [Theory]
    [InlineData("{\"type\":\"error\",\"message\":\"Broken\",\"code\":\"server_error\"}")]
    [InlineData("{\"type\":\"error\",\"error\":{\"message\":\"Broken\",\"code\":\"server_error\"}}")]
    [InlineData("{\"error\":{\"message\":\"Broken\",\"code\":\"server_error\"}}")]
    public void An_error_is_read(string data)
    {
        Inspect(data).ShouldBe(EventVerdict.Error);
        _sniffer.Error!.Message.ShouldBe("Broken");
        _sniffer.Error.Code.ShouldBe("server_error");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("3")]
    [InlineData("{\"type\":\"x\"}}")]
    [InlineData("{\"\\ud800\\ud800\\ud800\":1}")]
    public void What_is_not_of_the_format_is_malformed(string data) => Inspect(data).ShouldBe(EventVerdict.Malformed);

    private EventVerdict Inspect(string data) => _sniffer.Inspect([], Encoding.UTF8.GetBytes(data));
}
