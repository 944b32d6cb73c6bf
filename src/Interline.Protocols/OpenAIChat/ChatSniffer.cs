using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Watches a chat or text completion pass by: usage, finish reasons, errors, the end.</summary>
public sealed class ChatSniffer : StreamSniffer
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    private ChunkTemplate _template;
    private byte[]? _finish;
    private ulong _begun;
    private ulong _finished;

    /// <inheritdoc />
    public override EventVerdict Inspect(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        UsageInEvent = false;
        if (_template.Fits(data, out int textBytes))
        {
            TextBytes += textBytes;
            return EventVerdict.Forward;
        }

        if (data.TrimEnd((byte)' ').SequenceEqual("[DONE]"u8))
        {
            IsComplete = true;
            return EventVerdict.Done;
        }

        var reader = new Utf8JsonReader(data, Options);
        try
        {
            return Read(ref reader, data);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a name that is no Unicode.
            return EventVerdict.Malformed;
        }
    }

    /// <summary>Sniffs a whole plain answer.</summary>
    /// <param name="body">The body.</param>
    /// <param name="required">Property an answer of this kind must have; empty for none.</param>
    public static AnswerFacts Answer(ReadOnlySpan<byte> body, ReadOnlySpan<byte> required)
    {
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            return Answer(ref reader, body, required);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a name that is no Unicode.
            return new AnswerFacts { Valid = false };
        }
    }

    private static AnswerFacts Answer(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, ReadOnlySpan<byte> required)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return new AnswerFacts { Valid = false };
        }

        Usage? usage = null;
        string? tier = null;
        var choices = new ChoicesSeen { Count = -1 };
        bool seen = required.IsEmpty;
        bool failed = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            seen |= !seen && reader.Is(required);
            if (reader.Is("usage"u8))
            {
                reader.Read();
                usage = reader.TokenType == JsonTokenType.StartObject ? ChatUsage.Read(ref reader) : usage;
            }
            else if (reader.Is("choices"u8))
            {
                reader.Read();
                Choices(ref reader, ref choices);
            }
            else if (reader.Is("error"u8))
            {
                reader.Read();
                failed = reader.TokenType != JsonTokenType.Null;
                reader.Skip();
            }
            else if (reader.Is("service_tier"u8))
            {
                reader.Read();
                tier = JsonPeek.ServiceTier(ref reader);
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        bool whole = reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        return new AnswerFacts
        {
            Valid = whole && (failed || (seen && !choices.IsEmptyList)),
            Usage = usage,
            Finish = choices.Finish,
            ServiceTier = tier,
            Error = failed && (!seen || choices.IsEmptyList) ? ErrorBody.Read(0, body).Error : null,
        };
    }

    private EventVerdict Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return EventVerdict.Malformed;
        }

        bool failed = false;
        bool usageHere = false;
        var seen = new ChoicesSeen { Count = -1 };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("choices"u8))
            {
                reader.Read();
                Choices(ref reader, ref seen);
                Finish = seen.Finish == FinishReason.Unknown ? Finish : seen.Finish;

                // With several choices asked for (n), the answer is whole when each that has begun has finished.
                _begun |= seen.Begun;
                _finished |= seen.Finished;
                IsComplete = _finished != 0 && (_begun & ~_finished) == 0;
            }
            else if (reader.Is("usage"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    Usage = ChatUsage.Read(ref reader);
                    usageHere = true;
                }
            }
            else if (reader.Is("error"u8))
            {
                reader.Read();
                failed = reader.TokenType != JsonTokenType.Null;
                reader.Skip();
            }
            else if (reader.Is("service_tier"u8))
            {
                reader.Read();
                ServiceTier = JsonPeek.ServiceTier(ref reader);
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        // Throws if anything stands behind the object.
        reader.Read();
        if (failed)
        {
            Error = ErrorBody.Read(0, data).Error;
            return EventVerdict.Error;
        }

        UsageInEvent = usageHere;
        if (seen.Finished != 0 && IsTold(data))
        {
            // Says once more, letter by letter, that a choice has finished: to a client that acts on it, a second answer.
            return EventVerdict.Malformed;
        }

        HasBegun |= seen.Count > 0;
        TextBytes += seen.TextBytes;
        if (seen.Texts == 1 && !usageHere && seen.Finish == FinishReason.Unknown)
        {
            _template.Keep(data, seen.TextStart, seen.TextEnd);
        }

        return usageHere && seen.Count == 0 ? EventVerdict.UsageOnly : EventVerdict.Forward;
    }

    /// <summary>Whether a chunk that finishes came before just as it is. One that says it in other words may say something else besides: OpenRouter sends two.</summary>
    private bool IsTold(ReadOnlySpan<byte> finish)
    {
        if (_finish is not null && finish.SequenceEqual(_finish))
        {
            return true;
        }

        _finish = finish.ToArray();
        return false;
    }

    /// <summary>Reads the choices: how many, how they finish, where their text stands.</summary>
    private static void Choices(ref Utf8JsonReader reader, ref ChoicesSeen seen)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        seen.Count = 0;
        int depth = reader.CurrentDepth;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            seen.Count++;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            int index = 0;
            bool finished = false;
            while (reader.Read() && reader.CurrentDepth > depth + 1)
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                // Of the choice itself, or of its delta: what stands deeper is the model's and may be called anything.
                bool ofChoice = reader.CurrentDepth == depth + 2;
                bool isFinish = ofChoice && reader.Is("finish_reason"u8);
                bool isDelta = ofChoice && !isFinish && reader.Is("delta"u8);
                bool isIndex = ofChoice && !isFinish && !isDelta && reader.Is("index"u8);
                bool isText = !ofChoice && reader.Is("content"u8);
                bool isWords = !isText && !isIndex && !isFinish && !isDelta && IsWords(ref reader, ofChoice);
                bool isAround = !ofChoice && !isWords && (isText || IsAround(ref reader));
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    if (isFinish && reader.ValueSpan.Length > 0)
                    {
                        seen.Finish = FinishWord(ref reader);
                        finished = true;
                    }
                    else if (isText)
                    {
                        seen.TextBytes += reader.ValueSpan.Length;
                        seen.Texts++;
                        seen.TextStart = (int)reader.TokenStartIndex + 1;
                        seen.TextEnd = seen.TextStart + reader.ValueSpan.Length;
                    }
                    else if (isWords)
                    {
                        seen.TextBytes += reader.ValueSpan.Length;
                    }
                }
                else if (isIndex && reader.TokenType == JsonTokenType.Number)
                {
                    _ = reader.TryGetInt32(out index);
                }
                else if (!isDelta && !isAround)
                {
                    reader.Skip();
                }
            }

            ulong bit = 1UL << (index & 63);
            seen.Begun |= bit;
            seen.Finished |= finished ? bit : 0;
        }
    }

    /// <summary>A word that nobody knows still says that the choice has finished.</summary>
    private static FinishReason FinishWord(ref Utf8JsonReader reader) =>
        ChatFinish.Read(reader.ValueSpan) is var known and not FinishReason.Unknown ? known : FinishReason.Stop;

    /// <summary>Whether a name is of something else than visible text that the model wrote; <c>text</c> stands in the choices of text completions.</summary>
    private static bool IsWords(ref Utf8JsonReader reader, bool ofChoice) =>
        reader.Is("text"u8) || (!ofChoice && (reader.Is("arguments"u8) || reader.Is("reasoning_content"u8) || reader.Is("reasoning"u8) || reader.Is("refusal"u8)));

    /// <summary>Whether such words stand further inside.</summary>
    private static bool IsAround(ref Utf8JsonReader reader) => reader.Is("tool_calls"u8) || reader.Is("function"u8) || reader.Is("function_call"u8) || reader.Is("thinking"u8);

    private struct ChoicesSeen
    {
        /// <summary>Number of choices; -1 if there is no array of them.</summary>
        public int Count;

        public FinishReason Finish;

        /// <summary>Choices that are there and that finish, a bit each by their index.</summary>
        public ulong Begun, Finished;

        /// <summary>Whether there is a list of choices with nothing in it: an answer without an answer.</summary>
        public readonly bool IsEmptyList => Count == 0;

        /// <summary>Number of strings named <c>content</c>, and where the last one's characters stand.</summary>
        public int Texts, TextStart, TextEnd;

        /// <summary>Bytes of all that the model wrote.</summary>
        public int TextBytes;
    }
}
