using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>Reads a whole answer (<c>GenerateContentResponse</c>) of the Gemini API or of Vertex AI.</summary>
public static class AnswerReader
{
    /// <summary>Spelling of the message that stands for a blocked prompt, which the format answers without a candidate.</summary>
    internal const string Blocked = "blocked";

    private static readonly SaidPaths Feedback = new("blockReason");

    private static readonly SaidPaths UsageSaid = new(
        "promptTokenCount", "cachedContentTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "toolUsePromptTokenCount", "totalTokenCount", "serviceTier",
        "responseTokenCount", "responseTokensDetails[].modality", "responseTokensDetails[].tokenCount",
        "promptTokensDetails[].modality", "promptTokensDetails[].tokenCount", "cacheTokensDetails[].modality", "cacheTokensDetails[].tokenCount",
        "candidatesTokensDetails[].modality", "candidatesTokensDetails[].tokenCount", "toolUsePromptTokensDetails[].modality", "toolUsePromptTokensDetails[].tokenCount");

    /// <summary>Reads <paramref name="body"/>.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="answer">The answer. A blocked prompt is one empty candidate that a filter ended.</param>
    /// <param name="error"><see cref="ErrorKind.Malformed"/> if the body is no answer; the provider's own error where it stands in a good answer's place.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out Answer? answer, [NotNullWhen(false)] out ApiError? error)
    {
        Piece? piece = JsonDoor.OpenAnswer(body, Read, out ApiError? malformed);
        answer = null;
        error = piece?.Error ?? (malformed is null ? null : malformed with { Kind = ErrorKind.Malformed, Status = 502 });
        if (error is null && piece!.Answer.Choices.Count == 0)
        {
            error = new ApiError(ErrorKind.Malformed, 502, "The answer has no 'candidates'.") { Param = "candidates" };
        }

        if (error is null)
        {
            answer = piece!.Answer with { Choices = [.. piece.Answer.Choices.Select(Whole)] };
        }

        return answer is not null;
    }

    private static Choice Whole(Choice choice)
    {
        bool called = choice.Message.Parts.Any(p => p is ToolCallPart);
        Choice whole = Grounding.Attach(choice);
        return called && choice.Finish == FinishReason.Stop ? whole with { Finish = FinishReason.ToolCalls } : whole;
    }

    /// <summary>Reads an answer, or a piece of a stream, which has the same form, without looking across its parts.</summary>
    internal static Piece Read(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.Gemini);
        Answer answer = new([]) { Native = native };
        ApiError? error = null;
        string? blocked = null;
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        if (json.Type == JsonTokenType.StartArray)
        {
            // The envelope of an error may come as the one element of an array.
            return new Piece(answer, GeminiErrors.Read(0, json.Raw().Utf8).Error);
        }

