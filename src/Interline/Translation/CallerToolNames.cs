using Interline.Protocols;
using Interline.Protocols.Conversation;

namespace Interline.Translation;

/// <summary>Gives calls of tools that had to be renamed for the provider the caller's own names again.</summary>
internal sealed class CallerToolNames
{
    private readonly IReadOnlyDictionary<string, string> _names;

    private CallerToolNames(IReadOnlyDictionary<string, string> names) => _names = names;

    /// <summary>The names of a request's tools; null if none is renamed.</summary>
    /// <param name="request">The request as the caller sent it.</param>
    /// <param name="format">Format of the provider.</param>
    public static CallerToolNames? Of(ConversationRequest request, WireFormat format) =>
        ToolNames.Renamed(request, format) is { } names ? new CallerToolNames(names) : null;

    /// <summary>The answer with the caller's names.</summary>
    /// <param name="answer">The answer.</param>
    public Answer Give(Answer answer) =>
        answer with { Choices = [.. answer.Choices.Select(c => c with { Message = c.Message with { Parts = [.. c.Message.Parts.Select(Give)] } })] };

    /// <summary>The event with the caller's name: a call has its name where it starts.</summary>
    /// <param name="e">The event.</param>
    public StreamEvent Give(StreamEvent e) => e is PartStarted { Seed: ToolCallPart call } started ? started with { Seed = Give(call) } : e;

    private Part Give(Part part) => part is ToolCallPart call && _names.TryGetValue(call.Name, out string? name) ? call with { Name = name } : part;
}
