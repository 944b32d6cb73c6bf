using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>The <c>logprobs</c> of a chunk.</summary>
internal static class Logprobs
{
    /// <summary>Takes the object at the cursor; false if it holds only nulls (Snowflake sends such with every chunk).</summary>
    public static bool Any(ref JsonCursor json, out RawJson raw)
    {
        int start = json.Position;
        bool any = false;
        json.EnterObject();
        while (json.NextField())
        {
            any |= json.Type != JsonTokenType.Null;
            json.Skip();
        }

        raw = json.Since(start);
        return any;
    }
}
