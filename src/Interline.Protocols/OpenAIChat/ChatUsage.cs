using System.Buffers.Text;
using System.Text.Json;
using Interline.Protocols.ByteLane;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// Reads and writes the <c>usage</c> object of OpenAI's wire formats. The format counts classes inside one another (cached tokens inside
/// <c>prompt_tokens</c>, reasoning inside <c>completion_tokens</c>); <see cref="Usage"/> does not.
/// Providers differ, and each rule below was seen in a recorded answer: see <see cref="Split"/>.
/// </summary>
public static class ChatUsage
{
    /// <summary>No answer has more tokens than this; a larger number is a mistake of the sender and would overflow sums of money.</summary>
    private const long Most = 1_000_000_000_000;

    /// <summary>
    /// Reads one usage object, of the chat names (<c>prompt_tokens</c>) or the Responses names (<c>input_tokens</c>). Allocates nothing.
    /// Null, strings, fractions and negative numbers are tolerated, unknown fields passed over.
    /// </summary>
    /// <param name="reader">At the object's <see cref="JsonTokenType.StartObject"/>; afterwards at its end. At any other value: that value is passed over and nothing was used.</param>
    /// <exception cref="JsonException">The bytes stop being JSON inside the object.</exception>
    public static Usage Read(ref Utf8JsonReader reader)
    {
        Counts counts = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.TrySkip();
            return default;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("prompt_tokens"u8) || reader.Is("input_tokens"u8))
            {
                Larger(ref counts.Input, ref reader);
            }
            else if (reader.Is("completion_tokens"u8) || reader.Is("output_tokens"u8))
            {
                Larger(ref counts.Output, ref reader);
            }
            else if (reader.Is("total_tokens"u8))
            {
                Larger(ref counts.Total, ref reader);
            }
            else if (reader.Is("prompt_tokens_details"u8) || reader.Is("input_tokens_details"u8) || reader.Is("input_token_details"u8))
            {
                ReadInputDetails(ref counts, ref reader);
            }
            else if (reader.Is("completion_tokens_details"u8) || reader.Is("output_tokens_details"u8) || reader.Is("output_token_details"u8))
            {
                ReadOutputDetails(ref counts, ref reader);
            }
            else if (reader.Is("prompt_cache_hit_tokens"u8) || reader.Is("cached_tokens"u8)
                || reader.Is("num_cached_tokens"u8) || reader.Is("cache_read_input_tokens"u8))
            {
                // DeepSeek; Moonshot and Hugging Face; Mistral; gateways in front of Claude.
                Larger(ref counts.CacheRead, ref reader);
            }
            else if (reader.Is("cache_creation_input_tokens"u8))
            {
                Larger(ref counts.CacheWrite, ref reader);
            }
            else if (reader.Is("reasoning_tokens"u8))
            {
                Larger(ref counts.Reasoning, ref reader);
            }
            else
            {
                PassValue(ref reader);
            }
        }

        return Split(counts);
    }

    /// <summary>Writes <paramref name="u"/> as a chat usage object: classes joined again, details always there, as OpenAI writes them.</summary>
    /// <param name="w">Where a value may be written.</param>
    /// <param name="u">What was used.</param>
    public static void Write(Utf8JsonWriter w, in Usage u)
    {
        w.WriteStartObject();
        w.WriteNumber("prompt_tokens"u8, u.TotalInput);
        w.WriteNumber("completion_tokens"u8, u.TotalOutput);
        w.WriteNumber("total_tokens"u8, u.Total);
        w.WriteStartObject("prompt_tokens_details"u8);
        w.WriteNumber("cached_tokens"u8, u.CacheRead);
        w.WriteNumber("audio_tokens"u8, u.InputAudio);
        WriteIfAny(w, "cache_write_tokens"u8, u.CacheWrite + u.CacheWrite1h);
        WriteIfAny(w, "image_tokens"u8, u.InputImage);
        w.WriteEndObject();
        w.WriteStartObject("completion_tokens_details"u8);
        w.WriteNumber("reasoning_tokens"u8, u.Reasoning);
        w.WriteNumber("audio_tokens"u8, u.OutputAudio);
        WriteIfAny(w, "image_tokens"u8, u.OutputImage);
        w.WriteEndObject();
        w.WriteEndObject();
    }

    private static void WriteIfAny(Utf8JsonWriter w, ReadOnlySpan<byte> name, long count)
    {
        if (count > 0)
        {
            w.WriteNumber(name, count);
        }
    }

    private static void ReadInputDetails(ref Counts counts, ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("cached_tokens"u8))
            {
                Larger(ref counts.CacheRead, ref reader);
            }
            else if (reader.Is("cache_write_tokens"u8) || reader.Is("cache_creation_tokens"u8))
            {
                Larger(ref counts.CacheWrite, ref reader);
            }
            else if (reader.Is("audio_tokens"u8))
            {
                Larger(ref counts.InputAudio, ref reader);
            }
            else if (reader.Is("image_tokens"u8))
            {
                Larger(ref counts.InputImage, ref reader);
            }
            else
            {
                PassValue(ref reader);
            }
        }
    }

    private static void ReadOutputDetails(ref Counts counts, ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("reasoning_tokens"u8))
            {
                Larger(ref counts.Reasoning, ref reader);
            }
            else if (reader.Is("audio_tokens"u8))
            {
                Larger(ref counts.OutputAudio, ref reader);
            }
            else if (reader.Is("image_tokens"u8))
            {
                Larger(ref counts.OutputImage, ref reader);
            }
            else
            {
                PassValue(ref reader);
            }
        }
    }

    /// <summary>Counts that contain one another, made into classes that do not.</summary>
    private static Usage Split(in Counts c)
    {
        // Rerank and embeddings give a total only, or no output at all: what is unsaid is the rest of the total.
        long input = c.Input ?? Math.Max(0, (c.Total ?? 0) - (c.Output ?? 0));
        long output = c.Output ?? Math.Max(0, (c.Total ?? 0) - input);

        // xAI's completion_tokens leaves reasoning out, and Google's OpenAI dialect hides its thinking altogether: in both the total is above
        // prompt + completion by exactly the reasoning. A total below the sum is a mistake and is not believed.
        long hidden = Math.Max(0, (c.Total ?? 0) - input - output);
        output += hidden;

        // A part is never more than its whole. Grok on Azure reports more cached tokens than prompt tokens, OpenRouter one more reasoning
        // token than completion tokens: subtracting blindly would make a class negative.
        long restIn = input;
        long cacheRead = Take(ref restIn, c.CacheRead);
        long cacheWrite = Take(ref restIn, c.CacheWrite);
        long inputAudio = Take(ref restIn, c.InputAudio);
        long inputImage = Take(ref restIn, c.InputImage);
        long restOut = output;
        long reasoning = Take(ref restOut, Math.Max(c.Reasoning ?? 0, hidden));
        long outputAudio = Take(ref restOut, c.OutputAudio);
        long outputImage = Take(ref restOut, c.OutputImage);
        return new Usage
        {
            Input = restIn,
            CacheRead = cacheRead,
            CacheWrite = cacheWrite,
            InputAudio = inputAudio,
            InputImage = inputImage,
            Output = restOut,
            Reasoning = reasoning,
            OutputAudio = outputAudio,
            OutputImage = outputImage,
        };
    }

    private static long Take(ref long rest, long? part)
    {
        long taken = Math.Min(rest, part ?? 0);
        rest -= taken;
        return taken;
    }

    /// <summary>Goes to the value after a field name; true if it is an object, otherwise the value is passed over.</summary>
    private static bool Enter(ref Utf8JsonReader reader)
    {
        if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        reader.TrySkip();
        return false;
    }

    private static void PassValue(ref Utf8JsonReader reader)
    {
        if (reader.Read())
        {
            reader.TrySkip();
        }
    }

    /// <summary>Reads the count after a field name. Several fields name the same count (details and DeepSeek's own): the larger one is it, as an unused one is 0.</summary>
    private static void Larger(ref long? count, ref Utf8JsonReader reader)
    {
        if (reader.Read() && Count(ref reader) is long read && !(count >= read))
        {
            count = read;
        }
    }

    /// <summary>The count at the reader, 0 to <see cref="Most"/>; null if there is none.</summary>
    private static long? Count(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number when reader.TryGetInt64(out long whole):
                return Math.Clamp(whole, 0, Most);
            case JsonTokenType.Number:
                return reader.TryGetDouble(out double number) ? Whole(number) : null;
            case JsonTokenType.String when !reader.HasValueSequence:
                ReadOnlySpan<byte> text = reader.ValueSpan;
                return Utf8Parser.TryParse(text, out double said, out int used) && used == text.Length && used > 0 ? Whole(said) : null;
            default:
                reader.TrySkip();
                return null;
        }
    }

    private static long? Whole(double number) => double.IsNaN(number) ? null : (long)Math.Clamp(Math.Round(number), 0, Most);

    /// <summary>The counts as said; null where the provider said nothing.</summary>
    private struct Counts
    {
        public long? Input;
        public long? Output;
        public long? Total;
        public long? CacheRead;
        public long? CacheWrite;
        public long? InputAudio;
        public long? InputImage;
        public long? Reasoning;
        public long? OutputAudio;
        public long? OutputImage;
    }
}
