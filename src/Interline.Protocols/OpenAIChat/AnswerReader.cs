using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Reads a whole answer (<c>chat.completion</c>) of OpenAI's format and its dialects.</summary>
public static class AnswerReader
{
    /// <summary>Reads <paramref name="body"/>.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="error"><see cref="ErrorKind.Malformed"/> if the body is no answer; the provider's own error where it stands in a good answer's place (OpenRouter).</param>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out Answer? answer, [NotNullWhen(false)] out ApiError? error)
    {
        // A box, as a local function cannot hand the error out of the door by reference.
        ApiError? inBand = null;
        answer = JsonDoor.OpenAnswer(body, (ref JsonCursor json) => Read(ref json, ref inBand), out ApiError? malformed);
        error = inBand ?? (malformed is null ? null : malformed with { Kind = ErrorKind.Malformed, Status = 502 });
        if (error is not null)
        {
            answer = null;
        }

        return answer is not null;
    }

    private static Answer Read(ref JsonCursor json, ref ApiError? inBand)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        Answer answer = new([]) { Native = native };
        bool hasChoices = false;
        json.EnterObject("an answer, an object with 'choices'");
        while (json.NextField())
        {
            if (native.KeepNull(ref json))
            {
                continue;
            }

            switch (json.Name)
            {
                case "id" when json.Type == JsonTokenType.String:
                    answer = answer with { Id = json.Text() };
                    break;
                case "model" when json.Type == JsonTokenType.String:
                    answer = answer with { Model = json.Text() };
                    break;
                case "object" when json.Type == JsonTokenType.String && json.Text() is "chat.completion":
                    break;
                case "object":
                    native.Keep(ref json, understood: true);
                    break;
                case "created" when json.Type == JsonTokenType.Number && long.TryParse(json.Number().Spelling, out long created):
                    answer = answer with { Created = created };
                    break;
                case "service_tier" when json.Type == JsonTokenType.String:
                    answer = answer with { ServiceTier = json.Text() };
                    break;
                case "system_fingerprint" when json.Type == JsonTokenType.String:
                    answer = answer with { SystemFingerprint = json.Text() };
                    break;
                case "usage" when json.Type == JsonTokenType.StartObject:
                    RawJson raw = json.Usage(ChatUsage.Read, out Usage usage);
                    answer = answer with { Usage = usage, NativeUsage = UsageUnread.Native(raw) };
                    break;
                case "choices":
                    answer = answer with { Choices = ReadChoices(ref json) };
                    hasChoices = true;
                    break;
                case "error":
                    inBand = StreamError.Read(ref json);
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return hasChoices || inBand is not null ? answer : throw new ShapeException("choices", "The answer has no 'choices'.");
    }

    private static List<Choice> ReadChoices(ref JsonCursor json)
    {
        List<Choice> choices = [];
        json.EnterArray("an array of choices");
        while (json.NextElement())
        {
            choices.Add(ReadChoice(ref json, choices.Count));
        }

        return choices;
    }

    private static Choice ReadChoice(ref JsonCursor json, int place)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        Choice choice = new(place, new Message(Role.Assistant, []) { Native = new NativeFields(WireFormat.OpenAIChat) }) { Native = native };
        json.EnterObject("a choice, an object with 'message'");
        while (json.NextField())
        {
            if (native.KeepNull(ref json))
            {
                continue;
            }

            switch (json.Name)
            {
                case "index" when json.Type == JsonTokenType.Number:
                    choice = choice with { Index = (int)Math.Clamp(json.Number().Whole, 0, int.MaxValue) };
                    break;
                case "message":
                    choice = choice with { Message = MessageReader.Read(ref json, Role.Assistant) };
                    break;
                case "finish_reason" when json.Type == JsonTokenType.String:
                    string word = json.Text();
                    choice = choice with { NativeFinish = word, Finish = ChatFinish.Read(word) };
                    break;
                case "logprobs":
                    choice = choice with { Logprobs = json.Raw() };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return choice;
    }
}
