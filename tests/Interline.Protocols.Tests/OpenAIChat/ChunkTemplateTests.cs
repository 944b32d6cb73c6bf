using System.Text;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>The short cut for repeated chunks must judge every chunk as reading it would.</summary>
public sealed class ChunkTemplateTests
{
    private const string Head = "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"";
    private const string Tail = "\"},\"finish_reason\":null}],\"usage\":null}";

    [Theory]
    [InlineData("world")]
    [InlineData("")]
    [InlineData("héllo 😀")]
    [InlineData("a \\\"quoted\\\" word")]
    public void A_chunk_that_repeats_the_last_but_for_its_text_is_forwarded(string text)
    {
        var sniffer = new ChatSniffer();
        Inspect(sniffer, Head + "one" + Tail).ShouldBe(EventVerdict.Forward);
        Inspect(sniffer, Head + text + Tail).ShouldBe(EventVerdict.Forward);
        sniffer.IsComplete.ShouldBeFalse();
        sniffer.Usage.ShouldBeNull();
    }

    [Theory]
    [InlineData(Head + "a\nb" + Tail)]
    [InlineData(Head + "cut")]
    [InlineData(Head + "two" + Tail + "}")]
    [InlineData(Head + "two\"},\"finish_reason\":nul}],\"usage\":null}")]
    public void A_chunk_that_is_broken_is_found_also_behind_a_good_one(string broken)
    {
        var sniffer = new ChatSniffer();
        Inspect(sniffer, Head + "one" + Tail).ShouldBe(EventVerdict.Forward);
        Inspect(sniffer, broken).ShouldBe(EventVerdict.Malformed);
    }

    [Fact]
    public void Finish_usage_and_errors_are_seen_behind_repeated_chunks()
    {
        var sniffer = new ChatSniffer();
        for (int i = 0; i < 5; i++)
        {
            Inspect(sniffer, Head + "word" + i + Tail);
        }

        Inspect(sniffer, Head + "end\"},\"finish_reason\":\"stop\"}],\"usage\":null}").ShouldBe(EventVerdict.Forward);
        sniffer.Finish.ShouldBe(FinishReason.Stop);
        Inspect(sniffer, "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}").ShouldBe(EventVerdict.UsageOnly);
        sniffer.Usage!.Value.Total.ShouldBe(5);
        Inspect(sniffer, "{\"error\":{\"message\":\"x\"}}").ShouldBe(EventVerdict.Error);
    }

    [Fact]
    public void Random_chunks_are_judged_as_by_a_sniffer_without_memory()
    {
        var random = new Random(7);
        var withMemory = new ChatSniffer();
        string[] texts = ["a", "", "b c", "\\n", "\\u00e9", "é", "\u0001", "x\"y", "\\"];
        string[] tails = [Tail, "\"},\"finish_reason\":null}]}", "\"},\"finish_reason\":\"stop\"}]}", "\"}}]}", "\"},\"content\":\"z\"}]}"];
        for (int i = 0; i < 20_000; i++)
        {
            string chunk = Head + texts[random.Next(texts.Length)] + tails[random.Next(tails.Length)];
            Inspect(withMemory, chunk).ShouldBe(Inspect(new ChatSniffer(), chunk), chunk);

            // A finish that is told twice is another matter.
            withMemory = chunk.Contains("stop", StringComparison.Ordinal) ? new ChatSniffer() : withMemory;
        }
    }

    private static EventVerdict Inspect(ChatSniffer sniffer, string data) => sniffer.Inspect(default, Encoding.UTF8.GetBytes(data));
}
