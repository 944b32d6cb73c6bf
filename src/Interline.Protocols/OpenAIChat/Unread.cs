using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>How readers tell what of a value kept whole the model does not say.</summary>
internal static class Unread
{
    /// <summary>Passes over the value at the cursor and takes note of its field; null says nothing.</summary>
    /// <param name="json">At the field's value.</param>
    /// <param name="unread">Paths inside the value kept whole.</param>
    /// <param name="parent">What comes before the name, its dot included.</param>
    public static void Pass(this ref JsonCursor json, ref List<string>? unread, string parent = "")
    {
        if (!json.IsNull)
        {
            (unread ??= []).Add(parent + json.NameText);
        }

        json.Skip();
    }

    /// <summary>A field kept whole that the model says but for some paths.</summary>
    public static NativeField Field(string name, RawJson value, List<string>? unread) =>
        unread is null ? new NativeField(name, value, Understood: true) : new NativeField(name, value, Understood: true) { Unread = unread };
}
