using System.Buffers;
using System.Text;
using System.Text.Json;
using Interline.Core.Redaction;

namespace Interline.Contents;

/// <summary>
/// Makes the text that is kept of a request or an answer. Secrets are looked for in decoded texts, one by one: in the bytes they may hide behind escapes. Of what
/// is no JSON (sound, forms) only the size is kept.
/// </summary>
public static class ContentText
{
    private const string Cut = "…";

    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text to keep.</summary>
    /// <param name="bytes">The bytes, or their beginning.</param>
    /// <param name="whole">Bytes there were.</param>
    /// <param name="redactor">Hides secrets.</param>
    public static string Of(ReadOnlySpan<byte> bytes, long whole, Redactor redactor)
    {
        try
        {
            ReadOnlySpan<byte> trimmed = bytes.TrimStart(" \t\r\n"u8);
            return trimmed.Length == 0 ? ""
                : trimmed[0] == '[' ? StreamText.OfArray(trimmed, bytes.Length < whole, redactor)
                : trimmed[0] == '{' ? Json(trimmed, bytes.Length < whole, redactor)
                : trimmed.StartsWith("data:"u8) || trimmed.StartsWith("event:"u8) || trimmed[0] == ':' ? StreamText.Of(trimmed, bytes.Length < whole, redactor)
                : $"[{whole} bytes that are no JSON]";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return $"[{whole} bytes that are not valid JSON]";
        }
    }

    /// <summary>Cuts off the end of a text that was itself cut: a secret may have begun there that no pattern knows by its beginning.</summary>
    internal static string WithoutTail(string text)
    {
        int end = text.Length;
        while (end > 0 && !char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        // Card numbers have spaces in them; a word like "Bearer" says what the next one would have been.
        while (end > 0 && (char.IsAsciiDigit(text[end - 1]) || text[end - 1] is ' ' or '-'))
        {
            end--;
        }

        return text[..end] + Cut;
    }

    /// <summary>A string of a document.</summary>
    internal static string Text(ref Utf8JsonReader reader) => reader.GetString() ?? "";

    private static string Json(ReadOnlySpan<byte> bytes, bool cut, Redactor redactor)
    {
        var output = new ArrayBufferWriter<byte>(bytes.Length + 64);
        using (var json = new Utf8JsonWriter(output, Options))
        {
            var reader = new Utf8JsonReader(bytes, isFinalBlock: !cut, default);
            var open = new Stack<bool>();
            while (reader.Read())
            {
                Write(json, ref reader, open, redactor);
            }

            if (cut)
            {
                Tail(json, bytes[(int)reader.BytesConsumed..], valueIsNext: reader.TokenType == JsonTokenType.PropertyName, open, redactor);
            }
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, ref Utf8JsonReader reader, Stack<bool> open, Redactor redactor)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                json.WriteStartObject();
                open.Push(false);
                break;
            case JsonTokenType.StartArray:
                json.WriteStartArray();
                open.Push(true);
                break;
            case JsonTokenType.EndObject:
                json.WriteEndObject();
                open.Pop();
                break;
            case JsonTokenType.EndArray:
                json.WriteEndArray();
                open.Pop();
                break;
            case JsonTokenType.PropertyName:
                json.WritePropertyName(redactor.Redact(Text(ref reader)));
                break;
            case JsonTokenType.String:
                json.WriteStringValue(redactor.Redact(Text(ref reader)));
                break;
            case JsonTokenType.Number:
                string number = Encoding.ASCII.GetString(reader.ValueSpan);
                if (redactor.Redact(number) == number)
                {
                    json.WriteRawValue(number);
                }
                else
                {
                    json.WriteStringValue(Redactor.Mask);
                }

                break;
            default:
                json.WriteRawValue(reader.ValueSpan);
                break;
        }
    }

    /// <summary>What is left when the bytes end within a value: mostly the long text one wants to read. Then everything that is open is closed.</summary>
    private static void Tail(Utf8JsonWriter json, ReadOnlySpan<byte> rest, bool valueIsNext, Stack<bool> open, Redactor redactor)
    {
        rest = rest.TrimStart(" \t\r\n,:"u8);
        bool isValue = valueIsNext || (open.TryPeek(out bool array) && array);
        if (isValue)
        {
            json.WriteStringValue(rest.Length > 0 && rest[0] == '"' ? WithoutTail(redactor.Redact(Unescape(rest[1..]))) : Cut);
        }

        while (open.TryPop(out bool isArray))
        {
            if (isArray)
            {
                json.WriteEndArray();
            }
            else
            {
                json.WriteEndObject();
            }
        }
    }

    /// <summary>A string without its end, up to the last word that is sure to be whole.</summary>
    private static string Unescape(ReadOnlySpan<byte> text)
    {
        // Back to a space: neither an escape nor a character of several bytes has one inside.
        int end = text.LastIndexOf((byte)' ');
        if (end <= 0)
        {
            return "";
        }

        byte[] closed = [(byte)'"', .. text[..(end + 1)], (byte)'"'];
        var reader = new Utf8JsonReader(closed);
        reader.Read();
        return Text(ref reader);
    }
}
