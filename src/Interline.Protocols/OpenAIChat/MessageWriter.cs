using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes messages, of a request or of an answer.</summary>
internal static class MessageWriter
{
    /// <summary>Writes one message of a request, as several where this format needs it: each tool result is a message of its own.</summary>
    public static void WriteAll(Utf8JsonWriter w, Message m, Writing writing, string path)
    {
        List<Part> rest = [.. m.Parts.Where(p => p is not ToolResultPart)];
        List<Part> moved = [];
        foreach (ToolResultPart result in m.Parts.OfType<ToolResultPart>())
        {
            WriteResult(w, m, result, moved, writing, path);
        }

        if (moved.Count > 0)
        {
            writing.Losses.Add(path, LossAction.Moved, "a tool's result can only be text: its media follow in a user message");
            rest = [.. moved, .. rest];
        }

        if (rest.Count > 0 || moved.Count > 0 || !m.Parts.Any(p => p is ToolResultPart))
        {
            Write(w, m with { Parts = rest, Role = m.Role == Role.Tool ? Role.User : m.Role }, writing, path);
        }
    }

    /// <summary>Writes one message that holds no tool results.</summary>
    public static void Write(Utf8JsonWriter w, Message m, Writing writing, string path)
    {
        w.WriteStartObject();
        w.WriteString("role"u8, RoleWord(m.Role));
        if (m.Name is not null)
        {
            w.WriteString("name"u8, m.Name);
        }

        WriteReasoning(w, m, writing, path);
        WriteContent(w, m.Role, m.Parts, m.AsParts, m.Native, writing, path);
        WriteFields(w, m, writing, path);
        PartWriter.WriteCache(w, m.Cache, m.Native, writing, path);
        writing.Native(w, m.Native, path);
        w.WriteEndObject();
    }

    /// <summary>The format's word for a role.</summary>
    public static string RoleWord(Role role) => role switch
    {
        Role.System => "system",
        Role.Developer => "developer",
        Role.Assistant => "assistant",
        Role.Tool => "tool",
        _ => "user",
    };

    private static void WriteResult(Utf8JsonWriter w, Message m, ToolResultPart result, List<Part> moved, Writing writing, string path)
    {
        bool ours = Writing.Ours(m.Native);
        IReadOnlyList<Part> parts = result.Parts;
        if (!ours && parts.Any(p => p is MediaPart))
        {
            moved.AddRange(parts.Where(p => p is MediaPart));
            parts = [.. parts.Where(p => p is not MediaPart)];
        }

        w.WriteStartObject();
        w.WriteString("role"u8, m.Spelling is "function" ? "function"u8 : "tool"u8);
        string id = writing.ResultId(result);
        if (id.Length > 0 || !ours)
        {
            w.WriteString("tool_call_id"u8, id);
        }

        if (result.Name is not null && ours)
        {
            w.WriteString("name"u8, result.Name);
        }

        if (result.IsError == true)
        {
            writing.Losses.Add($"{path}.is_error", LossAction.Dropped, "a tool message has no error flag; its text must tell");
        }

        WriteContent(w, Role.Tool, parts, result.AsParts && ours, m.Native, writing, path);
        PartWriter.WriteCache(w, result.Cache ?? m.Cache, m.Native, writing, path);
        writing.Native(w, ours ? m.Native : result.Native, path);
        w.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter w, Role role, IReadOnlyList<Part> all, bool asParts, NativeFields? native, Writing writing, string path)
    {
        bool ours = Writing.Ours(native);
        List<Part> parts = [.. all.Where(p => InContent(p, role, ours, writing.IsAnswer))];
        ReportUnwritten(all, parts, writing, path);
        if (parts.Count == 0)
        {
            if (asParts && ours)
            {
                w.WriteStartArray("content"u8);
                w.WriteEndArray();
            }
            else if (!ours)
            {
                w.WritePropertyName("content"u8);
                if (role == Role.Assistant)
                {
                    w.WriteNullValue();
                }
                else
                {
                    w.WriteStringValue("");
                }
            }

            return;
        }

        bool plain = !asParts && parts.TrueForAll(p => p is TextPart);
        if (plain && (parts.Count == 1 || writing.IsAnswer || (role == Role.Tool && !ours)) && !parts.Exists(NeedsObject))
        {
            w.WriteString("content"u8, parts.Count == 1 ? ((TextPart)parts[0]).Text : string.Concat(parts.Cast<TextPart>().Select(p => p.Text)));
            return;
        }

        w.WriteStartArray("content"u8);
        for (int i = 0; i < parts.Count; i++)
        {
            PartWriter.Write(w, parts[i], writing, $"{path}.content[{i}]");
        }

        w.WriteEndArray();

        bool NeedsObject(Part p) => !writing.IsAnswer && (Writing.Ours(p.Native) || (p.Cache is not null && writing.Dialect.CacheControl));
    }

    private static bool InContent(Part p, Role role, bool ours, bool isAnswer) => p switch
    {
        _ when p.Spelling is "images" or "audio" or "tool_calls" || ReasoningDetails.Holds(p) => false,
        RefusalPart => p.Spelling is "part",
        MediaPart => (ours || (role == Role.User && !isAnswer)) && PartWriter.CanWrite(p),
        _ => PartWriter.CanWrite(p),
    };

