using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>The <c>citations</c> of a text block. Source: Anthropic's API description, <c>ResponseTextBlock</c>.</summary>
internal static class Citations
{
    /// <summary>Reads the array at the cursor; an empty one is kept as a field for its spelling.</summary>
    public static List<Citation> Read(ref JsonCursor json, NativeFields native)
    {
        List<Citation> citations = [];
        Whole whole = new(json);
        json.EnterArray();
        while (json.NextElement())
        {
            citations.Add(ReadOne(ref json));
        }

        if (citations.Count == 0)
        {
            whole.Keep();
            whole.End(json, native, "citations");
        }

        return citations;
    }

    /// <summary>Reads one citation.</summary>
    public static Citation ReadOne(ref JsonCursor json)
    {
        int start = json.Position;
        bool isResult = json.PeekIs("type"u8, "search_result_location"u8);
        List<string> unread = [];
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
                case "source" when json.Type == JsonTokenType.String && isResult:
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

        return citation with { Json = json.Since(start), Unread = unread };
    }

    /// <summary>Reports what a citation of another format says and is not written.</summary>
    public static void Report(Citation c, Writing writing, string path)
    {
        writing.Losses.AddForeign(c, WireFormat.AnthropicMessages, path);
        if (c.Format != WireFormat.AnthropicMessages && (c.Start ?? c.End) is not null)
        {
            writing.Change(path, "a citation of Anthropic's does not say where in the text it stands");
        }
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
