using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Google's servers take every field in camel case and in snake case (<c>inlineData</c>, <c>inline_data</c>), as the JSON mapping of protocol buffers says.
/// </summary>
internal static class GeminiNames
{
    /// <summary>Longest name that is put into camel case; no field of the format is longer.</summary>
    public const int Longest = 64;

    private static readonly SearchValues<char> WordLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    /// <summary>True if the text has the form of Google's enumerations: <c>RESOURCE_EXHAUSTED</c>.</summary>
    public static bool IsWord(string? text) => text is { Length: > 0 } && !text.AsSpan().ContainsAnyExcept(WordLetters);

    /// <summary>The name in camel case.</summary>
    /// <param name="name">The name as given.</param>
    /// <param name="buffer">At least <see cref="Longest"/> characters.</param>
    public static ReadOnlySpan<char> Camel(ReadOnlySpan<char> name, Span<char> buffer)
    {
        int from = name.IndexOfAnyExcept('_');
        if (from < 0 || name.Length > buffer.Length || name[from..].IndexOf('_') < 0)
        {
            return name;
        }

        int length = 0;
        for (int i = 0; i < name.Length; i++)
        {
            bool joint = i > from && name[i] == '_' && i + 1 < name.Length && name[i + 1] != '_';
            buffer[length++] = joint ? char.ToUpperInvariant(name[++i]) : name[i];
        }

        return buffer[..length];
    }

    /// <inheritdoc cref="Camel(ReadOnlySpan{char}, Span{char})"/>
    public static string Camel(string name) => name.Contains('_', StringComparison.Ordinal) ? new string(Camel(name, stackalloc char[Longest])) : name;

    /// <summary>The string in a field of the object at the cursor, in either spelling.</summary>
    public static string? Peek(in JsonCursor json, ReadOnlySpan<byte> camel, ReadOnlySpan<byte> snake) => json.Peek(camel) ?? json.Peek(snake);

    /// <summary>True if a field, in either spelling, is written back with the native fields of this format.</summary>
    /// <param name="native">The fields, or null.</param>
    /// <param name="camel">The field's name.</param>
    public static bool Kept(NativeFields? native, string camel)
    {
        if (native is not { Format: WireFormat.Gemini })
        {
            return false;
        }

        for (int i = 0; i < native.Count; i++)
        {
            if (string.Equals(Camel(native[i].Name), camel, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps a field whole though the model says it, with the paths in it that the model does not say.</summary>
    /// <param name="native">The fields of the object being read.</param>
    /// <param name="name">The field's name as given.</param>
    /// <param name="json">Its value.</param>
    /// <param name="said">What the model says of it; null: all.</param>
    public static void KeepWhole(this NativeFields native, string name, RawJson json, SaidPaths? said = null) =>
        native.Add(new NativeField(name, json, Understood: true) { Unread = said?.Unread(json) ?? [] });
}

/// <summary>The paths of an object that the conversation model says, in camel case, such as <c>chunks[].web.uri</c>; a path says all that is below it.</summary>
internal sealed class SaidPaths
{
    private readonly FrozenSet<string> _said;
    private readonly FrozenSet<string> _above;

    public SaidPaths(params string[] paths)
    {
        _said = paths.ToFrozenSet(StringComparer.Ordinal);
        HashSet<string> above = [];
        foreach (string path in paths)
        {
            for (int i = 1; i < path.Length; i++)
            {
                if (path[i] is '.' or '[')
                {
                    above.Add(path[..i]);
                }
            }
        }

        _above = above.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The paths of an object that the model does not say, as they are spelled.</summary>
    public IReadOnlyList<string> Unread(RawJson value)
    {
        List<string>? unread = null;
        JsonCursor json = new(value.Utf8);
        json.Start();
        if (json.Type == JsonTokenType.StartObject)
        {
            Object(ref json, "", "", ref unread);
        }

        return unread ?? (IReadOnlyList<string>)[];
    }

    private void Object(ref JsonCursor json, string path, string spelled, ref List<string>? unread)
    {
        json.EnterObject();
        while (json.NextField())
        {
            string name = json.NameText;
            string dot = path.Length == 0 ? "" : ".";
            Value(ref json, path + dot + GeminiNames.Camel(name), spelled.Length == 0 ? name : $"{spelled}.{name}", ref unread);
        }
    }

    private void Array(ref JsonCursor json, string path, string spelled, ref List<string>? unread)
    {
        json.EnterArray();
        for (int i = 0; json.NextElement(); i++)
        {
            Value(ref json, path + "[]", $"{spelled}[{i}]", ref unread);
        }
    }

    private void Value(ref JsonCursor json, string path, string spelled, ref List<string>? unread)
    {
        if (json.IsNull || _said.Contains(path))
        {
            json.Skip();
        }
        else if (json.Type == JsonTokenType.StartObject && _above.Contains(path))
        {
            Object(ref json, path, spelled, ref unread);
        }
        else if (json.Type == JsonTokenType.StartArray && (_above.Contains(path) || _said.Contains(path + "[]")))
        {
            Array(ref json, path, spelled, ref unread);
        }
        else
        {
            (unread ??= []).Add(spelled);
            json.Skip();
        }
    }
}
