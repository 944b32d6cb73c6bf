using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.OpenAIChat;

/// <summary>An <c>error</c> inside an answer or a stream that began well (OpenRouter, Groq, OpenAI itself).</summary>
internal static class StreamError
{
    /// <summary>Reads the value of the <c>error</c> field: an object or a text.</summary>
    public static ApiError Read(ref JsonCursor json) => ErrorBody.Read(0, Encoding.UTF8.GetBytes($"{{\"error\":{json.Raw()}}}")).Error;
}
