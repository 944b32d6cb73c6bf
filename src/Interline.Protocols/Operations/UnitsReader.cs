using System.Globalization;
using System.Text;
using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Operations;

/// <summary>Counts what operations use that is no token, from requests and answers of OpenAI's formats. What is not as expected counts as not said.</summary>
internal static class UnitsReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    /// <summary>The characters of a request's <c>input</c>: what is to be spoken.</summary>
    /// <param name="request">Request body of <c>/audio/speech</c>.</param>
    public static Units Speech(ReadOnlySpan<byte> request)
    {
        var reader = new Utf8JsonReader(request, Options);
        long characters = 0;
        while (NextField(ref reader))
        {
            bool input = reader.Is("input"u8);
            reader.Read();
            if (input && reader.TokenType == JsonTokenType.String)
            {
                characters = Characters(ref reader);
            }

            reader.Skip();
        }

        return new Units { InputCharacters = characters };
    }

    /// <summary>Images of an answer's <c>data</c>, with the size and quality that it states.</summary>
    /// <param name="answer">Answer of <c>/images/generations</c>.</param>
    public static Units? Images(ReadOnlySpan<byte> answer)
    {
        var reader = new Utf8JsonReader(answer, Options);
        Units units = new();
        while (NextField(ref reader))
        {
            if (reader.Is("data"u8))
            {
                reader.Read();
                units = units with { Images = Elements(ref reader) };
            }
            else
            {
                Look(ref reader, ref units);
            }
        }

        return units.Images == 0 ? null : units;
    }

    /// <summary>Lays the size and quality of a request under what its answer states.</summary>
    /// <param name="request">Request body of <c>/images/generations</c>.</param>
    /// <param name="answer">What the answer states.</param>
    public static Units ImageLook(ReadOnlySpan<byte> request, Units answer)
    {
        var reader = new Utf8JsonReader(request, Options);
        Units asked = new();
        while (NextField(ref reader))
        {
            Look(ref reader, ref asked);
        }

        return answer with
        {
            ImageWidth = answer.ImageWidth == 0 ? asked.ImageWidth : answer.ImageWidth,
            ImageHeight = answer.ImageHeight == 0 ? asked.ImageHeight : answer.ImageHeight,
            ImageQuality = answer.ImageQuality ?? asked.ImageQuality,
        };
    }

    /// <summary>Usage and seconds of a transcript: <c>usage</c> of tokens or <c>{"type":"duration","seconds":…}</c>, else <c>duration</c>.</summary>
    /// <param name="answer">A JSON answer of <c>/audio/transcriptions</c>; anything else says nothing.</param>
    public static (Usage? Usage, Units? Units) Transcript(ReadOnlySpan<byte> answer)
    {
        Usage? usage = null;
        decimal? said = null;
        decimal? duration = null;
        var reader = new Utf8JsonReader(answer, Options);
        try
        {
            while (NextField(ref reader))
            {
                bool used = reader.Is("usage"u8);
                bool length = reader.Is("duration"u8);
                reader.Read();
                if (used && reader.TokenType == JsonTokenType.StartObject)
                {
                    Utf8JsonReader again = reader;
                    said = Seconds(ref again);
                    usage = ChatUsage.Read(ref reader);
                }
                else if (length)
                {
                    duration = Decimal(ref reader);
                }

                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default;
        }

        return (usage is { Total: > 0 } ? usage : null, (said ?? duration) is > 0 and { } seconds ? new Units { InputSeconds = seconds } : null);
    }

    /// <summary>Seconds of a <c>usage</c> object that counts time; null if it does not.</summary>
    /// <param name="reader">At the object; afterwards at its end.</param>
    public static decimal? Seconds(ref Utf8JsonReader reader)
    {
        decimal? seconds = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool named = reader.Is("seconds"u8);
            reader.Read();
            seconds = named ? Decimal(ref reader) : seconds;
            reader.Skip();
        }

        return seconds;
    }

    /// <summary>Goes to the next field of the outermost object; false at its end, and where there is no object.</summary>
    private static bool NextField(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.None && !(reader.Read() && reader.TokenType == JsonTokenType.StartObject))
        {
            return false;
        }

        return reader.Read() && reader.TokenType == JsonTokenType.PropertyName;
    }

    private static void Look(ref Utf8JsonReader reader, ref Units units)
    {
        bool size = reader.Is("size"u8);
        bool quality = reader.Is("quality"u8);
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && quality && reader.ValueSpan.Length <= 32)
        {
            units = units with { ImageQuality = reader.GetString() };
        }
        else if (reader.TokenType == JsonTokenType.String && size && reader.ValueSpan.Length <= 32 && TrySize(reader.GetString()!, out long width, out long height))
        {
            units = units with { ImageWidth = width, ImageHeight = height };
        }

        reader.Skip();
    }

    /// <summary>Reads <c>1024x1792</c>.</summary>
    private static bool TrySize(string text, out long width, out long height)
    {
        height = 0;
        int x = text.IndexOf('x', StringComparison.Ordinal);
        return long.TryParse(text.AsSpan(0, Math.Max(0, x)), NumberStyles.None, CultureInfo.InvariantCulture, out width)
            && long.TryParse(text.AsSpan(x + 1), NumberStyles.None, CultureInfo.InvariantCulture, out height);
    }

    private static long Elements(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return 0;
        }

        long count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            count++;
            reader.Skip();
        }

        return count;
    }

    private static decimal? Decimal(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out decimal number))
        {
            return number >= 0 ? number : null;
        }

        return reader.TokenType == JsonTokenType.String && decimal.TryParse(reader.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number) && number >= 0 ? number : null;
    }

    private static long Characters(ref Utf8JsonReader reader)
    {
        long characters = 0;
        foreach (Rune _ in reader.GetString()!.EnumerateRunes())
        {
            characters++;
        }

        return characters;
    }
}
