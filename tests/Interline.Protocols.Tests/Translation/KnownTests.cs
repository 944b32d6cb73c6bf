using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.Translation;

/// <summary>
/// Every value of the documents that use every documented field arrives in the other format, or a loss says that it does not. A value that stands in the document
/// once must be found in the output. Of one that says little by itself (<c>true</c>, <c>auto</c>) the output or the losses must be others without it.
/// </summary>
public sealed class KnownTests
{
    /// <summary>What other fields of the document say too, or what says which format it is.</summary>
    private static readonly string[] Derived =
    [
        "object", "type", "role", "index", "finish_reason", "finishReason", "modality",

        // The texts of reasoning_details once more; padding that is to be thrown away; a token once more.
        "reasoning", "obfuscation", "bytes[]",
    ];

    public static TheoryData<string, WireFormat> Documents => Pairs.Rows(Document.Maximal, same: false);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_value_of_a_maximal_document_arrives_or_is_reported(string name, WireFormat to)
    {
        Document d = Document.Of(name);
        HashSet<string> once = Once(d);
        Translated.Targets(to).Take(d.Kind == DocumentKind.Request ? 9 : 1).SelectMany(target => Lost(d, to, target, once)).ShouldBeEmpty();
    }

    private static List<string> Lost(Document d, WireFormat to, TargetModel target, HashSet<string> once)
    {
        Translated whole = Translated.Make(d, to, target);
        List<string> lost = [];
        for (int i = 0; i < d.Pieces.Count; i++)
        {
            foreach ((string path, JsonNode value) in Leaves(d.Pieces[i]))
            {
                if (IsSaidAgain(d, i, path) || IsCount(path))
                {
                    continue;
                }

                // Times are told in another way.
                bool unique = once.Contains(Text(value)) && path is not ("created" or "createTime");
                if (!(unique && whole.Written.Contains(Text(value), StringComparison.Ordinal)) && !IsTold(d, i, path, whole, to, target, unique) && !IsDerived(path))
                {
                    lost.Add($"{target.Model} {i}: {path} = {Text(value)} -- {whole}");
                }
            }
        }

        return lost;
    }

    /// <summary>True if a loss is told because of the value, if one is of something it stands in, or, where the value is no telling one, if the output is another without it.</summary>
    private static bool IsTold(Document d, int piece, string path, Translated whole, WireFormat to, TargetModel target, bool unique)
    {
        Translated? without = Translated.Try(d.With(piece, Without(d.Pieces[piece], path)), to, target);
        return without is null
            || (!unique && without.Written != whole.Written)
            || whole.Losses.Losses.Except(without.Losses.Losses).Any()
            || whole.Losses.Losses.Any(l => l.Action != LossAction.Moved && Place.Names(d, piece, path).Any(p => Place.Holds(l.Field, p)));
    }

    private static bool IsDerived(string path) => Derived.Any(n => path == n || path.EndsWith("." + n, StringComparison.Ordinal) || (n is "bytes[]" && path.Contains(".bytes[", StringComparison.Ordinal)));

    /// <summary>True if other pieces of a stream say the same at the same place.</summary>
    private static bool IsSaidAgain(Document d, int piece, string path) => d.Kind == DocumentKind.Stream && path is "id" or "model" or "created" or "modelVersion" or "responseId" && piece > 0;

    /// <summary>The classes of tokens are split, joined and compared as such (<see cref="AnswerTests.Usage_comes_over_whole"/>).</summary>
    private static bool IsCount(string path) => path.Contains("usage", StringComparison.Ordinal)
        && (path.EndsWith("okens", StringComparison.Ordinal) || path.EndsWith("okenCount", StringComparison.Ordinal)) && !path.Contains("prediction", StringComparison.Ordinal);

    private static List<(string Path, JsonNode Value)> Leaves(string piece)
    {
        List<(string, JsonNode)> leaves = [];
        if (piece is not "[DONE]")
        {
            Probe.Walk(JsonNode.Parse(piece), (node, path) =>
            {
                if (node is JsonValue && node.GetValueKind() is not JsonValueKind.Null && !(node.GetValueKind() is JsonValueKind.String && node.GetValue<string>().Length == 0))
                {
                    leaves.Add((path, node));
                }
            });
        }

        return leaves;
    }

    /// <summary>The values that stand in a document once and can be recognised.</summary>
    private static HashSet<string> Once(Document d) => [.. d.Pieces.SelectMany(Leaves).Select(l => Text(l.Value)).Where(t => t.Length > 3 && t.Any(char.IsDigit))
        .GroupBy(t => t, StringComparer.Ordinal).Where(g => g.Count() == 1).Select(g => g.Key)];

    /// <summary>What must be found: a text without its media type in front (data:), a number as it is spelled.</summary>
    private static string Text(JsonNode value)
    {
        string text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
        return text.StartsWith("data:", StringComparison.Ordinal) ? text[(text.IndexOf(',', StringComparison.Ordinal) + 1)..] : text;
    }

    private static string Without(string piece, string path)
    {
        JsonNode root = JsonNode.Parse(piece)!;
        JsonNode? found = null;
        Probe.Walk(root, (node, at) => found = at == path ? node : found);
        if (found!.Parent is JsonArray list)
        {
            list.Remove(found);
        }
        else
        {
            found.Parent!.AsObject().Remove(found.GetPropertyName());
        }

        return root.ToJsonString();
    }
}
