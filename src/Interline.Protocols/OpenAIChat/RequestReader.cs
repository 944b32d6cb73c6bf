using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Reads a chat request of OpenAI's format and its dialects. Nothing is lost: what the model has no place for is kept as native fields.</summary>
public static class RequestReader
{
    /// <summary>Reads <paramref name="body"/>.</summary>
    /// <param name="body">UTF-8 JSON, nested at most 128 levels; larger bodies than the caller wants are the caller's to refuse.</param>
    /// <param name="request">The request.</param>
    /// <param name="error">What is wrong with it: where (<see cref="ApiError.Param"/>), what was expected.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error)
    {
        request = JsonDoor.Open(body, ReadRequest, out error);
        return request is not null;
    }

    private static ConversationRequest ReadRequest(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        ConversationRequest request = new("", []) { Native = native };
        ReasoningSettings? reasoning = null;
        List<Tool>? tools = null;
        NativeField? effort = null;
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
                case "tools":
                case "functions":
                    ToolReader.ReadTools(ref json, tools ??= [], json.Name is "functions" ? "functions" : null);
                    break;
                case "tool_choice":
                    request = request with { ToolChoice = ToolReader.ReadChoice(ref json) };
                    break;
                case "function_call":
                    request = request with { ToolChoice = ToolReader.ReadOldChoice(ref json) };
                    break;
                case "parallel_tool_calls":
                    request = request with { ParallelToolCalls = json.Truth() };
                    break;
                case "response_format":
                    request = request with { ResponseFormat = SettingsReader.ReadResponseFormat(ref json) };
                    break;
                case "max_tokens" or "max_completion_tokens":
                    request = ReadMaxTokens(ref json, request, native);
                    break;
                case "reasoning_effort":
                    reasoning = (reasoning ?? new ReasoningSettings()) with { Effort = json.Text() };
                    effort = new NativeField("reasoning_effort", json.Raw(), Understood: true);
                    break;
                case "reasoning":
                case "thinking":
                    // Kept whole: OpenRouter's and DeepSeek's objects have more fields than the model, and both may stand beside reasoning_effort.
                    reasoning = SettingsReader.ReadReasoning(ref json, reasoning ?? new ReasoningSettings(), native);
                    break;
                case "verbosity":
                    request = request with { Verbosity = json.Text() };
                    break;
                case "modalities":
                    request = request with { OutputModalities = SettingsReader.ReadTexts(ref json) };
                    break;
                case "service_tier":
                    request = request with { ServiceTier = json.Text() };
                    break;
                case "user":
                    request = request with { EndUser = json.Text() };
                    break;
                case "metadata":
                    request = request with { Metadata = json.Raw() };
                    break;
                case "store":
                    request = request with { Store = json.Truth() };
                    break;
                case "prompt_cache_key":
                    request = request with { PromptCacheKey = json.Text() };
                    break;
                case "stream":
                    request = request with { Stream = json.Truth() };
                    break;
                case "stream_options":
                    request = request with { StreamOptions = SettingsReader.ReadStreamOptions(ref json) };
                    break;
                default:
                    if (SettingsReader.ReadSampling(ref json, request.Sampling, native) is { } sampling)
                    {
                        request = request with { Sampling = sampling };
                    }
                    else
                    {
                        native.Keep(ref json);
                    }

                    break;
            }
        }

        if (!given)
        {
            throw new ShapeException("messages", "'messages' is required: an array with at least one message.");
        }

        // `reasoning` is written back whole, and an effort of its own then only if it was given too.
        if (effort is { } beside && native.Find("reasoning") is not null)
        {
            native.Add(beside);
        }

        return request with { Tools = tools, Reasoning = reasoning };
    }

    private static ConversationRequest ReadMaxTokens(ref JsonCursor json, ConversationRequest request, NativeFields native)
    {
        string name = json.NameText;
        JsonNumber limit = json.Number();
        if (request.MaxOutputTokens is null)
        {
            return request with { MaxOutputTokens = limit, MaxOutputTokensSpelling = name is "max_tokens" ? name : null };
        }

        // Both given: the newer name is what counts, the older is only kept.
        if (name is "max_tokens")
        {
            native.Add(new NativeField(name, new RawJson(limit.ToString()), Understood: true));
            return request;
        }

        native.Add(new NativeField("max_tokens", new RawJson(request.MaxOutputTokens.Value.ToString()), Understood: true));
        return request with { MaxOutputTokens = limit, MaxOutputTokensSpelling = null };
    }

    private static List<Message> ReadMessages(ref JsonCursor json)
    {
        List<Message> messages = [];
        json.EnterArray("an array of messages");
        while (json.NextElement())
        {
            messages.Add(MessageReader.Read(ref json));
        }

        return messages.Count > 0 ? messages : throw new ShapeException("messages", "'messages' must hold at least one message.");
    }
}
