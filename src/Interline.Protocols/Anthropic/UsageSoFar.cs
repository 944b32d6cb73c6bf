using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>The usage of one answer as stated so far: what it means, and its own object, later fields in the place of earlier ones of the same name.</summary>
internal sealed class UsageSoFar
{
    private readonly List<(string Name, RawJson Value)> _fields = [];
    private MessagesUsage _usage;

    /// <summary>The format's own word for the tier that served; null if not said.</summary>
    public string? ServiceTier { get; private set; }

    /// <summary>What was used so far.</summary>
    public Usage Usage => _usage.ToUsage();

    /// <summary>Takes the object at the cursor.</summary>
    /// <param name="json">At the object; afterwards at its end.</param>
    public void Read(ref JsonCursor json)
    {
        RawJson raw = json.Raw();
        Utf8JsonReader reader = new(raw.Utf8, new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth });
        reader.Read();
        _usage.Read(ref reader);
        JsonCursor fields = new(raw.Utf8);
        fields.Start();
        fields.EnterObject();
        while (fields.NextField())
        {
            string name = fields.NameText;
            if (name is "service_tier" && fields.Type == JsonTokenType.String)
            {
                ServiceTier = fields.Text();
            }

            Put(name, fields.Raw());
        }
    }

    /// <summary>All of it as one object, with the paths that <see cref="Protocols.Usage"/> does not say.</summary>
    public NativeUsage ToNative()
    {
        ArrayBufferWriter<byte> buffer = new(256);
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

        List<string> unread = [];
        JsonCursor json = new(buffer.WrittenSpan);
        json.Start();
        Unread(ref json, "", unread);
        return new NativeUsage(WireFormat.AnthropicMessages, new RawJson(buffer.WrittenSpan)) { Unread = unread };
    }

    private void Put(string name, RawJson value)
    {
        int at = _fields.FindIndex(f => string.Equals(f.Name, name, StringComparison.Ordinal));
        if (at < 0)
        {
            _fields.Add((name, value));
        }
        else if (!value.IsNull && !value.Utf8.SequenceEqual("0"u8))
        {
            _fields[at] = (name, value);
        }
    }

    /// <summary>Names everything that says something: nulls, zeros and "not_available" do not.</summary>
    private static void Unread(ref JsonCursor json, string path, List<string> unread)
    {
        json.EnterObject();
        while (json.NextField())
        {
            string name = path.Length == 0 ? json.NameText : $"{path}.{json.NameText}";
            bool known = name is "input_tokens" or "output_tokens" or "cache_read_input_tokens" or "cache_creation_input_tokens" or "service_tier"
                or "cache_creation.ephemeral_5m_input_tokens" or "cache_creation.ephemeral_1h_input_tokens" or "output_tokens_details.thinking_tokens";
            if (json.Type == JsonTokenType.StartObject)
            {
                Unread(ref json, name, unread);
                continue;
            }

            RawJson value = json.Raw();
            if (!known && !value.IsNull && !value.Utf8.SequenceEqual("0"u8) && !value.Utf8.SequenceEqual("\"not_available\""u8))
            {
                unread.Add(name);
            }
        }
    }
}
