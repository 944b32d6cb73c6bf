using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>The <c>citations</c> of a text block. Source: Anthropic's API description, <c>ResponseTextBlock</c>.</summary>
internal static class Citations
{
    /// <summary>Reads the array at the cursor. What it says beyond address, title and words is named in the block's native fields, for formats that cannot say it.</summary>
    public static List<Citation> Read(ref JsonCursor json, NativeFields native)
    {
        List<Citation> citations = [];
        Whole whole = new(json);
        List<string> unread = [];
        json.EnterArray();
        while (json.NextElement())
        {
            citations.Add(ReadOne(ref json, unread));
            unread.ForEach(name => whole.Note($"[{citations.Count - 1}].{name}"));
            unread.Clear();
        }

        if (citations.Count == 0)
        {
            whole.Keep();
        }

        whole.End(json, native, "citations");
        return citations;
    }

    /// <summary>Reads one citation.</summary>
    /// <param name="json">At it.</param>
    /// <param name="unread">Gets the names of the fields that the model has no place for.</param>
    public static Citation ReadOne(ref JsonCursor json, List<string> unread)
    {
        int start = json.Position;
        string? type = json.Peek("type"u8);
        Citation citation = new() { Format = WireFormat.AnthropicMessages };
        json.EnterObject("a citation");
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    json.Skip();
                    break;
                case "url" when json.Type == JsonTokenType.String:
                case "source" when json.Type == JsonTokenType.String && type is "search_result_location":
                    citation = citation with { Url = json.Text() };
                    break;
                case "title" or "document_title" when json.Type == JsonTokenType.String:
                    citation = citation with { Title = json.Text() };
                    break;
                case "cited_text" when json.Type == JsonTokenType.String:
                    citation = citation with { CitedText = json.Text() };
                    break;
                default:
                    if (!json.IsNull)
                    {
                        unread.Add(json.NameText);
                    }

                    json.Skip();
                    break;
            }
        }

        return citation with { Json = json.Since(start) };
    }

    /// <summary>Writes one citation; one of another format as a page of the web, which is what other formats cite.</summary>
    public static void Write(Utf8JsonWriter w, Citation c)
    {
        if (c.Format == WireFormat.AnthropicMessages)
        {
            c.Json.WriteTo(w);
            return;
        }

        w.WriteStartObject();
        w.WriteString("type"u8, "web_search_result_location"u8);
        w.WriteString("url"u8, c.Url);
        w.WriteString("title"u8, c.Title);
        w.WriteString("cited_text"u8, c.CitedText ?? "");
        w.WriteString("encrypted_index"u8, ""u8);
        w.WriteEndObject();
    }
}
