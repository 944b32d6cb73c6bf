using System.Buffers;
using System.Collections;
using Interline.Protocols.Anthropic;
using Interline.Protocols.Conversation;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.Translation;

/// <summary>Requests of very many small things cost work in proportion: counted, not timed.</summary>
public sealed class LinearWorkTests
{
    private const int Many = 100_000;

    [Fact]
    public void A_turn_of_many_messages_is_gathered_in_one_list()
    {
        Message[] messages = [.. Enumerable.Range(0, Many).Select(_ => new Message(Role.User, [new TextPart("x")]))];
        Allocated(MessagesFormat.Instance, new ConversationRequest("m", messages)).ShouldBeLessThan(400L << 20, "a new list for each message would be 40 GB");
    }

    [Fact]
    public void Chat_looks_at_each_of_many_parts_a_few_times()
    {
        Counted parts = new([.. Enumerable.Range(0, Many).Select(i => i % 2 == 0 ? (Part)new TextPart("x") : new ToolResultPart($"c{i}", [new TextPart("r")]))]);
        Allocated(ChatFormat.Instance, new ConversationRequest("m", [new Message(Role.User, parts) { Native = new NativeFields(WireFormat.AnthropicMessages) }]));
        parts.Looks.ShouldBeInRange(Many, 40L * Many);
    }

    [Fact]
    public void Gemini_meets_many_calls_with_their_results_in_any_order()
    {
        Part[] calls = [.. Enumerable.Range(0, Many).Select(i => new ToolCallPart($"c{i}", "f", "{}"))];
        Part[] results = [.. Enumerable.Range(0, Many).Reverse().Select(i => new ToolResultPart($"c{i}", [new TextPart("r")]))];
        LossList losses = new();
        Allocated(GeminiFormat.Instance, new ConversationRequest("m", [new Message(Role.User, [new TextPart("q")]), new Message(Role.Assistant, calls), new Message(Role.Tool, results)]), losses)
            .ShouldBeLessThan(1L << 30);
        losses.Losses.ShouldNotContain(l => l.Why.Contains("has none", StringComparison.Ordinal));
    }

    private static long Allocated(ConversationFormat format, ConversationRequest request, LossList? losses = null)
    {
        ArrayBufferWriter<byte> output = new(64 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        format.WriteRequest(request, new TargetModel("m", "p"), output, losses ?? new LossList());
        output.WrittenCount.ShouldBeGreaterThan(Many);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class Counted(Part[] parts) : IReadOnlyList<Part>
    {
        public long Looks { get; private set; }

        public int Count => parts.Length;

        public Part this[int index]
        {
            get
            {
                Looks++;
                return parts[index];
            }
        }

        public IEnumerator<Part> GetEnumerator()
        {
            foreach (Part part in parts)
            {
                Looks++;
                yield return part;
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
