using System.Globalization;
using System.Text;
using System.Text.Json;
using Interline.Core.Catalog;
using Interline.Core.Pricing;
using Interline.Protocols;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;

namespace Interline.Core.Tests.Pricing.Recorded;

/// <summary>The cost of every recorded exchange, against a table that a script of its own works out from the raw JSON (<c>make.py</c>) and people have looked at.</summary>
public sealed class RecordedCostTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Recordings");

    private static readonly string[][] Table = [.. File.ReadLines(Path.Combine(Folder, "recorded-costs.tsv")).Skip(1).Select(static line => line.Split('\t'))];

    public static TheoryData<string> Recordings => [.. Table.Select(static row => row[0])];

    [Theory]
    [MemberData(nameof(Recordings))]
    public void A_recorded_exchange_uses_and_costs_what_the_table_says(string name)
    {
        string[] row = Table.Single(one => one[0] == name);
        long[] counts = [.. row[4..14].Select(static count => long.Parse(count, CultureInfo.InvariantCulture))];
        Usage expected = new()
        {
            Input = counts[0], CacheRead = counts[1], CacheWrite = counts[2], CacheWrite1h = counts[3], InputAudio = counts[4], InputImage = counts[5],
            Output = counts[6], Reasoning = counts[7], OutputAudio = counts[8], OutputImage = counts[9],
        };

        (Usage? usage, string? tier) = Sniff(name);

        usage.ShouldBe(expected);
        (tier is "flex" or "priority" or "batch" ? tier : "-").ShouldBe(row[3]);
        Price? price = ModelCatalog.BuiltIn.FindModel(ModelCatalog.BuiltIn.FindProvider(row[1])?.ModelsFrom ?? row[1], row[2])?.Price;
        decimal? cost = Cost.Of(usage!.Value, price, tier)?.Total;
        (cost is { } usd ? usd.ToString("0.############################", CultureInfo.InvariantCulture) : "unknown").ShouldBe(row[14]);
    }

    [Fact]
    public void Every_recording_that_states_usage_is_in_the_table() =>
        Directory.GetFiles(Folder, "*.json").Select(static path => Path.GetFileNameWithoutExtension(path))
            .Where(static name => !name.Contains("counttokens", StringComparison.Ordinal) && Sniff(name).Usage is { Total: > 0 })
            .Order(StringComparer.Ordinal).ShouldBe(Table.Select(static row => row[0]).Order(StringComparer.Ordinal));

    /// <summary>OpenRouter says itself what a call cost: where it searched nothing beside, to the last digit what the catalogue says.</summary>
    [Theory]
    [InlineData("openrouter-openai-chat-062dca273d", "0.001251")]
    [InlineData("openrouter-openai-chat-stream-857ed14f7f", "0.000837")]
    [InlineData("openrouter-openai-chat-stream-ad2155bf47", "0.000669")]
    public void Where_a_provider_states_the_cost_the_table_has_the_same(string name, string stated) => Table.Single(row => row[0] == name)[14].ShouldBe(stated);

    private static (Usage? Usage, string? Tier) Sniff(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".json")));
        JsonElement root = document.RootElement;
        if (root.GetProperty("status").GetInt32() != 200)
        {
            return default;
        }

        Lane lane = name.StartsWith("anthropic-", StringComparison.Ordinal) ? MessagesLane.Instance
            : name.Contains("-gemini-", StringComparison.Ordinal) ? GenerateLane.Stream
            : ChatLane.Instance;
        bool isPlain = root.TryGetProperty("body", out JsonElement body) && body.ValueKind == JsonValueKind.Object;
        if (isPlain)
        {
            AnswerFacts facts = lane.SniffAnswer(Encoding.UTF8.GetBytes(body.GetRawText()));
            return (facts.Usage, facts.ServiceTier);
        }

        StreamSniffer sniffer = lane.NewStreamSniffer();
        foreach (string data in body.ValueKind == JsonValueKind.Array ? body.EnumerateArray().Select(static one => one.GetRawText()) : Events(root.GetProperty("sse").GetString()!))
        {
            sniffer.Inspect(default, Encoding.UTF8.GetBytes(data));
        }

        return (sniffer.Usage, sniffer.ServiceTier);
    }

    private static IEnumerable<string> Events(string stream) => stream.ReplaceLineEndings("\n").Split('\n')
        .Where(static line => line.StartsWith("data:", StringComparison.Ordinal)).Select(static line => line[5..].TrimStart(' ')).Where(static data => data.Length > 0);
}
