using System.Globalization;
using Interline.Protocols.Conversation;

namespace Interline.Translation;

/// <summary>
/// Gives ids to tool calls that came without one (Gemini's often do). Done before an answer is written, so that whoever keeps something for a call knows it by the id the client sees.
/// </summary>
/// <param name="callId">Id of the gateway's call, 32 hexadecimal digits.</param>
internal sealed class ToolCallIds(string callId)
{
    private int _given;

    /// <summary>The answer with all its tool calls named.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="callId">Id of the gateway's call.</param>
    public static Answer Give(Answer answer, string callId)
    {
        if (!answer.Choices.Any(c => c.Message.Parts.Any(IsNameless)))
        {
            return answer;
        }

        ToolCallIds ids = new(callId);
        return answer with { Choices = [.. answer.Choices.Select(c => c with { Message = c.Message with { Parts = [.. c.Message.Parts.Select(ids.Give)] } })] };
    }

    /// <summary>The event with its tool call named.</summary>
    /// <param name="e">The event.</param>
    public StreamEvent Give(StreamEvent e) => e is PartStarted started && IsNameless(started.Seed) ? started with { Seed = Give(started.Seed) } : e;

    private static bool IsNameless(Part part) => part is ToolCallPart { Id.Length: 0 };

    /// <summary>OpenAI takes ids of up to 40 characters; 24 digits of the call's are enough to be its own.</summary>
    private Part Give(Part part) => IsNameless(part)
        ? (ToolCallPart)part with { Id = string.Create(CultureInfo.InvariantCulture, $"call_{callId.AsSpan(callId.Length - 24)}_{_given++}") }
        : part;
}
