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
        PartPlaces places = new(m.Parts, path);
        foreach (ToolResultPart result in m.Parts.OfType<ToolResultPart>())
        {
            WriteResult(w, m, result, moved, writing, places);
        }

        if (moved.Count > 0)
        {
            writing.Losses.Add(path, LossAction.Moved, "a tool's result can only be text: its media follow in a user message");
            rest = [.. moved, .. rest];
        }

        if (rest.Count > 0 || moved.Count > 0 || !m.Parts.Any(p => p is ToolResultPart))
        {
            Write(w, m with { Parts = rest, Role = m.Role == Role.Tool ? Role.User : m.Role }, writing, path, places);
        }
        else if (!Writing.Ours(m.Native))
        {
            // The message itself becomes none.
            writing.Losses.AddForeign(m.Native, WireFormat.OpenAIChat, path);
            ReportId(m, writing, path);
            Lost(m.Name is not null, "name", "a tool message has no name", writing, path);
        }
    }

    /// <summary>Writes one message that holds no tool results.</summary>
    /// <param name="w">Where the message is to stand.</param>
    /// <param name="m">The message.</param>
    /// <param name="writing">What the document shares.</param>
    /// <param name="path">Where the message was.</param>
    /// <param name="places">Where the message's parts stood before some were moved; null if none were.</param>
    public static void Write(Utf8JsonWriter w, Message m, Writing writing, string path, PartPlaces? places = null)
    {
        w.WriteStartObject();
        w.WriteString("role"u8, RoleWord(m.Role));
        if (m.Name is not null)
        {
            w.WriteString("name"u8, m.Name);
        }

        ReasoningWriter.Write(w, m, writing, path);
        WriteContent(w, m, m.Parts, places ?? new PartPlaces(m.Parts, path), m.AsParts, writing);
        WriteFields(w, m, writing, path);
        PartWriter.WriteCache(w, m.Cache, m.Native, writing, path);
        writing.Native(w, m.Native, path);
        w.WriteEndObject();
        ReportId(m, writing, path);
    }

    private static void ReportId(Message m, Writing writing, string path) => Lost(m.Id is not null, "id", "a message of OpenAI Chat has no id", writing, path);

    private static void Lost(bool lost, string field, string why, Writing writing, string path)
    {
        if (lost)
        {
            writing.Losses.Add($"{path}.{field}", LossAction.Dropped, why);
        }
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

    private static void WriteResult(Utf8JsonWriter w, Message m, ToolResultPart result, List<Part> moved, Writing writing, PartPlaces places)
    {
        string at = places.Of(result);
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

        Lost(result.IsError == true, "is_error", "a tool message has no error flag; its text must tell", writing, at);
        if (!ours)
        {
            Lost(result.Name is not null && result.CallId.Length > 0, "name", "a tool message names its call by id alone", writing, at);
            PartLosses.Report(result, writing, at, signed: false);
        }

        WriteContent(w, m with { Role = Role.Tool }, parts, places, result.AsParts && ours, writing);
        PartWriter.WriteCache(w, result.Cache ?? m.Cache, m.Native, writing, at);
        writing.Native(w, ours ? m.Native : result.Native, at);
        w.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter w, Message m, IReadOnlyList<Part> all, PartPlaces places, bool asParts, Writing writing)
    {
        Role role = m.Role;
        bool ours = Writing.Ours(m.Native);
        List<Part> parts = [.. all.Where(p => InContent(p, role, ours, writing))];
        Report(all, parts, places, ours, writing);
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

        // What another format said in parts goes out as one text where the model or a tool speaks: many servers take nothing else there, and clients of answers read nothing else.
        bool joined = ours ? writing.IsAnswer && !asParts : writing.IsAnswer || role is Role.Assistant or Role.Tool;
        bool plain = (!asParts || joined) && parts.TrueForAll(p => p is TextPart);
        if (plain && (parts.Count == 1 || joined) && !parts.Exists(NeedsObject))
        {
            w.WriteString("content"u8, parts.Count == 1 ? ((TextPart)parts[0]).Text : string.Concat(parts.Cast<TextPart>().Select(p => p.Text)));
            foreach (Part part in parts.Where(p => p.Cache is not null || p.Native is { Count: > 0 }))
            {
                PartWriter.ReportCache(part.Cache, writing, places.Of(part));
                writing.Losses.AddForeign(part.Native, WireFormat.OpenAIChat, places.Of(part));
            }

            return;
        }

        w.WriteStartArray("content"u8);
        foreach (Part part in parts)
        {
            PartWriter.Write(w, part, writing, places.Of(part));
        }

        w.WriteEndArray();

        bool NeedsObject(Part p) => !writing.IsAnswer && (Writing.Ours(p.Native) || (p.Cache is not null && writing.Dialect.CacheControl));
    }

    private static bool InContent(Part p, Role role, bool ours, Writing writing) => p switch
    {
        _ when p.Spelling is "images" or "audio" or "tool_calls" || ReasoningDetails.Holds(p) => false,
        RefusalPart => p.Spelling is "part",
        AudioPart { Source: InlineSource sound } when !ours && !writing.Dialect.OpenValues && MediaTypes.AudioWord(sound.MediaType) is not ("wav" or "mp3") => false,
        VideoPart or DocumentPart { Source: UrlSource } when !ours && !writing.Dialect.OpenValues => false,
        MediaPart => (ours || (role == Role.User && !writing.IsAnswer)) && PartWriter.CanWrite(p),
        _ => PartWriter.CanWrite(p),
    };

    /// <summary>Reports the parts that are not written, and of those that are what this format cannot say.</summary>
    private static void Report(IReadOnlyList<Part> all, List<Part> written, PartPlaces places, bool ours, Writing writing)
    {
        Part? signed = writing.IsAnswer || writing.Dialect.GoogleSignatures ? Signed(all) : null;
        AudioPart? sound = ours ? null : all.OfType<AudioPart>().FirstOrDefault();
        int next = 0;
        foreach (Part part in all)
        {
            // What is written is in the order of all.
            bool inside = next < written.Count && ReferenceEquals(written[next], part);
            next += inside ? 1 : 0;
            if (ours || Writing.Ours(part.Native) || part is OpaquePart { Format: WireFormat.OpenAIChat })
            {
                continue;
            }

            string at = places.Of(part);
            if (!inside && !Beside(part, sound, writing))
            {
                PartLosses.ReportDropped(part, writing.Losses, at);
                writing.Losses.AddForeign(part.Native, WireFormat.OpenAIChat, at);
            }
            else if (part is not (ToolCallPart or ReasoningPart))
            {
                PartLosses.Report(part, writing, at, signed: ReferenceEquals(part, signed));
                if (!inside && part is RefusalPart or AudioPart)
                {
                    PartWriter.ReportCache(part.Cache, writing, at);
                    writing.Losses.AddForeign(part.Native, WireFormat.OpenAIChat, at);
                }
            }
        }
    }

    /// <summary>True for a part that is written beside the content.</summary>
    private static bool Beside(Part part, AudioPart? sound, Writing writing) => part switch
    {
        ToolCallPart or ReasoningPart or RefusalPart => true,
        AudioPart { Source: InlineSource or FileSource } => (part.Spelling is "audio" || writing.IsAnswer) && ReferenceEquals(part, sound),
        ImagePart => part.Spelling is "images" || (writing.IsAnswer && PartWriter.CanWrite(part)),
        _ => false,
    };

    /// <summary>The part whose signature stands for the message, as in Google's dialect.</summary>
    private static Part? Signed(IReadOnlyList<Part> parts) => parts.FirstOrDefault(p => p is TextPart && p.Signature is not null);

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

        if (m.Parts.OfType<AudioPart>().FirstOrDefault(a => (a.Spelling is "audio" || writing.IsAnswer) && a.Source is InlineSource or FileSource) is { } audio)
        {
            w.WritePropertyName("audio"u8);
            AnswerAudio.Write(w, audio);
        }

        List<ImagePart> images = [.. m.Parts.OfType<ImagePart>().Where(i => i.Spelling is "images" || (writing.IsAnswer && !Writing.Ours(m.Native) && PartWriter.CanWrite(i)))];
        if (images.Count > 0)
        {
            w.WriteStartArray("images"u8);
            images.ForEach(i => PartWriter.Write(w, i, writing, $"{path}.images"));
            w.WriteEndArray();
        }

        if ((writing.IsAnswer || writing.Dialect.GoogleSignatures) && !Writing.Kept(m.Native, "extra_content") && Signed(m.Parts) is { } signed)
        {
            ToolWriter.WriteGoogleSignature(w, signed.Signature!);
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

        if (!writing.IsAnswer && !Writing.Ours(m.Native))
        {
            writing.Losses.Add($"{path}.annotations", LossAction.Dropped, "OpenAI takes no sources back");
            citations.ForEach(c => writing.Losses.AddForeign(c, WireFormat.OpenAIChat, $"{path}.annotations"));
            return;
        }

        citations.ForEach(c => Citations.Report(c, writing.Losses, $"{path}.annotations"));
        if (citations.Exists(Citations.CanWrite))
        {
            WriteCitations(w, citations);
        }
    }

    /// <summary>Writes <c>annotations</c>: the citations that this format can say.</summary>
    public static void WriteCitations(Utf8JsonWriter w, IEnumerable<Citation> citations)
    {
        w.WriteStartArray("annotations"u8);
        foreach (Citation citation in citations.Where(Citations.CanWrite))
        {
            Citations.Write(w, citation);
        }

        w.WriteEndArray();
    }
}
