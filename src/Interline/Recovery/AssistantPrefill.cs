using System.Text;
using Interline.Core.Catalog;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;

namespace Interline.Recovery;

/// <summary>Gives a model the beginning of its answer, as the last message of the request.</summary>
internal static class AssistantPrefill
{
    private static readonly RawJson True = new("true"u8);

    /// <summary>Whether the catalogue, or the configuration, says that a deployment's model goes on from it. Others take it for an old message, and answer anew.</summary>
    /// <param name="deployment">The deployment.</param>
    public static bool IsKnownToWork(Deployment deployment) => deployment.Model?.Capabilities.HasFlag(ModelCapabilities.Prefill) == true;

    /// <summary>The request with the beginning.</summary>
    /// <param name="request">The request.</param>
    /// <param name="deployment">Who is to go on.</param>
    /// <param name="text">The beginning.</param>
    public static ConversationRequest Add(ConversationRequest request, Deployment deployment, string text)
    {
        NativeFields? marked = IsMarked(deployment) ? new NativeFields(WireFormat.OpenAIChat, new NativeField("prefix", True)) : null;
        return request with { Messages = [.. request.Messages, new Message(Role.Assistant, [new TextPart(text)]) { Native = marked }] };
    }

    /// <summary>Adds the edit that puts it behind a body's messages.</summary>
    /// <param name="body">The body.</param>
    /// <param name="format">Its format.</param>
    /// <param name="deployment">Who is to go on.</param>
    /// <param name="text">The beginning.</param>
    /// <param name="edits">Where to add the edit.</param>
    /// <returns>False if the body has no list of messages.</returns>
    public static bool TryAdd(ReadOnlySpan<byte> body, WireFormat format, Deployment deployment, string text, BodyEdits edits)
    {
        (int start, int end) = (0, 0);
        var at = new JsonParameters(body);
        while (at.MoveNext())
        {
            if (at.Name == (format == WireFormat.Gemini ? "contents" : "messages"))
            {
                (start, end) = (at.ValueStart, at.ValueEnd);
            }
        }

        if (end == 0 || body[start] != '[')
        {
            return false;
        }

        string quoted = JsonSplice.Quote(text);
        string message = format == WireFormat.Gemini ? $"{{\"role\":\"model\",\"parts\":[{{\"text\":{quoted}}}]}}"
            : $"{{\"role\":\"assistant\",\"content\":{quoted}{(IsMarked(deployment) && format == WireFormat.OpenAIChat ? ",\"prefix\":true" : "")}}}";
        bool isEmpty = body[(start + 1)..(end - 1)].Trim(" \t\r\n"u8).IsEmpty;
        edits.Add(new(end - 1, 0, Encoding.UTF8.GetBytes(isEmpty ? message : "," + message)));
        return true;
    }

    /// <summary>Mistral and DeepSeek go on from a message only if it is marked. Source: Mistral's chat completion API, <c>prefix</c>; DeepSeek's guide to chat prefix completion.</summary>
    private static bool IsMarked(Deployment deployment) => deployment.Provider.Id is "mistral" or "deepseek";
}
