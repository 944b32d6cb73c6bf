using System.Text.Json;
using Interline.Protocols.ByteLane;

namespace Interline.Protocols.Anthropic;

/// <summary>
/// The <c>usage</c> object: <c>input_tokens</c> leaves out both cache classes, <c>output_tokens</c> includes thinking.
/// A stream states it twice, at its start and at its end. Source: Anthropic's API description, <c>Usage</c>, <c>MessageDeltaUsage</c>.
/// </summary>
public struct MessagesUsage
{
    /// <summary>No answer has more tokens than this; a larger number is a mistake of the sender and would overflow sums of money.</summary>
    private const long Most = 1_000_000_000_000;

    private long? _input, _created, _created5m, _created1h, _cacheRead, _output, _thinking, _searches;

    /// <summary>Web searches, where any were made; null for none.</summary>
    public readonly Units? ToUnits() => _searches is > 0 and { } searches ? new Units { Searches = searches } : null;

    /// <summary>The tier that served the answer, in the gateway's words: <c>default</c> for <c>standard</c>; null if not said.</summary>
    public string? ServiceTier { get; private set; }

    /// <summary>
    /// Takes what one object states: what it says replaces what an earlier one said, but for null, and for 0 in place of a count, since counts only grow
    /// (some servers state the input at the start and 0 at the end). Allocates nothing.
    /// </summary>
    /// <param name="reader">At the object; afterwards at its end. Any other value is passed over.</param>
    public void Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("input_tokens"u8))
            {
                Take(ref _input, ref reader);
            }
            else if (reader.Is("output_tokens"u8))
            {
                Take(ref _output, ref reader);
            }
            else if (reader.Is("cache_read_input_tokens"u8))
            {
                Take(ref _cacheRead, ref reader);
            }
            else if (reader.Is("cache_creation_input_tokens"u8))
            {
                Take(ref _created, ref reader);
            }
            else if (reader.Is("cache_creation"u8) || reader.Is("output_tokens_details"u8) || reader.Is("server_tool_use"u8))
            {
                reader.Read();
                ReadDetails(ref reader);
            }
            else if (reader.Is("service_tier"u8))
            {
                reader.Read();
                ServiceTier = Tier(ref reader) ?? ServiceTier;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>What was stated so far, as classes that do not overlap.</summary>
    public readonly Usage ToUsage()
    {
        long created = _created ?? (_created5m ?? 0) + (_created1h ?? 0);
        long hour = Math.Min(created, _created1h ?? 0);
        long output = _output ?? 0;
        long thinking = Math.Min(output, _thinking ?? 0);
        return new Usage
        {
            Input = _input ?? 0,
            CacheRead = _cacheRead ?? 0,
            CacheWrite = created - hour,
            CacheWrite1h = hour,
            Output = output - thinking,
            Reasoning = thinking,
        };
    }

    /// <summary>Writes <paramref name="u"/> as this format's object. Sound and images, which it does not count apart, are joined with the rest.</summary>
    /// <param name="w">Where a value may be written.</param>
    /// <param name="u">What was used.</param>
    /// <param name="tier">The format's word for the tier that served; null if not known.</param>
    public static void Write(Utf8JsonWriter w, in Usage u, string? tier)
    {
        w.WriteStartObject();
        w.WriteNumber("input_tokens"u8, u.Input + u.InputAudio + u.InputImage);
        w.WriteNumber("cache_creation_input_tokens"u8, u.CacheWrite + u.CacheWrite1h);
        w.WriteNumber("cache_read_input_tokens"u8, u.CacheRead);
        if (u.CacheWrite1h > 0)
        {
            w.WriteStartObject("cache_creation"u8);
            w.WriteNumber("ephemeral_5m_input_tokens"u8, u.CacheWrite);
            w.WriteNumber("ephemeral_1h_input_tokens"u8, u.CacheWrite1h);
            w.WriteEndObject();
        }

        w.WriteNumber("output_tokens"u8, u.TotalOutput);
        if (u.Reasoning > 0)
        {
            w.WriteStartObject("output_tokens_details"u8);
            w.WriteNumber("thinking_tokens"u8, u.Reasoning);
            w.WriteEndObject();
        }

        if (tier is not null)
        {
            w.WriteString("service_tier"u8, tier);
        }

        w.WriteEndObject();
    }

    /// <summary>The word of the gateway's price list for the tier at the reader; null if none is said.</summary>
    /// <param name="reader">At the value.</param>
    internal static string? Tier(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String || reader.Is("auto"u8) ? null
        : reader.Is("standard"u8) || reader.Is("standard_only"u8) ? "default"
        : reader.Is("priority"u8) ? "priority"
        : reader.Is("batch"u8) ? "batch"
        : reader.GetString();

    private void ReadDetails(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("ephemeral_5m_input_tokens"u8))
            {
                Take(ref _created5m, ref reader);
            }
            else if (reader.Is("ephemeral_1h_input_tokens"u8))
            {
                Take(ref _created1h, ref reader);
            }
            else if (reader.Is("web_search_requests"u8))
            {
                Take(ref _searches, ref reader);
            }
            else if (reader.Is("thinking_tokens"u8))
            {
                Take(ref _thinking, ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void Take(ref long? count, ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            long said = reader.TryGetInt64(out long whole) ? Math.Clamp(whole, 0, Most)
                : reader.TryGetDouble(out double number) && !double.IsNaN(number) ? (long)Math.Clamp(Math.Round(number), 0, Most) : 0;
            count = said > 0 || count is null ? said : count;
        }
        else
        {
            reader.Skip();
        }
    }
}
