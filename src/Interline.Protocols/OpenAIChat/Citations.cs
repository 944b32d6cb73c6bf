using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>The <c>annotations</c> of an answer: web pages and files that its text comes from.</summary>
internal static class Citations
{
    /// <summary>Reads an array of annotations; elements that are no objects end it.</summary>
    public static List<Citation> Read(RawJson annotations)
    {
        List<Citation> citations = [];
        JsonCursor json = new(annotations.Utf8);
        json.Start();
        json.EnterArray();
        while (json.NextElement())
        {
            citations.Add(ReadOne(ref json));
        }

        return citations;
    }

    private static Citation ReadOne(ref JsonCursor json)
    {
        int start = json.Position;
        Citation citation = new() { Format = WireFormat.OpenAIChat };
        List<string>? unread = null;
        json.EnterObject("an annotation");
        while (json.NextField())
        {
            if (json.Name is "url_citation" && json.Type == JsonTokenType.StartObject)
            {
                citation = ReadUrl(ref json, citation, ref unread);
            }
            else if (json.Name is "type" && json.Is("url_citation"))
            {
                json.Skip();
            }
            else
            {
                json.Pass(ref unread);
            }
        }

        return citation with { Json = json.Since(start), Unread = unread ?? (IReadOnlyList<string>)[] };
    }

    private static Citation ReadUrl(ref JsonCursor json, Citation citation, ref List<string>? unread)
    {
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "url" when json.Type is JsonTokenType.String:
                    citation = citation with { Url = json.Text() };
                    break;
                case "title" when json.Type is JsonTokenType.String:
                    citation = citation with { Title = json.Text() };
                    break;
                case "start_index" when json.Type is JsonTokenType.Number:
                    citation = citation with { Start = (int)Math.Clamp(json.Number().Whole, 0, int.MaxValue) };
                    break;
                case "end_index" when json.Type is JsonTokenType.Number:
                    citation = citation with { End = (int)Math.Clamp(json.Number().Whole, 0, int.MaxValue) };
                    break;
                case "type" when json.Is("url_citation"):
                    json.Skip();
                    break;
                default:
                    json.Pass(ref unread, "url_citation.");
                    break;
            }
        }

        return citation;
    }

    /// <summary>True if this format can say the citation: its own, or one with a web address.</summary>
    public static bool CanWrite(Citation c) => c.Format == WireFormat.OpenAIChat || c.Url is not null;

    /// <summary>Writes one annotation that <see cref="CanWrite"/>.</summary>
    public static void Write(Utf8JsonWriter w, Citation c)
    {
        if (c.Format == WireFormat.OpenAIChat)
        {
            c.Json.WriteTo(w);
            return;
        }

        w.WriteStartObject();
        w.WriteString("type"u8, "url_citation"u8);
        w.WriteStartObject("url_citation"u8);
        w.WriteNumber("start_index"u8, c.Start ?? 0);
        w.WriteNumber("end_index"u8, c.End ?? 0);
        w.WriteString("url"u8, c.Url);
        w.WriteString("title"u8, c.Title ?? "");
        w.WriteEndObject();
        w.WriteEndObject();
    }

    /// <summary>Reports what of a citation is not written.</summary>
    public static void Report(Citation c, LossList losses, string path)
    {
        if (!CanWrite(c))
        {
            losses.Add(path, LossAction.Dropped, "an annotation needs a web address");
        }
        else if (c.CitedText is not null && c.Format != WireFormat.OpenAIChat)
        {
            losses.Add($"{path}.cited_text", LossAction.Dropped, "an annotation does not quote its source");
        }

        losses.AddForeign(c, WireFormat.OpenAIChat, path);
    }
}
