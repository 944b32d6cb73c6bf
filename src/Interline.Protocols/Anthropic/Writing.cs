using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>What all writers of this format share while they write one document.</summary>
internal sealed class Writing(LossList losses, bool isAnswer, string callIdPrefix) : FormatWriting(WireFormat.AnthropicMessages, losses, callIdPrefix)
{
    /// <summary>True for an answer, false for a request.</summary>
    public bool IsAnswer { get; } = isAnswer;

    /// <summary>True if the fields are this format's own, to be written back.</summary>
    public static bool Ours(NativeFields? native) => native is { Format: WireFormat.AnthropicMessages };

    /// <summary>True if a field is written back with the native fields, and so must not be written again.</summary>
    public static bool Kept(NativeFields? native, string name) => Ours(native) && native!.Find(name) is not null;

    /// <summary>Reports that something was left out.</summary>
    public void Drop(string path, string why) => Losses.Add(path, LossAction.Dropped, why);

    /// <summary>Reports that something was written otherwise.</summary>
    public void Change(string path, string why) => Losses.Add(path, LossAction.Changed, why);

    /// <summary>Reports the fields of another format that stand in an object.</summary>
    public void Foreign(NativeFields? native, string path) => Losses.AddForeign(native, WireFormat.AnthropicMessages, path);

    /// <summary>Writes a text if there is one.</summary>
    public static void Text(Utf8JsonWriter w, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            w.WriteString(name, text);
        }
    }

    /// <summary>Writes a number if there is one.</summary>
    public static void Number(Utf8JsonWriter w, ReadOnlySpan<byte> name, JsonNumber? number)
    {
        if (number is { } value)
        {
            w.WritePropertyName(name);
            value.WriteTo(w);
        }
    }
}
