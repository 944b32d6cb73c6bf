using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>The usage of a stream, each field as it was last said: a late piece may say less than an early one.</summary>
internal sealed class UsageMerge
{
    private readonly List<(string Name, RawJson Value)> _fields = [];
    private readonly List<string> _unread = [];

    /// <summary>True if something was said since the last <see cref="Take"/>.</summary>
    public bool Changed { get; private set; }

    /// <summary>Paths that any piece said beyond the counts, also where a later one said the field again in other words.</summary>
    public IReadOnlyList<string> Unread => [.. _unread];

    /// <summary>Takes over what a piece says.</summary>
    public void Add(NativeUsage usage)
    {
        for (int i = 0; i < usage.Unread.Count; i++)
        {
            if (!_unread.Contains(usage.Unread[i], StringComparer.Ordinal))
            {
                _unread.Add(usage.Unread[i]);
                Changed = true;
            }
        }

        JsonCursor json = new(usage.Json.Utf8);
        json.Start();
        json.EnterObject();
        while (json.NextField())
        {
            int at = -1;
            for (int i = 0; i < _fields.Count && at < 0; i++)
            {
                at = json.Name.SequenceEqual(_fields[i].Name) ? i : -1;
            }

            if (at < 0)
            {
                _fields.Add((json.NameText, json.Raw()));
                Changed = true;
                continue;
            }

            RawJson value = json.Raw();
            if (!value.IsNull && value != _fields[at].Value)
            {
                _fields[at] = (_fields[at].Name, value);
                Changed = true;
            }
        }
    }

    /// <summary>All that was said as one object.</summary>
    public RawJson Take()
    {
        Changed = false;
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter w = new(buffer, FormatWriting.Options))
        {
            w.WriteStartObject();
            foreach ((string name, RawJson value) in _fields)
            {
                w.WritePropertyName(name);
                value.WriteTo(w);
            }

            w.WriteEndObject();
        }

        return new RawJson(buffer.WrittenSpan);
    }
}
