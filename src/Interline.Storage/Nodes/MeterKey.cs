using System.Globalization;
using Interline.Core.Budgets;

namespace Interline.Storage.Nodes;

/// <summary>A meter as text, for notices.</summary>
internal static class MeterKey
{
    private const char Cut = '\u001f';

    /// <summary>Writes it; null if its names are too long to be told.</summary>
    /// <param name="meter">The meter.</param>
    public static string? Write(in MeterId meter)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)meter.Scope.Kind}{Cut}{(int)meter.Unit}{Cut}{meter.From}{Cut}{meter.To}{Cut}{(meter.Scope.Model is null ? "" : "m")}{meter.Scope.Model}{Cut}{meter.Scope.Id}");
        return System.Text.Encoding.UTF8.GetByteCount(text) <= NodeNotices.MostBytes ? text : null;
    }

    /// <summary>Reads it; null if it is none, such as from a node of another version.</summary>
    /// <param name="text">The text.</param>
    public static MeterId? Read(string text)
    {
        string[] parts = text.Split(Cut, 6);
        return parts.Length == 6 && Number(parts[0]) is { } kind && Number(parts[1]) is { } unit && Number(parts[2]) is { } from && Number(parts[3]) is { } to
            ? new MeterId(new Scope((ScopeKind)kind, parts[5], parts[4].Length == 0 ? null : parts[4][1..]), (MeterUnit)unit, from, to)
            : null;
    }

    private static long? Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
}
