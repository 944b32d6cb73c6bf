using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Interline.Core.Catalog;

/// <summary>
/// <c>catalog/models.json</c> in memory. Opening it only finds where each model stands; a model is read when it is first asked for, because a
/// gateway uses a handful of the thousands and starts in milliseconds. Safe for many threads: an entry read twice is the same value.
/// </summary>
internal sealed class ModelFile
{
    private readonly ReadOnlyMemory<byte> _utf8;
    private readonly Dictionary<string, Entry> _entries = new(6000, StringComparer.Ordinal);

    /// <summary>Indexes the file.</summary>
    /// <param name="utf8">The whole file; kept.</param>
    public ModelFile(ReadOnlyMemory<byte> utf8)
    {
        _utf8 = utf8;
        // One model stands in each line and begins with provider and id: import.py writes it so. Looking for line ends instead of reading every token
        // makes this five times faster.
        ReadOnlySpan<byte> bytes = utf8.Span;
        string provider = "";
        int start = bytes.IndexOf((byte)'\n') + 1;
        while (start > 0 && start < bytes.Length && bytes[start] == (byte)'{')
        {
            int end = bytes[start..].IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = bytes.Slice(start, end).TrimEnd((byte)',');
            Add(line, start, ref provider);
            start += end + 1;
        }
    }

    /// <summary>How many models it holds.</summary>
    public int Count => _entries.Count;

    /// <summary>Provider and id of every model, joined by <see cref="Key"/>.</summary>
    public IEnumerable<string> Keys => _entries.Keys;

    /// <summary>One text for provider and id. (A tuple as key costs its own compiled dictionary, and so milliseconds of every start.)</summary>
    public static string Key(string provider, string id) => provider + "\n" + id;

    /// <summary>The model of exactly this provider and id.</summary>
    public bool TryGet(string provider, string id, [NotNullWhen(true)] out ModelInfo? model)
    {
        model = null;
        if (_entries.TryGetValue(Key(provider, id), out Entry? entry))
        {
            model = entry.Model ??= Read(entry);
        }

        return model is not null;
    }

    private void Add(ReadOnlySpan<byte> line, int start, ref string provider)
    {
        Utf8JsonReader reader = new(line);
        reader.Read();
        reader.Read();
        reader.Read();
        if (!reader.ValueTextEquals(provider))
        {
            provider = reader.GetString()!;
        }

        reader.Read();
        reader.Read();
        _entries.Add(Key(provider, reader.GetString()!), new Entry(start, line.Length));
    }

    private ModelInfo Read(Entry entry)
    {
        using JsonDocument document = JsonDocument.Parse(_utf8.Slice(entry.Start, entry.Length));
        JsonElement row = document.RootElement;
        if (row.TryGetProperty("aliasOf", out JsonElement name))
        {
            string provider = row.GetProperty("provider").GetString()!;
            string target = name.GetString()!;
            return TryGet(provider, target, out ModelInfo? model)
                ? model with { Id = row.GetProperty("id").GetString()!, AliasOf = target }
                : throw new InvalidDataException($"models.json: {provider}/{target} is named by aliasOf and is not there.");
        }

        return ModelRow.Read(row);
    }

    private sealed class Entry(int start, int length)
    {
        public int Start { get; } = start;

        public int Length { get; } = length;

        public ModelInfo? Model { get; set; }
    }
}
