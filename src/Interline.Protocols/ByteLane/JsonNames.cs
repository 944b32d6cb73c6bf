using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Interline.Protocols.ByteLane;

/// <summary>Comparing names while bytes pass by.</summary>
internal static class JsonNames
{
    /// <summary>
    /// Whether the name or text at the reader is this one. Says what <see cref="Utf8JsonReader.ValueTextEquals(ReadOnlySpan{byte})"/> says, for a fraction of its cost:
    /// with the length of a literal known, most names differ at the first look. Every name of every answer is asked about several times.
    /// </summary>
    /// <param name="reader">At a name or a text of one segment.</param>
    /// <param name="name">The name in UTF-8, a literal.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(this ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped ? reader.ValueTextEquals(name) : reader.ValueSpan.SequenceEqual(name);
}
