using System.Text;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>Makes random chat requests, as JSON text: every form the format has, in random order and spelling.</summary>
internal static class RandomRequest
{
    private static readonly string[] Texts = ["", "a", "héllo \\\"q\\\"", "\\u00e9\\ud83d\\ude00", "line\\nline", "<b>&'</b>", "日本語"];
    private static readonly string[] Numbers = ["0", "1", "0.70", "1e-3", "-2", "12345678901234567890", "1.000"];

    public static byte[] Make(Random r)
    {
        List<string> fields = ["\"model\":\"m\"", $"\"messages\":[{string.Join(',', Many(r, 1, 6, Message))}]"];
        Maybe(r, fields, () => $"\"tools\":[{string.Join(',', Many(r, 0, 3, Tool))}]");
        Maybe(r, fields, () => "\"tool_choice\":" + Pick(r, "\"auto\"", "\"none\"", "\"required\"", "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "{\"type\":\"x\"}"));
        foreach (string name in (string[])["temperature", "top_p", "top_k", "seed", "n", "frequency_penalty", "presence_penalty", "max_completion_tokens", "max_tokens", "top_logprobs"])
        {
            Maybe(r, fields, () => $"\"{name}\":{Pick(r, Numbers)}");
        }

        Maybe(r, fields, () => "\"stop\":" + Pick(r, "\"x\"", "[\"x\"]", "[]", "null"));
        Maybe(r, fields, () => "\"response_format\":" + Pick(r, "{\"type\":\"text\"}", "{\"type\":\"json_object\"}", "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"a\":1.0}}}"));
        Maybe(r, fields, () => "\"reasoning_effort\":\"low\"");
        Maybe(r, fields, () => "\"reasoning\":{\"effort\":\"high\"}");
        Maybe(r, fields, () => "\"stream\":true");
        Maybe(r, fields, () => "\"stream_options\":{\"include_usage\":false}");
        Maybe(r, fields, () => "\"x_new\":" + Pick(r, Numbers));
        return Encoding.UTF8.GetBytes(Object(r, fields));
    }

    private static string Message(Random r) => r.Next(5) switch
    {
        0 => Object(r, ["\"role\":" + Pick(r, "\"system\"", "\"developer\""), Content(r)]),
        1 => Object(r, ["\"role\":\"tool\"", "\"tool_call_id\":\"a\"", Content(r)]),
        2 => Assistant(r),
        _ => Object(r, ["\"role\":\"user\"", $"\"content\":[{string.Join(',', Many(r, 0, 4, Part))}]"]),
    };

    private static string Assistant(Random r)
    {
        List<string> fields = ["\"role\":\"assistant\""];
        Maybe(r, fields, () => Content(r));
        Maybe(r, fields, () => "\"refusal\":" + Pick(r, "null", "\"no\"", "\"\""));
        Maybe(r, fields, () => $"\"reasoning_content\":\"{Pick(r, Texts)}\"");
        Maybe(r, fields, () => $"\"reasoning\":\"{Pick(r, Texts)}\"");
        Maybe(r, fields, () => $"\"reasoning_details\":[{string.Join(',', Many(r, 0, 3, Detail))}]");
        Maybe(r, fields, () => $"\"tool_calls\":[{string.Join(',', Many(r, 0, 3, Call))}]");
        Maybe(r, fields, () => "\"x_new\":null");
        return Object(r, fields);
    }

    private static string Detail(Random r) => r.Next(3) switch
    {
        0 => Object(r, ["\"type\":\"reasoning.text\"", $"\"text\":\"{Pick(r, Texts)}\"", "\"signature\":\"s\"", "\"index\":0"]),
        1 => Object(r, ["\"type\":\"reasoning.summary\"", $"\"summary\":\"{Pick(r, Texts)}\"", "\"id\":null"]),
        _ => Object(r, ["\"type\":\"reasoning.encrypted\"", "\"data\":\"d\""]),
    };

    private static string Call(Random r) => Object(r, ["\"id\":\"a\"", "\"type\":\"function\"", "\"function\":" + Object(r, ["\"name\":\"f\"", $"\"arguments\":\"{Pick(r, Texts)}\""])]);

    private static string Content(Random r) => "\"content\":" + (r.Next(3) == 0 ? $"[{string.Join(',', Many(r, 0, 3, TextPart))}]" : $"\"{Pick(r, Texts)}\"");

    private static string TextPart(Random r) => Object(r, ["\"type\":\"text\"", $"\"text\":\"{Pick(r, Texts)}\"", .. r.Next(3) == 0 ? ["\"cache_control\":{\"type\":\"ephemeral\"}"] : (string[])[]]);

    private static string Part(Random r) => r.Next(5) switch
    {
        0 => Object(r, ["\"type\":\"image_url\"", "\"image_url\":" + Object(r, [$"\"url\":\"{Pick(r, "https://x/é", "data:image/png;base64,AAAA", "data:;base64,", "data:,x")}\"", "\"detail\":\"low\""])]),
        1 => Object(r, ["\"type\":\"input_audio\"", "\"input_audio\":{\"data\":\"AAAA\",\"format\":\"" + Pick(r, "wav", "mp3", "mpeg", "flac") + "\"}"]),
        2 => Object(r, ["\"type\":\"file\"", "\"file\":" + Pick(r, "{\"file_id\":\"f\"}", "{\"file_data\":\"AAAA\",\"filename\":\"n\"}", "{\"file_data\":\"https://x\"}", "{\"file_data\":\"\",\"file_id\":\"f\"}")]),
        3 => Object(r, ["\"type\":\"x\"", "\"x\":" + Pick(r, Numbers)]),
        _ => TextPart(r),
    };

    private static string Tool(Random r) => Object(r, ["\"type\":\"function\"", "\"function\":" + Object(r, ["\"name\":\"f\"", "\"description\":\"" + Pick(r, Texts) + "\"", "\"parameters\":{ \"type\" : \"object\" }"])]);

    private static string Object(Random r, IEnumerable<string> fields) => "{" + string.Join(r.Next(2) == 0 ? "," : " ,\n", fields.OrderBy(_ => r.Next())) + "}";

    private static string Pick(Random r, params string[] of) => of[r.Next(of.Length)];

    private static List<string> Many(Random r, int least, int most, Func<Random, string> make) => Enumerable.Range(0, r.Next(least, most + 1)).Select(_ => make(r)).ToList();

    private static void Maybe(Random r, List<string> fields, Func<string> field)
    {
        if (r.Next(3) == 0)
        {
            fields.Add(field());
        }
    }
}
