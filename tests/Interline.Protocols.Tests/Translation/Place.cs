using System.Text.Json;
using System.Text.RegularExpressions;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.Translation;

/// <summary>
/// Where something stands in a document, in the words that losses use: those of OpenAI's chat, for messages and answers, and the source's own for the rest.
/// An index may be <c>*</c>: which part of a message a tool call or an annotation is, depends on what stands before.
/// </summary>
internal static partial class Place
{
    /// <summary>All ways a loss may name the place.</summary>
    /// <param name="d">The document.</param>
    /// <param name="piece">Which of its pieces.</param>
    /// <param name="path">In that piece, such as <c>messages[0].content[1]</c>.</param>
    public static IEnumerable<string> Names(Document d, int piece, string path) => d.Format switch
    {
        WireFormat.AnthropicMessages => d.Kind switch
        {
            DocumentKind.Request => OfBlock(path),
            DocumentKind.Answer => [path, .. OfBlock("choices[0].message." + path)],
            _ => OfEvent(d.Pieces[piece], path),
        },
        WireFormat.Gemini => OfGemini(path),
        _ => OfChat(path),
    };

    /// <summary>True if a loss of <paramref name="field"/> is one of all that stands at <paramref name="path"/>: the same place or one above.</summary>
    public static bool Holds(string field, string path)
    {
        string[] above = Steps(field), at = Steps(path);
        if (above.Length > at.Length)
        {
            return false;
        }

        int i = 0;
        foreach (string step in above)
        {
            // Which of a list's elements it is, not all losses say.
            i += i < at.Length && at[i][0] == '[' && step[0] != '[' ? 1 : 0;
            if (i == at.Length || (step != at[i] && !(at[i] == "[*]" && step[0] == '[')))
            {
                return false;
            }

            i++;
        }

        return true;
    }

    private static string[] Steps(string path) => [.. Step().Matches(path).Select(m => m.Value)];

    private static IEnumerable<string> OfChat(string path)
    {
        yield return path;
        yield return path.Replace("function_call", "tool_choice", StringComparison.Ordinal);
        string whole = path.Replace(".delta", ".message", StringComparison.Ordinal);
        yield return whole;
        yield return InMessage().Replace(whole, "${at}.content[*]");
        yield return InMessage().Replace(whole, "${at}.content[*].citations");
        yield return Result().Replace(whole, "${at}.content[0].content[${n}]");
        yield return Reasoning().Replace(whole, "${at}.reasoning");
        yield return Reasoning().Replace(whole, "${at}.content[*].reasoning");
        yield return FunctionCall().Replace(whole, "${at}.content[*]");
    }

    private static IEnumerable<string> OfBlock(string path)
    {
        yield return path;
        yield return Thinking().Replace(path, "reasoning");
        yield return Block().Replace(path, "${at}.tool_calls[*]");
        yield return Block().Replace(path, "${at}.reasoning");
        yield return Block().Replace(path, "${at}.content[${n}].reasoning");
        yield return Cited().Replace(path, "${at}.annotations");
    }

    private static IEnumerable<string> OfGemini(string path)
    {
        yield return path;
        string hub = path.Replace("candidates[", "choices[", StringComparison.Ordinal).Replace(".content.parts[", ".message.content[", StringComparison.Ordinal)
            .Replace("contents[", "messages[", StringComparison.Ordinal).Replace(".parts[", ".content[", StringComparison.Ordinal).Replace("systemInstruction.content[", "system[", StringComparison.Ordinal);
        yield return hub;
        yield return Thinking().Replace(path, "reasoning");
        yield return Turn().Replace(path, "messages${at}.content");
        yield return InStream().Replace(hub, "${at}[*]");
        yield return Declarations().Replace(hub, "tools[*]");
        yield return Sources().Replace(hub, "${at}.message.annotations");
        yield return Sources().Replace(hub, "${at}.message.content[*].citations");
        yield return hub.Replace("logprobsResult", "logprobs", StringComparison.Ordinal);
        yield return Block().Replace(hub, "${at}.content[${n}].reasoning");
        yield return Block().Replace(hub, "${at}.reasoning");
        yield return Tool().Replace(hub, "tools[*]");
        yield return Response().Replace(hub, "${at}.content[*]");
    }

