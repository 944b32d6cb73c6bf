using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// The unknown fields of one object that a stream repeats in every chunk (the chunk, the choice, the delta, a part): only what is new is told, as many
/// providers repeat theirs, and a repeated one costs no memory.
/// </summary>
internal sealed class SaidFields
{
    private readonly List<NativeField> _said = [];
    private NativeFields? _fresh;

    /// <summary>Takes the field whose value the cursor is at; afterwards the cursor is at its end.</summary>
    public void Take(ref JsonCursor json)
    {
        int at = json.Name.IsEmpty ? Place(json.NameText) : Place(json.Name);
        ReadOnlySpan<byte> value = json.RawUtf8();
        if (at < 0 || !_said[at].Value.Utf8.SequenceEqual(value))
        {
            Put(at, new NativeField(at < 0 ? json.NameText : _said[at].Name, new RawJson(value)));
        }
    }

    /// <summary>Takes a field that was read already.</summary>
    public void Take(NativeField field)
    {
        int at = Place(field.Name);
        if (at < 0 || _said[at].Value != field.Value)
        {
            Put(at, field);
        }
    }

    /// <summary>Remembers fields that were told otherwise.</summary>
    public void Know(NativeFields? fields)
    {
        if (fields is not null)
        {
            _said.AddRange(fields);
        }
    }

    /// <summary>Forgets all: another object begins.</summary>
    public void Clear()
    {
        _said.Clear();
        _fresh = null;
    }

    /// <summary>Reports what is new since the last time.</summary>
    public void Tell(NativeScope scope, int choice, int part, ICollection<StreamEvent> events)
    {
        if (_fresh is not null)
        {
            events.Add(new NativeReported(scope, choice, _fresh) { Part = part });
            _fresh = null;
        }
    }

    private void Put(int at, NativeField field)
    {
        if (at < 0)
        {
            _said.Add(field);
        }
        else
        {
            _said[at] = field;
        }

        // A field given twice before it was told: the later one replaces the earlier.
        if (_fresh?.Find(field.Name) is not null)
        {
            _fresh = _fresh.Without(field.Name);
        }

        (_fresh ??= new NativeFields(WireFormat.OpenAIChat)).Add(field);
    }

    private int Place(ReadOnlySpan<char> name)
    {
        for (int i = 0; i < _said.Count; i++)
        {
            if (name.SequenceEqual(_said[i].Name))
            {
                return i;
            }
        }

        return -1;
    }
}
