using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Translation;

/// <summary>What a document is.</summary>
public enum DocumentKind
{
    /// <summary>A request.</summary>
    Request,

    /// <summary>A plain answer.</summary>
    Answer,

    /// <summary>A streamed answer.</summary>
    Stream,
}

/// <summary>A document in one wire format: a recorded one, or one made by hand that uses every documented field (folder Maximal).</summary>
/// <param name="Name">Of the recording or file.</param>
/// <param name="Format">Its format.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Pieces">The JSON; of a stream the data of each event.</param>
public sealed record Document(string Name, WireFormat Format, DocumentKind Kind, IReadOnlyList<string> Pieces)
{
    private static readonly Dictionary<string, Document> ByName = Maximals().Concat(Recording.All.SelectMany(OfRecording)).ToDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>All documents.</summary>
    public static IEnumerable<Document> All => ByName.Values.OrderBy(d => d.Name, StringComparer.Ordinal);

    /// <summary>Those made by hand.</summary>
    public static IEnumerable<Document> Maximal => All.Where(d => d.IsMaximal);

    /// <summary>Whether it was made by hand.</summary>
    public bool IsMaximal => Name.StartsWith("maximal-", StringComparison.Ordinal);

    /// <summary>The document of a name.</summary>
    public static Document Of(string name) => ByName[name];

    /// <summary>Whether its stream ends in an error, which is not translated but told by <c>ErrorKind</c>.</summary>
    public bool HasError => Kind == DocumentKind.Stream && Pieces.Any(p => p.Contains("\"error\":{", StringComparison.Ordinal));

    /// <summary>The document with another piece at a place.</summary>
    public Document With(int piece, string json) => this with { Pieces = [.. Pieces.Take(piece), json, .. Pieces.Skip(piece + 1)] };

    public override string ToString() => Name;

    private static IEnumerable<Document> Maximals()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Translation", "Maximal"), "*.json"))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
            DocumentKind kind = name.EndsWith("request", StringComparison.Ordinal) ? DocumentKind.Request : name.EndsWith("answer", StringComparison.Ordinal) ? DocumentKind.Answer : DocumentKind.Stream;
            yield return new Document("maximal-" + name, FormatOf(name), kind, kind == DocumentKind.Stream ? Elements(json.RootElement) : [json.RootElement.GetRawText()]);
        }
    }

    private static IEnumerable<Document> OfRecording(Recording r)
    {
        if (r.Name.Contains("counttokens", StringComparison.Ordinal))
        {
            yield break;
        }

        WireFormat format = FormatOf(r.Name);
        if (r.Request is not null)
        {
            yield return new Document(r.Name + "-request", format, DocumentKind.Request, [Encoding.UTF8.GetString(r.Request)]);
        }

        if (r.Sse is not null)
        {
            yield return new Document(r.Name, format, DocumentKind.Stream, [.. r.Events]);
        }
        else if (r is { Body: [(byte)'[', ..] })
        {
            using JsonDocument json = JsonDocument.Parse(r.Body);
            yield return new Document(r.Name, format, DocumentKind.Stream, Elements(json.RootElement));
        }
        else if (r is { Body: not null, Status: 200 })
        {
            yield return new Document(r.Name, format, DocumentKind.Answer, [Encoding.UTF8.GetString(r.Body)]);
        }
    }

    private static string[] Elements(JsonElement array) => [.. array.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : e.GetRawText())];

    private static WireFormat FormatOf(string name) =>
        name.StartsWith("anthropic-", StringComparison.Ordinal) ? WireFormat.AnthropicMessages
        : name.Contains("gemini", StringComparison.Ordinal) && !name.Contains("openai", StringComparison.Ordinal) ? WireFormat.Gemini
        : WireFormat.OpenAIChat;
}
