using System.Text;
using System.Text.Json;

namespace Interline.Protocols.Tests.Recordings;

/// <summary>One real exchange with a provider: <c>{name, provider, request, status, body | sse}</c> in a file of this folder.</summary>
public sealed record Recording(string Name, string Provider, byte[]? Request, int Status, byte[]? Body, string? Sse)
{
    private static readonly Dictionary<string, Recording> ByName = Directory
        .GetFiles(Path.Combine(AppContext.BaseDirectory, "Recordings"), "*.json")
        .Select(Load)
        .ToDictionary(r => r.Name, StringComparer.Ordinal);

    public static IEnumerable<Recording> All => ByName.Values.OrderBy(r => r.Name, StringComparer.Ordinal);

    public static Recording Of(string name) => ByName[name];

    /// <summary>The data of each event of the stream.</summary>
    public IEnumerable<string> Events => Sse!.ReplaceLineEndings("\n").Split("\n\n")
        .Select(e => string.Join('\n', e.Split('\n').Where(l => l.StartsWith("data:", StringComparison.Ordinal)).Select(l => l[5..].TrimStart(' '))))
        .Where(data => data.Length > 0);

    public override string ToString() => Name;

    private static Recording Load(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = document.RootElement;
        byte[]? Raw(string field) => root.TryGetProperty(field, out JsonElement value) && value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? Encoding.UTF8.GetBytes(value.GetRawText()) : null;
        return new Recording(
            root.GetProperty("name").GetString()!,
            root.GetProperty("provider").GetString()!,
            Raw("request"),
            root.GetProperty("status").GetInt32(),
            Raw("body"),
            root.TryGetProperty("sse", out JsonElement sse) ? sse.GetString() : null);
    }
}
