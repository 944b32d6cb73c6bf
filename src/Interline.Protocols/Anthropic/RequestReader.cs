using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Anthropic;

/// <summary>Reads a request to <c>/v1/messages</c> or <c>/v1/messages/count_tokens</c>. Nothing is lost: what the model has no place for is kept as native fields.</summary>
public static class RequestReader
{
    /// <summary>Reads <paramref name="body"/>.</summary>
    /// <param name="body">UTF-8 JSON, nested at most 128 levels; larger bodies than the caller wants are the caller's to refuse.</param>
    /// <param name="request">The request. A limit of tokens that was not given stays open, since counting has none.</param>
    /// <param name="error">What is wrong with it: where (<see cref="ApiError.Param"/>), what was expected.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error)
    {
        request = JsonDoor.Open(body, Read, out error);
        return request is not null;
    }

    private static ConversationRequest Read(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.AnthropicMessages);
        ConversationRequest request = new("", []) { Native = native };
        bool given = false;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.IsNull && json.Name is not ("model" or "messages"))
            {
                native.KeepNull(ref json);
                continue;
            }

            switch (json.Name)
            {
                case "model":
                    request = request with { Model = json.Text() };
                    break;
                case "messages":
                    request = request with { Messages = ReadMessages(ref json) };
                    given = true;
                    break;
                case "system":
                    request = request with { InstructionsAsParts = json.Type == JsonTokenType.StartArray, Instructions = BlockReader.ReadContent(ref json, native) };
                    break;
                case "tools":
                    request = request with { Tools = ToolReader.ReadTools(ref json) };
                    break;
                case "tool_choice":
                    request = request with { ToolChoice = ToolReader.ReadChoice(ref json, native, out bool? parallel), ParallelToolCalls = parallel };
                    break;
                default:
                    request = ReadSetting(ref json, request, native);
                    break;
            }
        }

        return given ? request : throw new ShapeException("messages", "'messages' is required: an array with at least one message.");
    }

    private static ConversationRequest ReadSetting(ref JsonCursor json, ConversationRequest request, NativeFields native)
    {
        switch (json.Name)
        {
            case "max_tokens":
                return request with { MaxOutputTokens = json.Number() };
            case "thinking":
                return request with { Reasoning = SettingsReader.ReadThinking(ref json, request.Reasoning ?? new ReasoningSettings(), native) };
            case "output_config":
                return SettingsReader.ReadOutput(ref json, request, native);
            case "output_format" when json.Type == JsonTokenType.StartObject:
                // The field's name while it was a beta; kept whole for its spelling.
                int start = json.Position;
                ResponseFormat form = SettingsReader.ReadForm(ref json);
                native.Add(new NativeField("output_format", json.Since(start), Understood: true));
                return request with { ResponseFormat = form };
            case "temperature":
                return request with { Sampling = request.Sampling with { Temperature = json.Number() } };
            case "top_p":
                return request with { Sampling = request.Sampling with { TopP = json.Number() } };
            case "top_k":
                return request with { Sampling = request.Sampling with { TopK = json.Number() } };
            case "stop_sequences":
                return request with { Sampling = request.Sampling with { Stop = ReadTexts(ref json) } };
            case "metadata":
                return request with { EndUser = SettingsReader.ReadUser(ref json, native) };
            case "service_tier":
                return request with { ServiceTier = json.Text() };
            case "stream":
                return request with { Stream = json.Truth() };
            default:
                native.Keep(ref json);
                return request;
        }
    }

    private static List<string> ReadTexts(ref JsonCursor json)
    {
        List<string> texts = [];
        json.EnterArray("an array of strings");
        while (json.NextElement())
        {
            texts.Add(json.Text());
        }

        return texts;
    }

    private static List<Message> ReadMessages(ref JsonCursor json)
    {
        List<Message> messages = [];
        json.EnterArray("an array of messages");
        while (json.NextElement())
        {
            messages.Add(ReadMessage(ref json));
        }

        return messages.Count > 0 ? messages : throw new ShapeException("messages", "'messages' must hold at least one message.");
    }

    private static Message ReadMessage(ref JsonCursor json)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            throw json.Fail("a message, an object with 'role' and 'content'");
        }

        string? word = json.Peek("role"u8);
        Role role = word switch
        {
            "user" => Role.User,
            "assistant" => Role.Assistant,
            "system" => Role.System,
            null => throw json.FailWith("must have a 'role': user or assistant."),
            _ => throw json.FailWith($"has the role \"{(word.Length > 40 ? word[..40] : word)}\", but must be of user or assistant."),
        };
        NativeFields native = new(WireFormat.AnthropicMessages);
        Message message = new(role, []) { Native = native };
        bool given = false;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "role":
                    break;
                case "content":
                    message = message with { AsParts = json.Type == JsonTokenType.StartArray, Parts = BlockReader.ReadContent(ref json, native) };
                    given = true;
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return given ? message : throw json.FailWith("must have 'content', a string or an array of content blocks.");
    }
}
