using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes the reasoning of a message.</summary>
internal static class ReasoningWriter
{
    /// <summary>Writes earlier or fresh reasoning beside the content, spelled as it came or as the dialect wants it.</summary>
    public static void Write(Utf8JsonWriter w, Message m, Writing writing, string path)
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
        string? both = details.Select(ReasoningDetails.PlainOf).FirstOrDefault(p => p is not null);
        if (both is not null)
        {
            w.WriteString(both, Text(details));
        }
        else if (plain.Count > 0)
        {
            w.WriteString(plain[0].Spelling ?? "reasoning_content", Text(plain));
        }

        if (details.Count > 0)
        {
            w.WriteStartArray(ReasoningDetails.ArrayOf(details[0]));
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
        bool signed = reasoning.Exists(p => p.Signature is not null || p is ReasoningPart { Encrypted: not null } or ReasoningPart { Id: not null });
        bool details = signed && (writing.IsAnswer || writing.Dialect.ReasoningDetails);
        if (!details && (signed || field is null))
        {
            writing.Losses.Add($"{path}.reasoning", LossAction.Dropped, field is null ? "this provider takes no earlier reasoning back" : "this provider takes no signatures of reasoning");
        }
        else if (!details && reasoning.Exists(p => p is ReasoningPart { IsSummary: true }))
        {
            writing.Losses.Add($"{path}.reasoning", LossAction.Changed, "a summary is told as the reasoning itself");
        }

        foreach (Part part in reasoning)
        {
            writing.Losses.AddForeign(part.Native, WireFormat.OpenAIChat, $"{path}.reasoning");
            PartWriter.ReportCache(part.Cache, writing, $"{path}.reasoning");
        }

        bool text = reasoning.OfType<ReasoningPart>().Any(p => p.Text.Length > 0);
        return details
            ? [.. reasoning.Select(p => p with { Spelling = field is not null && text ? field + ReasoningDetails.AndDetails : ReasoningDetails.Field })]
            : field is null || !text ? [] : [.. reasoning.Select(p => p with { Spelling = field })];
    }
}
