using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Writes a request of generateContent. What was read from this format is written back with equal values; what came from another is put into turns as
/// Gemini wants them, and what it cannot be told is reported. Model and stream are said by the address.
/// </summary>
public static class RequestWriter
{
    /// <summary>Writes <paramref name="request"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="target">The model that is called.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="losses">What could not be said.</param>
    public static void Write(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses)
    {
        using Utf8JsonWriter w = new(output, FormatWriting.Options);
        w.WriteStartObject();
        WriteFields(w, request, target, losses);
        w.WriteEndObject();
    }

    /// <summary>Writes the inside of the request's object.</summary>
    internal static void WriteFields(Utf8JsonWriter w, ConversationRequest request, TargetModel target, LossList losses)
    {
        Writing writing = new(losses, isAnswer: false);
        request = ToolNames.Fit(request, WireFormat.Gemini, losses);
        if (Writing.Ours(request.Native))
        {
            WriteOwn(w, request, writing);
        }
        else
        {
            WriteForeign(w, request, target, writing);
        }

        if (request.Tools is { } tools && !GeminiNames.Kept(request.Native, "tools"))
        {
            ToolWriter.WriteTools(w, tools, writing);
        }

        if (request.ToolChoice is { } choice && !GeminiNames.Kept(request.Native, "toolConfig"))
        {
            ToolWriter.WriteChoice(w, choice, request.Tools, writing);
        }

        if (!GeminiNames.Kept(request.Native, "generationConfig"))
        {
            SettingsWriter.Write(w, request, target, writing);
        }

        if (request.ServiceTier is { } tier && !GeminiNames.Kept(request.Native, "serviceTier"))
        {
            WriteTier(w, tier, writing);
        }

        writing.Native(w, request.Native, "");
    }

    /// <summary>Writes contents of this format, one for one.</summary>
    private static void WriteOwn(Utf8JsonWriter w, ConversationRequest request, Writing writing)
    {
        if (request.Instructions.Count > 0 && !GeminiNames.Kept(request.Native, "systemInstruction"))
        {
            WriteInstruction(w, request.Instructions);
        }

        if (GeminiNames.Kept(request.Native, "contents"))
        {
            return;
        }

        w.WriteStartArray("contents"u8);
        for (int i = 0; i < request.Messages.Count; i++)
        {
            WriteContent(w, request.Messages[i], writing, $"contents[{i}]");
        }

        w.WriteEndArray();
    }

    /// <summary>Writes a content of this format as it was.</summary>
    internal static void WriteContent(Utf8JsonWriter w, Message message, Writing writing, string path)
    {
        w.WriteStartObject();
        if (message.Parts.Count > 0 && !GeminiNames.Kept(message.Native, "parts"))
        {
            WriteParts(w, message.Parts);
        }

        if (message.Spelling is not ContentReader.NoRole && !GeminiNames.Kept(message.Native, "role"))
        {
            w.WriteString("role"u8, message.Role == Role.Assistant ? "model"u8 : "user"u8);
        }

        writing.Native(w, message.Native, path);
        w.WriteEndObject();
    }

    private static void WriteForeign(Utf8JsonWriter w, ConversationRequest request, TargetModel target, Writing writing)
    {
        Turns turns = Turns.Of(request, target, writing);
        if (turns.Instructions.Count > 0)
        {
            WriteInstruction(w, turns.Instructions);
        }

        w.WriteStartArray("contents"u8);
        foreach (Turn turn in turns.All)
        {
            w.WriteStartObject();
            w.WriteString("role"u8, turn.IsModel ? "model"u8 : "user"u8);
            WriteParts(w, turn.Parts);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private static void WriteInstruction(Utf8JsonWriter w, IReadOnlyList<Part> parts)
    {
        w.WriteStartObject("systemInstruction"u8);
        WriteParts(w, parts);
        w.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter w, IReadOnlyList<Part> parts)
    {
        w.WriteStartArray("parts"u8);
        for (int i = 0; i < parts.Count; i++)
        {
            PartWriter.Write(w, parts[i]);
        }

        w.WriteEndArray();
    }

    private static void WriteTier(Utf8JsonWriter w, string tier, Writing writing)
    {
        if (GeminiUsage.TierWord(tier) is { } word)
        {
            w.WriteString("serviceTier"u8, word);
        }
        else
        {
            writing.Drop("service_tier", $"Gemini has no tier '{tier}'; the model's usual one is used");
        }
    }
}
