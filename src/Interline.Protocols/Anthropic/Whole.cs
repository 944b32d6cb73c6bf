using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>
/// Watches an inner object being read. If it holds more than the model can say, it is kept whole beside what was understood, with the paths of the rest:
/// this format writes it back as it was, others report those paths.
/// </summary>
internal struct Whole
{
    private readonly int _start;
    private List<string>? _unread;
    private bool _odd;

    /// <summary>Begins at the object the cursor is at.</summary>
    public Whole(in JsonCursor json) => _start = json.Position;

    /// <summary>Passes over a field that the model has no place for.</summary>
    /// <param name="json">At the field's value.</param>
    public void Pass(ref JsonCursor json)
    {
        if (json.IsNull)
        {
            _odd = true;
        }
        else
        {
            (_unread ??= []).Add(json.NameText);
        }

        json.Skip();
    }

    /// <summary>Notes a path that was not understood.</summary>
    /// <param name="path">Below the object.</param>
    public void Note(string path) => (_unread ??= []).Add(path);

    /// <summary>The object's spelling matters, though all of it was understood.</summary>
    public void Keep() => _odd = true;

    /// <summary>Ends behind the object.</summary>
    /// <param name="json">At its end.</param>
    /// <param name="native">Fields of the object around it.</param>
    /// <param name="name">Its name there.</param>
    public readonly void End(in JsonCursor json, NativeFields native, string name)
    {
        if (_odd || _unread is not null)
        {
            native.Add(new NativeField(name, json.Since(_start), Understood: true) { Unread = _unread ?? [] });
        }
    }
}
