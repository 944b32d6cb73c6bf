using System.Text;
using System.Text.RegularExpressions;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.Translation;

/// <summary>The table of <c>docs/translation.md</c> is what the code says of the maximal documents. With INTERLINE_WRITE_DOCS=1 it is written.</summary>
public sealed partial class LossTableTests
{
    private const string Begin = "<!-- losses: made by LossTableTests, do not edit -->";
    private const string End = "<!-- end of losses -->";

    private static string Page => Path.Combine(Root(AppContext.BaseDirectory), "docs", "translation.md");

    [Fact]
    public void The_page_has_the_losses_of_the_code()
    {
        string page = File.ReadAllText(Page).ReplaceLineEndings("\n");
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        from.ShouldBeGreaterThan(Begin.Length);
        string table = Tables();
        if (Environment.GetEnvironmentVariable("INTERLINE_WRITE_DOCS") is "1")
        {
            File.WriteAllText(Page, page[..from] + table + page[to..]);
            return;
        }

        page[from..to].ShouldBe(table, "run this test with INTERLINE_WRITE_DOCS=1");
    }

    [Fact]
    public void No_table_is_cut_short()
    {
        foreach (Document d in Document.Maximal)
        {
            foreach (WireFormat to in Pairs.Formats)
            {
                Translated.Make(d, to).Losses.Count.ShouldBeLessThan(LossList.Limit);
            }
        }
    }

    private static string Tables()
    {
        StringBuilder text = new("\n");
        foreach (WireFormat from in Pairs.Formats)
        {
            foreach (WireFormat to in Pairs.Formats.Where(f => f != from))
            {
                text.Append($"\n### {Name(from)} to {Name(to)}\n");
                foreach (DocumentKind kind in (DocumentKind[])[DocumentKind.Request, DocumentKind.Answer])
                {
                    text.Append($"\n{(kind == DocumentKind.Request ? "Requests" : "Answers and streams")}:\n\n| field | | why |\n|---|---|---|\n");
                    foreach ((string field, string action, string why) in Rows(from, to, kind))
                    {
                        text.Append($"| `{field}` | {action} | {why} |\n");
                    }
                }
            }
        }

        return text.Append('\n').ToString();
    }

    private static IEnumerable<(string Field, string Action, string Why)> Rows(WireFormat from, WireFormat to, DocumentKind kind) => Document.Maximal
        .Where(d => d.Format == from && (d.Kind == DocumentKind.Request) == (kind == DocumentKind.Request))
        .SelectMany(d => Translated.Make(d, to).Losses.Losses)
        .Select(l => (Field: Index().Replace(l.Field, "[]"), Action: l.Action.ToString().ToLowerInvariant(), Why: l.Why.Replace("|", "\\|", StringComparison.Ordinal)))
        .Distinct()
        .OrderBy(r => r.Field, StringComparer.Ordinal).ThenBy(r => r.Action, StringComparer.Ordinal).ThenBy(r => r.Why, StringComparer.Ordinal);

    private static string Name(WireFormat format) => format switch
    {
        WireFormat.OpenAIChat => "OpenAI Chat",
        WireFormat.AnthropicMessages => "Anthropic Messages",
        _ => "Gemini",
    };

    private static string Root(string folder) => File.Exists(Path.Combine(folder, "Interline.slnx")) || Directory.Exists(Path.Combine(folder, "docs", "adr"))
        ? folder
        : Root(Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!);

    [GeneratedRegex(@"\[\d+\]", RegexOptions.None, 1000)]
    private static partial Regex Index();
}
