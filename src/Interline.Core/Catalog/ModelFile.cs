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
    private readonly Dictionary<(string Provider, string Id), Entry> _entries = new(6000);

    /// <summary>Indexes the file.</summary>
    /// <param name="utf8">The whole file; kept.</param>
    public ModelFile(ReadOnlyMemory<byte> utf8)
    {
        _utf8 = utf8;
        Utf8JsonReader reader = new(utf8.Span);
        while (reader.Read() && !(reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("models"u8)))
        {
        }

        reader.Read();
        string provider = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            int start = (int)reader.TokenStartIndex;
            // provider and id come first in every line: import.py writes them so.
            reader.Read();
            reader.Read();
            if (!reader.ValueTextEquals(provider))
            {
                provider = reader.GetString()!;
            }

            reader.Read();
            reader.Read();
            string id = reader.GetString()!;
            while (reader.Read() && reader.CurrentDepth > 2)
            {
            }

            _entries.Add((provider, id), new Entry(start, (int)reader.BytesConsumed - start));
        }
    }

    /// <summary>How many models it holds.</summary>
    public int Count => _entries.Count;

    /// <summary>Provider and id of every model.</summary>
    public IEnumerable<(string Provider, string Id)> Keys => _entries.Keys;

    /// <summary>The model of exactly this provider and id.</summary>
    public bool TryGet(string provider, string id, [NotNullWhen(true)] out ModelInfo? model)
    {
        model = null;
        if (_entries.TryGetValue((provider, id), out Entry? entry))
        {
            model = entry.Model ??= Read(entry);
        }

        return model is not null;
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
