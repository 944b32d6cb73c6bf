using System.Text.Json;
using Interline.Protocols.ByteLane;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Watches an answer of generateContent pass by: usage, finish reasons, errors. The format has no end marker: an answer is whole
/// when every candidate that began has a finish reason, or when the prompt was blocked.
/// </summary>
public sealed class GeminiSniffer : StreamSniffer
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    private Seen _seen;

    /// <inheritdoc />
    public override EventVerdict Inspect(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        UsageInEvent = false;
        Seen seen = _seen;
        (seen.UsageHere, seen.Failed) = (false, false);
        if (!Read(data, ref seen))
        {
            return EventVerdict.Malformed;
        }

        _seen = seen;
        TextBytes = seen.TextBytes;
        if (seen.Failed)
        {
            Error = GeminiErrors.Read(0, data).Error;
            return EventVerdict.Error;
        }

        HasBegun |= seen.HasAnswer;
        Finish = seen.Finish;
        IsComplete = seen.IsComplete;
        ServiceTier = seen.Usage.Tier ?? ServiceTier;
        if (seen.UsageHere && seen.Usage.Said)
        {
            Usage = seen.Usage.Split();
            UsageInEvent = true;
        }

        return EventVerdict.Forward;
    }

    /// <summary>Sniffs a whole plain answer.</summary>
    /// <param name="body">The body.</param>
    public static AnswerFacts Answer(ReadOnlySpan<byte> body)
    {
        Seen seen = default;
        if (!Read(body, ref seen))
        {
            return new AnswerFacts { Valid = false };
        }

        return new AnswerFacts
        {
            Valid = seen.Failed || seen.HasAnswer,
            Usage = seen.Usage.Said ? seen.Usage.Split() : null,
            Finish = seen.Finish,
            ServiceTier = seen.Usage.Tier,
            Error = seen.Failed && !seen.HasAnswer ? GeminiErrors.Read(0, body).Error : null,
        };
    }

    private static bool Read(ReadOnlySpan<byte> data, ref Seen seen)
    {
        var reader = new Utf8JsonReader(data, Options);
        try
        {
            if (!reader.Read())
            {
                return false;
            }

            bool read = reader.TokenType == JsonTokenType.StartArray ? ErrorInArray(ref reader, ref seen) : Chunk(ref reader, ref seen);

            // Throws if anything stands behind the value.
            return read && !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a name that is no Unicode.
            return false;
        }
    }

    /// <summary>An error may come as an array around the envelope; nothing else comes so.</summary>
    private static bool ErrorInArray(ref Utf8JsonReader reader, ref Seen seen)
    {
        bool read = reader.Read() && reader.TokenType == JsonTokenType.StartObject && Chunk(ref reader, ref seen);
        return read && reader.Read() && reader.TokenType == JsonTokenType.EndArray && seen.Failed;
    }

    private static bool Chunk(ref Utf8JsonReader reader, ref Seen seen)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("candidates"u8))
            {
                reader.Read();
                Candidates(ref reader, ref seen);
            }
            else if (GeminiUsage.Is(ref reader, "usageMetadata"u8, "usage_metadata"u8))
            {
                reader.Read();
                seen.UsageHere = reader.TokenType == JsonTokenType.StartObject;
                seen.Usage.Read(ref reader);
            }
            else if (GeminiUsage.Is(ref reader, "promptFeedback"u8, "prompt_feedback"u8))
            {
                reader.Read();
                Feedback(ref reader, ref seen);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                seen.Failed |= reader.TokenType != JsonTokenType.Null;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return reader.TokenType == JsonTokenType.EndObject;
    }

    private static void Candidates(ref Utf8JsonReader reader, ref Seen seen)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        for (int place = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; place++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                Candidate(ref reader, place, ref seen);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void Candidate(ref Utf8JsonReader reader, int place, ref Seen seen)
    {
        int index = place;
        bool finished = false;
        FinishReason finish = FinishReason.Unknown;
        bool called = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (GeminiUsage.Is(ref reader, "finishReason"u8, "finish_reason"u8))
            {
                reader.Read();
                finished = reader.TokenType is JsonTokenType.String or JsonTokenType.Number;
                finish = finished ? GeminiFinish.Read(reader.ValueSpan, called: false) : finish;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                index = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int said) ? said : index;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                called |= Calls(ref reader, ref seen.TextBytes);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        ulong bit = 1UL << (index & 63);
        seen.Begun |= bit;
        seen.Called |= called ? bit : 0;
        if (finished)
        {
            seen.Finished |= bit;
            if (index == 0)
            {
                // A word that nobody knows still says that the candidate has finished.
                seen.Word = finish == FinishReason.Unknown ? FinishReason.Stop : finish;
            }
        }
    }

    /// <summary>Whether a content holds a function call; adds up the bytes of what the model wrote.</summary>
    private static bool Calls(ref Utf8JsonReader reader, ref long textBytes)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        // parts is an array of objects: a name two levels below the content is a part's own field. What is deeper may be called anything.
        int depth = reader.CurrentDepth;
        bool called = false;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 3)
            {
                bool call = GeminiUsage.Is(ref reader, "functionCall"u8, "function_call"u8);
                bool words = call || reader.ValueTextEquals("text"u8);
                reader.Read();
                long from = reader.TokenStartIndex;
                int text = reader.TokenType == JsonTokenType.String ? reader.ValueSpan.Length : 0;
                reader.Skip();
                called |= call;
                textBytes += call ? reader.BytesConsumed - from : words ? text : 0;
            }
        }

        return called;
    }

    private static void Feedback(ref Utf8JsonReader reader, ref Seen seen)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        seen.HasFeedback = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool reason = GeminiUsage.Is(ref reader, "blockReason"u8, "block_reason"u8);
            reader.Read();
            seen.Blocked |= reason && (reader.TokenType is JsonTokenType.String or JsonTokenType.Number);
            reader.Skip();
        }
    }

    private struct Seen
    {
        public GeminiUsage Usage;
        public FinishReason Word;

        /// <summary>Bytes of what the model wrote.</summary>
        public long TextBytes;

        public bool UsageHere, Failed, HasFeedback, Blocked;

        /// <summary>Candidates that are there, that call a function, that finish: a bit each by their index.</summary>
        public ulong Begun, Called, Finished;

        public readonly bool HasAnswer => Begun != 0 || HasFeedback;

        public readonly bool IsComplete => Begun == 0 ? Blocked : Finished != 0 && (Begun & ~Finished) == 0;

        public readonly FinishReason Finish =>
            Begun == 0 && Blocked ? FinishReason.ContentFilter
            : Word == FinishReason.Stop && (Called & 1) != 0 ? FinishReason.ToolCalls
            : Word;
    }
}
