using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.Translation;

/// <summary>Documents, each with each format it is written in.</summary>
internal static class Pairs
{
    public static WireFormat[] Formats { get; } = [WireFormat.OpenAIChat, WireFormat.AnthropicMessages, WireFormat.Gemini];

    /// <summary>Rows of document name and target.</summary>
    public static TheoryData<string, WireFormat> Rows(IEnumerable<Document> documents, bool same = true)
    {
        TheoryData<string, WireFormat> rows = [];
        foreach (Document d in documents)
        {
            foreach (WireFormat to in Formats.Where(f => same || f != d.Format))
            {
                rows.Add(d.Name, to);
            }
        }

        return rows;
    }
}
