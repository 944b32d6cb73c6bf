using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Frames of a stream of this format (<c>event: TYPE</c>, <c>data: {"type":TYPE,…}</c>), and the fields that wait for the next event of their type.</summary>
internal sealed class EventFrames(Writing writing) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(new ArrayBufferWriter<byte>(1), FormatWriting.Options);
    private readonly List<NativeField> _waiting = [];

    /// <summary>The writer of the event that was started.</summary>
    public Utf8JsonWriter Json => _json;

    /// <summary>Takes a field named <c>TYPE.field</c> or <c>TYPE.delta.field</c>; false for an event of its own.</summary>
    public bool Wait(NativeField field)
    {
        if (!field.Name.Contains('.', StringComparison.Ordinal))
        {
            return false;
        }

        if (!field.Understood)
        {
            _waiting.RemoveAll(f => f.Name == field.Name);
            _waiting.Add(field);
        }

        return true;
    }

    /// <summary>Writes an event never seen, as it came.</summary>
    public void WriteWhole(NativeField field, IBufferWriter<byte> output)
    {
        Frame(System.Text.Encoding.UTF8.GetBytes(field.Name), output);
        field.Value.WriteTo(_json);
        _json.Flush();
        output.Write("\n\n"u8);
    }

    /// <summary>Starts an event; the writer stands in its object, behind the type.</summary>
    public Utf8JsonWriter Start(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        Frame(type, output);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        return _json;
    }

    /// <summary>Writes the fields that wait for the delta of such an event; the writer stands in the delta.</summary>
    public void Delta(string type)
    {
        if (_waiting.Count > 0)
        {
            WriteWaiting(type + ".delta.");
        }
    }

    /// <summary>Ends an event.</summary>
    public void Finish(string type, IBufferWriter<byte> output)
    {
        if (_waiting.Count > 0)
        {
            WriteWaiting(type + ".");
        }

        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n\n"u8);
    }

    /// <summary>Reports what waited for an event that never came.</summary>
    public void ReportWaiting() => _waiting.ForEach(f => writing.Drop(f.Name, "the event it stood in is not written"));

    /// <inheritdoc />
    public void Dispose() => _json.Dispose();

    private void Frame(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        output.Write("event: "u8);
        output.Write(type);
        output.Write("\ndata: "u8);
        _json.Reset(output);
    }

    private void WriteWaiting(string prefix)
    {
        for (int i = 0; i < _waiting.Count; i++)
        {
            NativeField field = _waiting[i];
            if (field.Name.StartsWith(prefix, StringComparison.Ordinal) && !field.Name[prefix.Length..].Contains('.', StringComparison.Ordinal))
            {
                _json.WritePropertyName(field.Name.AsSpan(prefix.Length));
                field.Value.WriteTo(_json);
                _waiting.RemoveAt(i--);
            }
        }
    }
}
