using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.Translation;

/// <summary>Whatever no format knows, anywhere in any document: the same format keeps it, another says it or reports it.</summary>
public sealed class UnknownTests
{
    public static TheoryData<string, WireFormat> Documents => Pairs.Rows(Document.All.Where(d => !d.HasError));

    public static TheoryData<string, WireFormat> Streams => Pairs.Rows(Document.All.Where(d => d.Kind == DocumentKind.Stream && !d.HasError));

    [Theory]
    [MemberData(nameof(Documents))]
    public void An_unknown_field_in_any_object_is_kept_or_reported(string name, WireFormat to) => Nothing(Probe.Fields(Document.Of(name)), to);

    [Theory]
    [MemberData(nameof(Documents))]
    public void An_unknown_part_or_tool_in_any_list_is_kept_or_reported(string name, WireFormat to) => Nothing(Probe.Blocks(Document.Of(name)), to);

    [Theory]
    [MemberData(nameof(Streams))]
    public void An_unknown_event_between_any_two_is_kept_or_reported(string name, WireFormat to)
    {
        Document d = Document.Of(name);
        string unknown = d.Format switch
        {
            WireFormat.AnthropicMessages => $$$"""{"type":"x_unknown_event","{{{Probe.Name}}}":1}""",
            WireFormat.Gemini => $$$"""{"xUnknownEvent":{"{{{Probe.Name}}}":1}}""",
            _ => $$$"""{"object":"x_unknown_event","choices":[],"{{{Probe.Name}}}":1}""",
        };
        int end = d.Format switch { WireFormat.OpenAIChat => d.Pieces.Count - (d.Pieces[^1] is "[DONE]" ? 1 : 0), WireFormat.AnthropicMessages => d.Pieces.Count - 1, _ => d.Pieces.Count };
        IEnumerable<int> places = Enumerable.Range(1, end - 1).Where(i => i < 4 || i > end - 4).Append(end).Distinct();
        Nothing(places.Select(i => new Probe(d with { Pieces = [.. d.Pieces.Take(i), unknown, .. d.Pieces.Skip(i)] }, i, d.Format == WireFormat.Gemini ? "xUnknownEvent" : "")), to);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void An_unknown_block_between_any_two_is_kept_or_reported(string name, WireFormat to)
    {
        Document d = Document.Of(name);
        if (d.Format != WireFormat.AnthropicMessages)
        {
            return;
        }

        int end = d.Pieces.ToList().FindIndex(p => p.Contains("\"message_delta\"", StringComparison.Ordinal));
        Nothing([new Probe(d with { Pieces = [.. d.Pieces.Take(end), Start("""{"type":"x_unknown_block","x_unknown_probe":1}"""), """{"type":"content_block_stop","index":99}""", .. d.Pieces.Skip(end)] }, end, "content_block")], to);
        Nothing([new Probe(d with { Pieces = [.. d.Pieces.Take(end), Start("""{"type":"text","text":""}"""), """{"type":"content_block_delta","index":99,"delta":{"type":"x_unknown_delta","x_unknown_probe":1}}""", """{"type":"content_block_stop","index":99}""", .. d.Pieces.Skip(end)] }, end + 1, "delta")], to);

        static string Start(string block) => $$"""{"type":"content_block_start","index":99,"content_block":{{block}}}""";
    }

    private static void Nothing(IEnumerable<Probe> probes, WireFormat to)
    {
        List<string> lost = [];
        foreach (Probe probe in probes)
        {
            Translated? t = Translated.Try(probe.Document, to);
            if (t is null)
            {
                lost.Add($"{probe.Piece}: {probe.Path}: refused");
            }
            else if (probe.Document.Format == to ? !t.Written.Contains(Probe.Name, StringComparison.Ordinal) && !probe.IsReplaced : !probe.IsTold(t))
            {
                lost.Add($"{probe.Piece}: {probe.Path} -- {t}");
            }
        }

        lost.ShouldBeEmpty();
    }
}