    private static IEnumerable<string> OfEvent(string data, string path)
    {
        yield return path;
        if (data is "[DONE]")
        {
            yield break;
        }

        using JsonDocument document = JsonDocument.Parse(data);
        string type = document.RootElement.TryGetProperty("type", out JsonElement t) ? t.GetString()! : "";
        string said = path.Length == 0 ? type : $"{type}.{path}";
        yield return said;
        yield return "choices[0].message." + said;
        if (path.StartsWith("message.content[", StringComparison.Ordinal))
        {
            yield return "choices[0]." + path;
        }

        if (path.StartsWith("message.", StringComparison.Ordinal) || path.StartsWith("delta.", StringComparison.Ordinal))
        {
            yield return path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..];
        }

        if (document.RootElement.TryGetProperty("index", out JsonElement index))
        {
            string inBlock = path.Replace("content_block", "", StringComparison.Ordinal).Replace("delta", "", StringComparison.Ordinal);
            foreach (string name in OfBlock($"choices[0].message.content[{index.GetInt32()}]{(inBlock is ['.' or '[', ..] or "" ? "" : ".")}{inBlock}"))
            {
                yield return name;
            }

            yield return "choices[0].message.content[*]";
            yield return path is "delta.citation" ? "choices[0].message.annotations" : path;
        }
    }

    [GeneratedRegex(@"[^.\[\]]+|\[[^\]]*\]", RegexOptions.None, 1000)]
    private static partial Regex Step();

    [GeneratedRegex(@"^(?<at>(?:messages|choices)\[\d+\](?:\.message)?)\.(?:tool_calls|annotations|images|reasoning_details|thinking_blocks|content)\[\d+\]", RegexOptions.None, 1000)]
    private static partial Regex InMessage();

    [GeneratedRegex(@"^(?<at>(?:messages|choices)\[\d+\](?:\.message)?)\.(?:reasoning_details|thinking_blocks|content)\[\d+\]", RegexOptions.None, 1000)]
    private static partial Regex Reasoning();

    [GeneratedRegex(@"^(?<at>(?:messages|choices)\[\d+\](?:\.message)?)\.(?:function_call|audio|refusal)", RegexOptions.None, 1000)]
    private static partial Regex FunctionCall();

    [GeneratedRegex(@"^(?<at>choices\[\d+\]\.message\.content)\[\d+\]", RegexOptions.None, 1000)]
    private static partial Regex InStream();

    [GeneratedRegex(@"^tools\[\d+\]\.functionDeclarations\[\d+\]", RegexOptions.None, 1000)]
    private static partial Regex Declarations();

    [GeneratedRegex(@"^(?<at>messages\[\d+\])\.content\[(?<n>\d+)\]", RegexOptions.None, 1000)]
    private static partial Regex Result();

    [GeneratedRegex(@"^(?<at>messages\[\d+\]|choices\[0\]\.message)\.content\[(?<n>\d+)\]", RegexOptions.None, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(?<at>messages\[\d+\]|choices\[0\]\.message)\.content\[\d+\]\.citations", RegexOptions.None, 1000)]
    private static partial Regex Cited();

    [GeneratedRegex(@"^(?<at>messages\[\d+\])\.content\[\d+\]\.function_?[rR]esponse\.(?:parts|content)\[\d+\]", RegexOptions.None, 1000)]
    private static partial Regex Response();

    [GeneratedRegex(@"^(?:thinking|generationConfig\.thinkingConfig)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Thinking();

    [GeneratedRegex(@"^contents(?<at>\[\d+\])\.parts", RegexOptions.None, 1000)]
    private static partial Regex Turn();

    [GeneratedRegex(@"^tools\[\d+\]", RegexOptions.None, 1000)]
    private static partial Regex Tool();

    [GeneratedRegex(@"^(?<at>choices\[\d+\])\.(?:groundingMetadata|citationMetadata)\.\w+\[\d+\]", RegexOptions.None, 1000)]
    private static partial Regex Sources();
}
