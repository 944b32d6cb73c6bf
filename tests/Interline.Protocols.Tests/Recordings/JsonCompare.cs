using System.Text.Json;

namespace Interline.Protocols.Tests.Recordings;

/// <summary>Compares JSON as values: key order is free, numbers are equal if they are spelled equally.</summary>
public static class JsonCompare
{
    /// <summary>The first difference, as path and values; null if there is none.</summary>
    public static string? Difference(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual)
    {
        JsonDocumentOptions options = new() { MaxDepth = 200 };
        using JsonDocument a = JsonDocument.Parse(expected, options);
        using JsonDocument b = JsonDocument.Parse(actual, options);
        return Difference(a.RootElement, b.RootElement, "$");
    }

    private static string? Difference(JsonElement a, JsonElement b, string path)
    {
        if (a.ValueKind != b.ValueKind)
        {
            return $"{path}: expected {Short(a)}, got {Short(b)}";
        }

        switch (a.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty p in a.EnumerateObject())
                {
                    if (!b.TryGetProperty(p.Name, out JsonElement other))
                    {
                        return $"{path}.{p.Name}: missing, expected {Short(p.Value)}";
                    }

                    if (Difference(p.Value, other, $"{path}.{p.Name}") is { } inner)
                    {
                        return inner;
                    }
                }

                foreach (JsonProperty p in b.EnumerateObject())
                {
                    if (!a.TryGetProperty(p.Name, out _))
                    {
                        return $"{path}.{p.Name}: not expected, got {Short(p.Value)}";
                    }
                }

                return b.EnumerateObject().Count() != b.EnumerateObject().Select(p => p.Name).Distinct(StringComparer.Ordinal).Count() ? $"{path}: a field is written twice" : null;
            case JsonValueKind.Array:
                if (a.GetArrayLength() != b.GetArrayLength())
                {
                    return $"{path}: expected {a.GetArrayLength()} elements, got {b.GetArrayLength()}";
                }

                return a.EnumerateArray().Zip(b.EnumerateArray()).Select((pair, i) => Difference(pair.First, pair.Second, $"{path}[{i}]")).FirstOrDefault(d => d is not null);
            case JsonValueKind.String:
                return string.Equals(a.GetString(), b.GetString(), StringComparison.Ordinal) ? null : $"{path}: expected {Short(a)}, got {Short(b)}";
            default:
                return string.Equals(a.GetRawText(), b.GetRawText(), StringComparison.Ordinal) ? null : $"{path}: expected {Short(a)}, got {Short(b)}";
        }
    }

    private static string Short(JsonElement e) => e.GetRawText() is { Length: > 120 } text ? text[..120] + "…" : e.GetRawText();
}
