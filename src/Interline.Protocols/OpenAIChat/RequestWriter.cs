using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes a chat request of OpenAI's format. What was read from this format is written back with equal values; what another format said and this one cannot is reported.</summary>
public static class RequestWriter
{
    /// <summary>Writes <paramref name="request"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="dialect">What the provider takes.</param>
    /// <param name="losses">What could not be said.</param>
    public static void Write(ConversationRequest request, IBufferWriter<byte> output, ChatDialect dialect, LossList losses)
    {
        Writing writing = new(dialect, losses, isAnswer: false, "call_");
        request = ToolNames.Fit(request, WireFormat.OpenAIChat, losses);
        using Utf8JsonWriter w = new(output, Writing.Options);
        w.WriteStartObject();
        if (request.Model.Length > 0)
        {
            w.WriteString("model"u8, request.Model);
        }

        WriteMessages(w, request, writing);
        if (request.Tools is { } offered)
        {
            ToolWriter.WriteTools(w, offered, writing);
        }

        bool tools = Writing.Ours(request.Native) || ToolWriter.Any(request.Tools);
        if (request.ToolChoice is { } choice && tools)
        {
            ToolWriter.WriteChoice(w, choice, writing);
        }
        else if (request.ToolChoice is not null)
        {
            losses.Add("tool_choice", LossAction.Dropped, "OpenAI Chat takes a choice only with tools");
        }

        SettingsWriter.Write(w, request, writing);
        writing.Native(w, request.Native, "");
        w.WriteEndObject();
    }

    private static void WriteMessages(Utf8JsonWriter w, ConversationRequest request, Writing writing)
    {
        w.WriteStartArray("messages"u8);
        if (request.Instructions.Count > 0)
        {
            MessageWriter.Write(w, new Message(Role.System, request.Instructions), writing, "system");
        }

        for (int i = 0; i < request.Messages.Count; i++)
        {
            MessageWriter.WriteAll(w, request.Messages[i], writing, $"messages[{i}]");
        }

        w.WriteEndArray();
    }
}
