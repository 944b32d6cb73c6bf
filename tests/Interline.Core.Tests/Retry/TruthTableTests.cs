namespace Interline.Core.Tests.Retry;

public class TruthTableTests
{
    private const string Begin = "<!-- truth table: begin -->\n";
    private const string End = "\n<!-- truth table: end -->";

    [Fact]
    public void The_page_on_routing_says_what_the_rules_do()
    {
        string page = File.ReadAllText(Page()).ReplaceLineEndings("\n");
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        page[from..page.IndexOf(End, StringComparison.Ordinal)].ShouldBe(TruthTable.Markdown(), "copy the actual table between the markers of docs/routing.md");
    }

    private static string Page()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Interline.slnx")))
            {
                return Path.Combine(at.FullName, "docs", "routing.md");
            }
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