    private static void ReportUnwritten(IReadOnlyList<Part> all, List<Part> written, Writing writing, string path)
    {
        foreach (Part part in all)
        {
            bool elsewhere = part is ToolCallPart or ReasoningPart or RefusalPart || part.Spelling is "images" or "audio" || part is OpaquePart { Format: WireFormat.OpenAIChat }
                || (writing.IsAnswer && part is ImagePart or AudioPart);
            if (!elsewhere && !written.Contains(part))
            {
                string kind = part is OpaquePart opaque ? opaque.Type : part.GetType().Name;
                writing.Losses.Add($"{path}.content", LossAction.Dropped, $"OpenAI Chat has no place for {kind} here");
            }
        }
    }

    /// <summary>Writes earlier or fresh reasoning beside the content, spelled as it came or as the dialect wants it.</summary>
    private static void WriteReasoning(Utf8JsonWriter w, Message m, Writing writing, string path)
    {
        List<Part> reasoning = [.. m.Parts.Where(p => (p is ReasoningPart && p.Spelling is not "thinking") || ReasoningDetails.Holds(p))];
        if (reasoning.Count == 0)
        {
            return;
        }

        if (!Writing.Ours(m.Native))
        {
            reasoning = Respell(reasoning, writing, path);
        }

        List<Part> details = [.. reasoning.Where(ReasoningDetails.Holds)];
        List<Part> plain = [.. reasoning.Where(p => !ReasoningDetails.Holds(p))];
        string? both = details.FirstOrDefault(d => d.Spelling!.EndsWith(ReasoningDetails.AndDetails, StringComparison.Ordinal))?.Spelling;
        if (both is not null)
        {
            w.WriteString(both[..^ReasoningDetails.AndDetails.Length], Text(details));
        }
        else if (plain.Count > 0)
        {
            w.WriteString(plain[0].Spelling ?? "reasoning_content", Text(plain));
        }

        if (details.Count > 0)
        {
            w.WriteStartArray(ReasoningDetails.Field);
            for (int i = 0; i < details.Count; i++)
            {
                ReasoningDetails.WriteOne(w, details[i], i);
            }

            w.WriteEndArray();
        }

        static string Text(List<Part> parts) => string.Concat(parts.OfType<ReasoningPart>().Select(p => p.Text));
    }

    /// <summary>
    /// Gives reasoning of another format this one's spelling. An answer always tells its text in <c>reasoning_content</c>, the field most clients read,
    /// and what is signed or encrypted in <c>reasoning_details</c> too, so that a client that sends those back keeps the conversation whole.
    /// </summary>
    private static List<Part> Respell(List<Part> reasoning, Writing writing, string path)
    {
        string? field = writing.IsAnswer ? "reasoning_content" : writing.Dialect.ReasoningField;
        bool signed = reasoning.Exists(p => p.Signature is not null || p is ReasoningPart { Encrypted: not null });
        bool details = signed && (writing.IsAnswer || writing.Dialect.ReasoningDetails);
        if (!details && (signed || field is null))
        {
            writing.Losses.Add($"{path}.reasoning", LossAction.Dropped, field is null ? "this provider takes no earlier reasoning back" : "this provider takes no signatures of reasoning");
        }

        bool text = reasoning.OfType<ReasoningPart>().Any(p => p.Text.Length > 0);
        return details
            ? [.. reasoning.Select(p => p with { Spelling = field is not null && text ? field + ReasoningDetails.AndDetails : ReasoningDetails.Field })]
            : field is null || !text ? [] : [.. reasoning.Select(p => p with { Spelling = field })];
    }

    /// <summary>Writes what stands beside the content: refusal, audio, images, annotations, tool calls.</summary>
    private static void WriteFields(Utf8JsonWriter w, Message m, Writing writing, string path)
    {
        List<string> refusals = [.. m.Parts.OfType<RefusalPart>().Where(r => r.Spelling is not "part").Select(r => r.Text)];
        if (refusals.Count > 0)
        {
            w.WriteString("refusal"u8, string.Concat(refusals));
        }
        else if (writing.IsAnswer && !Writing.Ours(m.Native))
        {
            w.WriteNull("refusal"u8);
        }

        if (m.Parts.OfType<AudioPart>().FirstOrDefault(a => a.Spelling is "audio" || writing.IsAnswer) is { } audio)
        {
            w.WritePropertyName("audio"u8);
            AnswerAudio.Write(w, audio);
        }

        List<ImagePart> images = [.. m.Parts.OfType<ImagePart>().Where(i => i.Spelling is "images" || (writing.IsAnswer && !Writing.Ours(m.Native)))];
        if (images.Count > 0)
        {
            w.WriteStartArray("images"u8);
            images.ForEach(i => PartWriter.Write(w, i, writing, $"{path}.images"));
            w.WriteEndArray();
        }

        WriteAnnotations(w, m, writing, path);
        ToolWriter.WriteCalls(w, m, writing, path);
    }

    private static void WriteAnnotations(Utf8JsonWriter w, Message m, Writing writing, string path)
    {
        List<Citation> citations = [.. m.Parts.OfType<TextPart>().SelectMany(t => t.Citations)];
        if (citations.Count == 0)
        {
            return;
        }

        w.WriteStartArray("annotations"u8);
        int lost = citations.Count(c => !Citations.Write(w, c));
        w.WriteEndArray();
        if (lost > 0)
        {
            writing.Losses.Add($"{path}.citations", LossAction.Dropped, "an annotation needs a web address");
        }
    }
}
