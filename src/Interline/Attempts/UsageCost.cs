using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Interline.Attempts;

/// <summary>Adds <c>"cost"</c>, in USD, to the usage object of a stream's last event, where the configuration asks for it.</summary>
internal static class UsageCost
{
    /// <summary>A copy of the event with the cost in its usage; the event itself if it has no usage object on its data line.</summary>
    /// <param name="block">The event.</param>
    /// <param name="usd">Cost in USD.</param>
    public static ReadOnlySpan<byte> Insert(ReadOnlySpan<byte> block, decimal usd)
    {
        int brace = block.IndexOf((byte)'{');
        if (brace < 0)
        {
            return block;
        }

        try
        {
            return Insert(block, brace, usd);
        }
        catch (JsonException)
        {
            // JSON spread over several data lines is not worth joining for this.
            return block;
        }
    }

    private static ReadOnlySpan<byte> Insert(ReadOnlySpan<byte> block, int brace, decimal usd)
    {
        var reader = new Utf8JsonReader(block[brace..], isFinalBlock: false, default);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool usage = reader.ValueTextEquals("usage"u8);
            if (!reader.Read())
            {
                break;
            }

            int start = brace + (int)reader.TokenStartIndex;
            if (!reader.TrySkip())
            {
                break;
            }

            // A provider that says its own cost there (OpenRouter) has the word.
            if (usage && reader.TokenType == JsonTokenType.EndObject && block[start..(brace + (int)reader.BytesConsumed)].IndexOf("\"cost\""u8) < 0)
            {
                int at = brace + (int)reader.BytesConsumed - 1;
                return (byte[])[.. block[..at], .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"cost\":{usd}")), .. block[at..]];
            }
        }

        return block;
    }
}
