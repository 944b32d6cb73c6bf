using System.Security.Cryptography;
using System.Text;

namespace Interline.Protocols.Conversation;

/// <summary>
/// Names of tools within what a wire format takes. OpenAI Chat: 1 to 64 letters, digits, <c>_</c> and <c>-</c>; Anthropic: the same to 128; Gemini: 1 to 128 letters, digits, <c>_</c>, <c>.</c>, <c>:</c>
/// and <c>-</c>, the first a letter or <c>_</c>; letters and digits of ASCII. Sources: OpenAI's API description, <c>FunctionObject.name</c>; Anthropic's, <c>Tool.name</c>; Google's, <c>FunctionDeclaration.name</c>.
/// Other formats' names are left alone here.
/// </summary>
public static class ToolNames
{
    private const int HashDigits = 8;

    /// <summary>The name as a format takes it: itself, or else its beginning with <c>_</c> for every character that is not taken, <c>_</c> and 8 digits of its SHA-256.</summary>
    /// <param name="name">The name.</param>
    /// <param name="format">The format being written.</param>
    public static string Fit(string name, WireFormat format)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Fits(name, format))
        {
            return name;
        }

        StringBuilder fitted = new();
        for (int i = 0; i < Math.Min(name.Length, Most(format) - HashDigits - 1); i++)
        {
            fitted.Append(IsTaken(name[i], i, format) ? name[i] : '_');
        }

        return fitted.Append('_').Append(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))), 0, HashDigits).ToString();
    }

    /// <summary>The caller's own names of those tools of a request that <see cref="Fit(string, WireFormat)"/> renames, by their new names.</summary>
    /// <param name="request">The request as the caller sent it.</param>
    /// <param name="format">The format it is written in.</param>
    /// <returns>Null if none is renamed.</returns>
    public static IReadOnlyDictionary<string, string>? Renamed(ConversationRequest request, WireFormat format)
    {
        ArgumentNullException.ThrowIfNull(request);
        Dictionary<string, string>? renamed = null;
        for (int i = 0; i < (request.Native?.Format == format ? 0 : request.Tools?.Count ?? 0); i++)
        {
            if (NameOf(request.Tools![i]) is { } name && !Fits(name, format))
            {
                (renamed ??= new(StringComparer.Ordinal))[Fit(name, format)] = name;
            }
        }

        return renamed;
    }

    /// <summary>A request of another format with all names of tools as <paramref name="format"/> takes them: those offered, chosen, called and answered.</summary>
    internal static ConversationRequest Fit(ConversationRequest request, WireFormat format, LossList losses)
    {
        if (request.Native?.Format == format)
        {
            return request;
        }

        Fitting fitting = new(format, losses);
        return request with
        {
            Tools = request.Tools is { } tools ? Each(tools, "tools", fitting.Tool) : null,
            ToolChoice = request.ToolChoice is { } choice ? fitting.Choice(choice) : null,
            Messages = Each(request.Messages, "messages", fitting.Message),
        };
    }

    /// <summary>The list itself if nothing in it is changed.</summary>
    private static IReadOnlyList<T> Each<T>(IReadOnlyList<T> list, string path, Func<T, string, T> change)
        where T : class
    {
        T[]? changed = null;
        for (int i = 0; i < list.Count; i++)
        {
            T one = change(list[i], $"{path}[{i}]");
            if (!ReferenceEquals(one, list[i]))
            {
                changed ??= [.. list];
                changed[i] = one;
            }
        }

        return changed ?? list;
    }

    private static string? NameOf(Tool tool) => (tool as FunctionTool)?.Name ?? (tool as CustomTool)?.Name;

    /// <summary>An empty name is left as it is: there is nothing to make one of.</summary>
    private static bool Fits(string name, WireFormat format)
    {
        bool fits = name.Length <= Most(format);
        for (int i = 0; i < name.Length && fits; i++)
        {
            fits = IsTaken(name[i], i, format);
        }

        return fits;
    }

    private static bool IsTaken(char c, int at, WireFormat format) => format switch
    {
        WireFormat.OpenAIChat or WireFormat.AnthropicMessages => char.IsAsciiLetterOrDigit(c) || c is '_' or '-',
        WireFormat.Gemini => char.IsAsciiLetter(c) || c is '_' || (at > 0 && (char.IsAsciiDigit(c) || c is '.' or ':' or '-')),
        _ => true,
    };

    private static int Most(WireFormat format) => format switch
    {
        WireFormat.OpenAIChat => 64,
        WireFormat.Gemini or WireFormat.AnthropicMessages => 128,
        _ => int.MaxValue,
    };

    /// <summary>Renames one by one, and reports each.</summary>
    private sealed class Fitting(WireFormat format, LossList losses)
    {
        public Tool Tool(Tool tool, string path) => tool switch
        {
            FunctionTool function when !Fits(function.Name, format) => function with { Name = Told(function.Name, $"{path}.name") },
            CustomTool custom when !Fits(custom.Name, format) => custom with { Name = Told(custom.Name, $"{path}.name") },
            _ => tool,
        };

        public ToolChoice Choice(ToolChoice choice) => choice with
        {
            Name = choice.Name is { } name ? Told(name, "tool_choice.name") : null,
            Allowed = choice.Allowed is { } allowed ? Each(allowed, "tool_choice.allowed_tools", Told) : null,
        };

        public Message Message(Message message, string path)
        {
            IReadOnlyList<Part> parts = Each(message.Parts, $"{path}.content", Part);
            return ReferenceEquals(parts, message.Parts) ? message : message with { Parts = parts };
        }

        private Part Part(Part part, string path) => part switch
        {
            ToolCallPart call when !Fits(call.Name, format) => call with { Name = Told(call.Name, $"{path}.name") },

            // Only to be found with its call, which was reported.
            ToolResultPart { Name: { } name } result when !Fits(name, format) => result with { Name = ToolNames.Fit(name, format) },
            _ => part,
        };

        private string Told(string name, string path)
        {
            string fitted = ToolNames.Fit(name, format);
            if (!ReferenceEquals(fitted, name))
            {
                losses.Add(path, LossAction.Changed, $"the provider takes names of at most {Most(format)} characters, and not all: it is told another, and answers have the caller's");
            }

            return fitted;
        }
    }
}
