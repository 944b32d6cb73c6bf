using Interline.Protocols.Anthropic;
using Interline.Protocols.Conversation;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;

namespace Interline.Translation;

/// <summary>The wire formats that conversations can be translated into, by their names in the catalogue.</summary>
public static class Formats
{
    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, ConversationFormat> All { get; } = new Dictionary<string, ConversationFormat>(StringComparer.Ordinal)
    {
        ["openai"] = ChatFormat.Instance,
        ["anthropic"] = MessagesFormat.Instance,
        ["gemini"] = GeminiFormat.Instance,
    };

    /// <summary>The format a provider is called in; null if there is no room for it.</summary>
    /// <param name="wire">Wire format as in the catalogue.</param>
    public static ConversationFormat? Of(string wire) => All.GetValueOrDefault(wire);
}
