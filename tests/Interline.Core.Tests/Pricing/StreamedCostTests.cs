using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Interline.Core.Pricing;
using Interline.Protocols;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;

namespace Interline.Core.Tests.Pricing;

/// <summary>One conversation, answered plain and streamed in every format: it costs the same.</summary>
public sealed class StreamedCostTests
{
    private static readonly Price Flat = new()
    {
        Input = 3, CacheRead = 0.3m, CacheWrite = 3.75m, CacheWrite1h = 6, InputAudio = 10, InputImage = 5.5m, Output = 15, Reasoning = 12, OutputAudio = 40, OutputImage = 30,
        Tiers = [new PriceTier(200_000, new Price { Input = 6, Output = 22.5m })],
    };

    private static readonly AnswerDefaults Defaults = new("id", 0, "model", IncludeUsage: true);

    private static readonly Arbitrary<Usage> Usages = Gen.OneOf(Gen.Constant(0), Gen.Choose(1, 400_000)).ArrayOf(10).Select(n => new Usage
    {
        Input = n[0] + 1, CacheRead = n[1], CacheWrite = n[2], CacheWrite1h = n[3], InputAudio = n[4], InputImage = n[5],
        Output = n[6] + 1, Reasoning = n[7], OutputAudio = n[8], OutputImage = n[9],
    }).ToArbitrary();

    public static TheoryData<string> Formats => ["openai", "anthropic", "gemini"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_streamed_and_a_plain_answer_of_one_usage_cost_the_same(string name)
    {
        ConversationFormat format = name switch { "openai" => ChatFormat.Instance, "anthropic" => MessagesFormat.Instance, _ => GeminiFormat.Instance };
        Prop.ForAll(Usages, usage =>
        {
            Usage plain = Plain(format, usage);
            Usage streamed = Streamed(format, usage);
            decimal? cost = Cost.Of(plain, Flat)?.Total;
            return plain.TotalInput == usage.TotalInput && plain.TotalOutput == usage.TotalOutput && cost > 0 && cost == Cost.Of(streamed, Flat)?.Total;
        }).QuickCheckThrowOnFailure();
    }

    private static Usage Plain(ConversationFormat format, Usage usage)
    {
        var output = new ArrayBufferWriter<byte>();
        var answer = new Answer([new Choice(0, new Message(Role.Assistant, [new TextPart("hello")])) { Finish = FinishReason.Stop }]) { Usage = usage };
        format.WriteAnswer(answer, Defaults, output, new LossList());
        AnswerFacts facts = format.Lane(stream: false).SniffAnswer(output.WrittenSpan);
        facts.Valid.ShouldBeTrue();
        return facts.Usage!.Value;
    }

    private static Usage Streamed(ConversationFormat format, Usage usage)
    {
        var output = new ArrayBufferWriter<byte>();
        using IAnswerStreamWriter writer = format.NewStreamWriter(Defaults, new LossList());
        StreamEvent[] events =
        [
            new AnswerStarted(null, "model", 0), new PartStarted(0, 0, new TextPart("")), new TextDelta(0, 0, "hello"), new PartEnded(0, 0),
            new ChoiceFinished(0, FinishReason.Stop, null), new UsageReported(usage, null), AnswerEnded.Instance,
        ];
        foreach (StreamEvent one in events)
        {
            writer.Write(one, output);
        }

        StreamSniffer sniffer = format.Lane(stream: true).NewStreamSniffer();
        foreach (string line in Encoding.UTF8.GetString(output.WrittenSpan).ReplaceLineEndings("\n").Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)))
        {
            sniffer.Inspect(default, Encoding.UTF8.GetBytes(line[6..]));
        }

        return sniffer.Usage!.Value;
    }
}
