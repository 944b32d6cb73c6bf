using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Anthropic;

/// <summary>Reads a whole answer (<c>message</c>). Source: Anthropic's API description, <c>Message</c>, <c>BetaMessage</c>.</summary>
public static class AnswerReader
{
    /// <summary>Reads <paramref name="body"/>.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="error"><see cref="ErrorKind.Malformed"/> if the body is no answer; the provider's own error where it stands in a good answer's place.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out Answer? answer, [NotNullWhen(false)] out ApiError? error)
    {
        answer = JsonDoor.OpenAnswer(body, Read, out error);
        if (answer is { Choices.Count: 0 })
        {
            // The mark of a body that is an error.
            answer = null;
            error = AnthropicErrors.Read(0, body).Error;
        }
        else if (error is not null)
        {
            error = error with { Kind = ErrorKind.Malformed, Status = 502 };
        }

        return answer is not null;
    }

    private static Answer Read(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.AnthropicMessages);
        Answer answer = new([]) { Native = native };
        Choice choice = new(0, new Message(Role.Assistant, [])) { Native = new NativeFields(WireFormat.AnthropicMessages) };
        bool hasContent = false;
        bool failed = false;
        json.EnterObject("an answer, an object with 'content'");
        while (json.NextField())
        {
            if (json.IsNull)
            {
                native.KeepNull(ref json);
                continue;
            }

            switch (json.Name)
            {
                case "content":
                    Message message = new(Role.Assistant, BlockReader.ReadAll(ref json)) { AsParts = true, Native = new NativeFields(WireFormat.AnthropicMessages) };
                    choice = choice with { Message = message };
                    hasContent = true;
                    break;
                case "stop_reason" when json.Type == JsonTokenType.String:
                    string word = json.Text();
                    choice = choice with { NativeFinish = word, Finish = MessagesFinish.Read(word) };
                    break;
                case "stop_sequence" when json.Type == JsonTokenType.String:
                    choice = choice with { StopSequence = json.Text() };
                    break;
                case "usage" when json.Type == JsonTokenType.StartObject:
                    UsageSoFar usage = new();
                    usage.Read(ref json);
                    answer = answer with { Usage = usage.Usage, NativeUsage = usage.ToNative(), ServiceTier = usage.ServiceTier };
                    break;
                case "error":
                    failed = true;
                    native.Keep(ref json);
                    break;
                default:
                    answer = ReadHead(ref json, answer, native);
                    break;
            }
        }

        return hasContent ? answer with { Choices = [choice] }
            : failed ? answer
            : throw new ShapeException("content", "The answer has no 'content'.");
    }

    /// <summary>Reads a field of the answer's head, which is also a stream's.</summary>
    internal static Answer ReadHead(ref JsonCursor json, Answer answer, NativeFields native)
    {
        switch (json.Name)
        {
            case "id" when json.Type == JsonTokenType.String:
                return answer with { Id = json.Text() };
            case "model" when json.Type == JsonTokenType.String:
                return answer with { Model = json.Text() };
            case "type" when json.Type == JsonTokenType.String && json.Text() is "message":
            case "role" when json.Type == JsonTokenType.String && json.Text() is "assistant":
                return answer;
            case "type" or "role":
                native.Keep(ref json, understood: true);
                return answer;
            default:
                native.Keep(ref json);
                return answer;
        }
    }
}
