using System.Text.Json;

namespace Interline.Demo;

/// <summary>Chat and text completions of the demo provider.</summary>
internal static class DemoChat
{
    private const long Created = 1767225600;
    private const int MaxShown = 2000;
    private const string Introduction = "This is Interline's built-in demo model: it answers by rule and is no language model. ";

    public static DemoAnswer Answer(JsonElement request)
    {
        if (!request.TryGetProperty("messages", out JsonElement messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            return DemoAnswer.Refuse("`messages` must be an array with at least one message.");
        }

        JsonElement last = messages[messages.GetArrayLength() - 1];
        string said = Shown(Text(last));
        JsonElement? tool = DemoTools.Choose(request, last, said);
        string text = Role(last) == "tool" ? $"{Introduction}The tool said: {said}" : $"{Introduction}You said: {said}";
        long input = Tokens(messages.GetRawText());
        long output = tool is { } called ? Tokens(called.GetRawText()) : Tokens(text);
        return Streams(request)
            ? DemoAnswer.Stream(Events(tool, text, input, output, WantsUsage(request)))
            : DemoAnswer.Json(json => Plain(json, tool, text, input, output));
    }

    public static DemoAnswer Completion(JsonElement request)
    {
        string prompt = request.TryGetProperty("prompt", out JsonElement given) && given.ValueKind == JsonValueKind.String ? Shown(given.GetString()!) : "";
        string text = $"{Introduction}You began: {prompt}";
        void Head(Utf8JsonWriter json, string content, string? finish)
        {
            json.WriteString("id", "cmpl-demo");
            json.WriteString("object", "text_completion");
            json.WriteNumber("created", Created);
            json.WriteString("model", DemoProvider.Model);
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WriteString("text", content);
            json.WriteNull("logprobs");
            json.WriteString("finish_reason", finish);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        if (!Streams(request))
        {
            return DemoAnswer.Json(json =>
            {
                Head(json, text, "stop");
                Usage(json, Tokens(prompt), Tokens(text));
            });
        }

        IEnumerable<Action<Utf8JsonWriter>> events = Words(text).Select<string, Action<Utf8JsonWriter>>(word => json => Head(json, word, null));
        return DemoAnswer.Stream(events.Append(json => Head(json, "", "stop")));
    }

    private static void Plain(Utf8JsonWriter json, JsonElement? tool, string text, long input, long output)
    {
        Head(json, "chat.completion");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        if (tool is { } called)
        {
            json.WriteNull("content");
            DemoTools.Write(json, called, index: null);
        }
        else
        {
            json.WriteString("content", text);
        }

        json.WriteNull("refusal");
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", tool is null ? "stop" : "tool_calls");
        json.WriteEndObject();
        json.WriteEndArray();
        Usage(json, input, output);
        json.WriteString("system_fingerprint", "interline-demo");
    }

    private static IEnumerable<Action<Utf8JsonWriter>> Events(JsonElement? tool, string text, long input, long output, bool usage)
    {
        yield return json => Chunk(json, null, delta =>
        {
            delta.WriteString("role", "assistant");
            if (tool is null)
            {
                delta.WriteString("content", "");
            }
            else
            {
                delta.WriteNull("content");
            }
        });
        if (tool is { } called)
        {
            yield return json => Chunk(json, null, delta => DemoTools.Write(delta, called, index: 0));
        }
        else
        {
            foreach (string word in Words(text))
            {
                yield return json => Chunk(json, null, delta => delta.WriteString("content", word));
            }
        }

        yield return json => Chunk(json, tool is null ? "stop" : "tool_calls", _ => { });
        if (usage)
        {
            yield return json =>
            {
                Head(json, "chat.completion.chunk");
                json.WriteStartArray("choices");
                json.WriteEndArray();
                Usage(json, input, output);
            };
        }
    }

    private static void Chunk(Utf8JsonWriter json, string? finish, Action<Utf8JsonWriter> delta)
    {
        Head(json, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        delta(json);
        json.WriteEndObject();
        json.WriteString("finish_reason", finish);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void Head(Utf8JsonWriter json, string kind)
    {
        json.WriteString("id", "chatcmpl-demo");
        json.WriteString("object", kind);
        json.WriteNumber("created", Created);
        json.WriteString("model", DemoProvider.Model);
    }

    private static void Usage(Utf8JsonWriter json, long input, long output)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", input);
        json.WriteNumber("completion_tokens", output);
        json.WriteNumber("total_tokens", input + output);
        json.WriteEndObject();
    }

    private static bool Streams(JsonElement request) => request.TryGetProperty("stream", out JsonElement stream) && stream.ValueKind == JsonValueKind.True;

    private static bool WantsUsage(JsonElement request) =>
        request.TryGetProperty("stream_options", out JsonElement options) && options.ValueKind == JsonValueKind.Object
        && options.TryGetProperty("include_usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.True;

    private static string Role(JsonElement message) =>
        message.TryGetProperty("role", out JsonElement role) && role.ValueKind == JsonValueKind.String ? role.GetString()! : "";

    private static string Text(JsonElement message)
    {
        if (!message.TryGetProperty("content", out JsonElement content))
        {
            return "";
        }

        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Join(' ', content.EnumerateArray().Select(x =>
                x.ValueKind == JsonValueKind.Object && x.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : "[attachment]")),
            _ => "",
        };
    }

    /// <summary>As much of a text as is repeated: an echo of megabytes helps nobody.</summary>
    private static string Shown(string text) => text.Length > MaxShown ? text[..MaxShown] + "…" : text;

    private static IEnumerable<string> Words(string text)
    {
        string[] words = text.Split(' ');
        return words.Select((word, i) => i < words.Length - 1 ? word + " " : word);
    }

    /// <summary>Four characters a token, as a stand-in that adds up; a demo bills nothing.</summary>
    internal static long Tokens(string text) => (text.Length + 3) / 4;
}
