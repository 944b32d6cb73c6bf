using System.Text;
using System.Text.Json;
using Interline.Core.Configuration;
using Interline.Core.Cooldown;
using Interline.Core.Retry;
using Interline.Core.Tests.Retry;
using Interline.Core.Tests.Routing;
using Interline.Protocols.Anthropic;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAI;

namespace Interline.Core.Tests.Errors;

/// <summary>The table of docs/errors.md, asked of the rules and the writers themselves.</summary>
public class ErrorTableTests
{
    private const string Begin = "<!-- error table: begin -->\n";
    private const string End = "\n<!-- error table: end -->";

    [Fact]
    public void The_page_on_errors_says_what_the_rules_and_the_writers_do()
    {
        string page = File.ReadAllText(Page()).ReplaceLineEndings("\n");
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        page[from..page.IndexOf(End, StringComparison.Ordinal)].ShouldBe(Markdown(), "copy the actual table between the markers of docs/errors.md");
    }

    private static string Markdown()
    {
        var text = new StringBuilder();
        text.Append("| kind | tried again | carried by | cools | status of ours | OpenAI: `type`, `code` | Anthropic: `type` | Gemini: `status` |\n|---|---|---|---|---|---|---|---|");
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>().Where(x => x != ErrorKind.ClientGone))
        {
            var error = new ApiError(kind, StatusOf(kind), "x");
            text.Append('\n').Append("| ").AppendJoin(" | ", Name(kind), Again(error), Carried(error), Cools(error), error.Status, OpenAI(error), Anthropic(error), Gemini(error)).Append(" |");
        }

        return text.ToString();
    }

    private static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.BadRequest or ErrorKind.ContextLength or ErrorKind.ContentPolicy => 400,
        ErrorKind.NotFound => 404,
        ErrorKind.Authentication => 401,
        ErrorKind.Permission => 403,
        ErrorKind.QuotaExhausted or ErrorKind.RateLimit => 429,
        ErrorKind.Overloaded => 503,
        ErrorKind.Server => 500,
        ErrorKind.Timeout => 504,
        ErrorKind.Unsupported => 501,
        _ => 502,
    };

    private static string Name(ErrorKind kind) => "`" + JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()) + "`";

    private static string Again(ApiError error) => Move(error, untried: false) == NextMove.SameDeployment ? "yes" : "no";

    private static string Carried(ApiError error)
    {
        string deployment = Move(error, untried: true) != NextMove.NextDeployment ? "" : error.Kind == ErrorKind.ContextLength ? "a larger window" : "another deployment";
        string groups = TruthTable.Groups(error.Kind) is var found and not "none" ? found : "";
        return deployment.Length + groups.Length == 0 ? "nobody" : string.Join(", ", new[] { deployment, groups }.Where(x => x.Length > 0));
    }

    private static NextMove Move(ApiError error, bool untried) =>
        RetryRules.After(error, new RetryState { Attempts = 1, NumRetries = 1, HasUntried = untried, HasLarger = untried, HasNextGroup = false }).Move;

    private static string Cools(ApiError error)
    {
        if (!CooldownRules.Counts(error.Kind))
        {
            return "nobody";
        }

        TimeSpan? atOnce = CooldownRules.After(error, new(9, 1), Deployments.One("a"), isOnlyOne: false, new RouterSettings());
        TimeSpan often = CooldownRules.After(error, new(0, 5), Deployments.One("a"), isOnlyOne: false, new RouterSettings())!.Value;
        return atOnce is { } time ? $"at once, {time.TotalSeconds} s" : $"when it fails often, {often.TotalSeconds} s";
    }

    private static string OpenAI(ApiError error)
    {
        using JsonDocument document = JsonDocument.Parse(ErrorBody.Write(error));
        JsonElement inner = document.RootElement.GetProperty("error");
        return $"`{inner.GetProperty("type").GetString()}`, {(inner.GetProperty("code").GetString() is { } code ? $"`{code}`" : "null")}";
    }

    private static string Anthropic(ApiError error)
    {
        using JsonDocument document = JsonDocument.Parse(AnthropicErrors.Write(error));
        return $"`{document.RootElement.GetProperty("error").GetProperty("type").GetString()}`";
    }

    private static string Gemini(ApiError error)
    {
        using JsonDocument document = JsonDocument.Parse(GeminiErrors.Write(error));
        return $"`{document.RootElement.GetProperty("error").GetProperty("status").GetString()}`";
    }

    private static string Page()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Interline.slnx")))
            {
                return Path.Combine(at.FullName, "docs", "errors.md");
            }
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
