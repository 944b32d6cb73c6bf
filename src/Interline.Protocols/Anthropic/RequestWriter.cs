using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>
/// Writes a request to <c>/v1/messages</c>. One that was read from this format is written back with equal values, right or wrong;
/// one of another format is first made to keep this format's rules (<see cref="RequestFit"/>), and what that costs is reported.
/// </summary>
public static class RequestWriter
{
    /// <summary>Writes <paramref name="request"/>.</summary>
    /// <param name="request">The request; its model is the provider's name for it.</param>
    /// <param name="target">What is known of the model that is called.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="losses">What could not be said.</param>
    public static void Write(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses)
    {
        Writing writing = new(losses, isAnswer: false, "toolu_");
        ConversationRequest fitted = Writing.Ours(request.Native) ? request : RequestFit.Fit(request, target, writing);
        using Utf8JsonWriter w = new(output, FormatWriting.Options);
        w.WriteStartObject();
        WriteContext(w, fitted, writing);
        Sampling s = fitted.Sampling;
        Writing.Number(w, "max_tokens"u8, fitted.MaxOutputTokens);
        Writing.Number(w, "temperature"u8, s.Temperature);
        Writing.Number(w, "top_p"u8, s.TopP);
        Writing.Number(w, "top_k"u8, s.TopK);
        if (s.Stop is { } stop)
        {
            w.WriteStartArray("stop_sequences"u8);
            foreach (string text in stop)
            {
                w.WriteStringValue(text);
            }

            w.WriteEndArray();
        }

        if (fitted.EndUser is not null && !Writing.Kept(fitted.Native, "metadata"))
        {
            w.WriteStartObject("metadata"u8);
            w.WriteString("user_id"u8, fitted.EndUser);
            w.WriteEndObject();
        }

        Writing.Text(w, "service_tier"u8, fitted.ServiceTier);
        if (fitted.Stream is { } stream)
        {
            w.WriteBoolean("stream"u8, stream);
        }

        writing.Native(w, fitted.Native, "");
        w.WriteEndObject();
    }

    /// <summary>Writes what the model reads, and so what is counted: model, system, messages, tools, thinking, form of the answer.</summary>
    internal static void WriteContext(Utf8JsonWriter w, ConversationRequest request, Writing writing)
    {
        if (request.Model.Length > 0)
        {
            w.WriteString("model"u8, request.Model);
        }

        if (request.Instructions.Count > 0 || request.InstructionsAsParts)
        {
            BlockWriter.WriteContent(w, "system"u8, request.Instructions, request.InstructionsAsParts, writing, "system");
        }

        w.WriteStartArray("messages"u8);
        for (int i = 0; i < request.Messages.Count; i++)
        {
            WriteMessage(w, request.Messages[i], writing, $"messages[{i}]");
        }

        w.WriteEndArray();
        if (request.Tools is { } tools)
        {
            ToolWriter.WriteTools(w, tools, writing);
        }

        ToolWriter.WriteChoice(w, request, writing);
        WriteReasoning(w, request, writing);
    }

    private static void WriteMessage(Utf8JsonWriter w, Message m, Writing writing, string path)
    {
        w.WriteStartObject();
        w.WriteString("role"u8, m.Role switch
        {
            Role.Assistant => "assistant"u8,
            Role.System or Role.Developer => "system"u8,
            _ => "user"u8,
        });
        if (!Writing.Kept(m.Native, "content"))
        {
            BlockWriter.WriteContent(w, "content"u8, m.Parts, m.AsParts, writing, path);
        }

        writing.Native(w, m.Native, path);
        w.WriteEndObject();
    }

    private static void WriteReasoning(Utf8JsonWriter w, ConversationRequest request, Writing writing)
    {
        ReasoningSettings? r = request.Reasoning;
        if (r?.Enabled is { } on && !Writing.Kept(request.Native, "thinking"))
        {
            w.WriteStartObject("thinking"u8);
            w.WriteString("type"u8, !on ? "disabled"u8 : r.Adaptive ? "adaptive"u8 : "enabled"u8);
            Writing.Number(w, "budget_tokens"u8, on && !r.Adaptive ? r.BudgetTokens : null);
            Writing.Text(w, "display"u8, on && r.Hidden == true ? "omitted" : null);
            w.WriteEndObject();
        }

        ResponseFormat? form = Writing.Kept(request.Native, "output_format") ? null : request.ResponseFormat;
        if (Writing.Kept(request.Native, "output_config") || (r?.Effort is null && form is null))
        {
            return;
        }

        w.WriteStartObject("output_config"u8);
        Writing.Text(w, "effort"u8, r?.Effort);
        if (form is not null)
        {
            w.WritePropertyName("format"u8);
            WriteForm(w, form, writing);
        }

        w.WriteEndObject();
    }

    private static void WriteForm(Utf8JsonWriter w, ResponseFormat form, Writing writing)
    {
        if (form.Kind == ResponseFormatKind.Opaque)
        {
            form.Json.WriteTo(w);
            return;
        }

        w.WriteStartObject();
        w.WriteString("type"u8, "json_schema"u8);
        w.WritePropertyName("schema"u8);
        (form.Schema ?? new RawJson("{\"type\":\"object\"}"u8)).WriteTo(w);
        writing.Native(w, form.Native, "output_config.format");
        w.WriteEndObject();
    }
}