        json.EnterObject("an answer, an object with 'candidates'");
        while (json.NextField())
        {
            if (native.KeepNull(ref json))
            {
                continue;
            }

            switch (GeminiNames.Camel(json.Name, buffer))
            {
                case "candidates":
                    answer = answer with { Choices = ReadCandidates(ref json, native) };
                    break;
                case "usageMetadata" when json.Type == JsonTokenType.StartObject:
                    answer = WithUsage(answer, json.Raw());
                    break;
                case "promptFeedback" when json.Type == JsonTokenType.StartObject:
                    blocked = GeminiNames.Peek(json, "blockReason"u8, "block_reason"u8) ?? (json.Has("blockReason"u8) ? json.PeekWhole("blockReason"u8)?.ToString(CultureInfo.InvariantCulture) : null);
                    KeepFeedback(ref json, native, blocked);
                    break;
                case "modelVersion" when json.Type == JsonTokenType.String:
                    answer = answer with { Model = json.Text() };
                    break;
                case "responseId" when json.Type == JsonTokenType.String:
                    answer = answer with { Id = json.Text() };
                    break;
                case "createTime" when json.Type == JsonTokenType.String && DateTimeOffset.TryParse(json.Text(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time):
                    answer = answer with { Created = time.ToUnixTimeSeconds() };
                    native.Keep(ref json, understood: true);
                    break;
                case "error":
                    error = GeminiErrors.Read(0, new RawJson($"{{\"error\":{json.Raw()}}}").Utf8).Error;
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        if (blocked is not null && answer.Choices.Count == 0)
        {
            Message none = new(Role.Assistant, []) { Spelling = Blocked, Native = new NativeFields(WireFormat.Gemini) };
            answer = answer with { Choices = [new Choice(0, none) { Finish = FinishReason.ContentFilter, NativeFinish = blocked, Native = new NativeFields(WireFormat.Gemini) }] };
        }

        return new Piece(answer, error);
    }

    /// <summary>Puts a usage object into an answer.</summary>
    internal static Answer WithUsage(Answer answer, RawJson raw)
    {
        GeminiUsage counts = default;
        Utf8JsonReader reader = new(raw.Utf8, new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth });
        reader.Read();
        counts.Read(ref reader);
        return answer with
        {
            Usage = counts.Said ? counts.Split() : null,
            NativeUsage = new NativeUsage(WireFormat.Gemini, raw) { Unread = UsageSaid.Unread(raw) },
            ServiceTier = counts.Tier,
        };
    }

    private static void KeepFeedback(ref JsonCursor json, NativeFields native, string? blocked)
    {
        if (blocked is null)
        {
            native.Keep(ref json);
        }
        else
        {
            string name = json.NameText;
            native.KeepWhole(name, json.Raw(), Feedback);
        }
    }

    private static List<Choice> ReadCandidates(ref JsonCursor json, NativeFields native)
    {
        List<Choice> choices = [];
        json.EnterArray("an array of candidates");
        while (json.NextElement())
        {
            choices.Add(ReadCandidate(ref json, choices.Count));
        }

        if (choices.Count == 0)
        {
            native.KeepWhole("candidates", new RawJson("[]"u8));
        }

        return choices;
    }

    private static Choice ReadCandidate(ref JsonCursor json, int place)
    {
        NativeFields native = new(WireFormat.Gemini);
        Choice choice = new(place, new Message(Role.Assistant, []) { Native = new NativeFields(WireFormat.Gemini), Spelling = ContentReader.NoContent }) { Native = native };
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject("a candidate, an object with 'content'");
        while (json.NextField())
        {
            if (native.KeepNull(ref json))
            {
                continue;
            }

            switch (GeminiNames.Camel(json.Name, buffer))
            {
                case "index" when json.Type == JsonTokenType.Number:
                    choice = choice with { Index = (int)Math.Clamp(json.Number().Whole, 0, int.MaxValue) };
                    native.Keep(ref json, understood: true);
                    break;
                case "content" when json.Type == JsonTokenType.StartObject:
                    choice = choice with { Message = ContentReader.Read(ref json, Role.Assistant) };
                    break;
                case "finishReason" when json.Type == JsonTokenType.String:
                    string word = json.Text();
                    choice = choice with { NativeFinish = word, Finish = GeminiFinish.Read(word, called: false) };
                    break;
                case "finishReason" when json.Type == JsonTokenType.Number:
                    string number = json.Number().ToString();
                    choice = choice with { NativeFinish = number, Finish = GeminiFinish.Read(number, called: false) };
                    native.Keep(ref json, understood: true);
                    break;
                case "logprobsResult" when json.Type == JsonTokenType.StartObject:
                    choice = choice with { Logprobs = Logprobs.Keep(ref json, native) };
                    break;
                case "groundingMetadata" or "citationMetadata" when json.Type == JsonTokenType.StartObject:
                    Grounding.Keep(ref json, native);
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return choice;
    }
}

/// <summary>An answer or a piece of one, and the error that came in its place.</summary>
internal sealed record Piece(Answer Answer, ApiError? Error);
