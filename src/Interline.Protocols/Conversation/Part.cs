namespace Interline.Protocols.Conversation;

/// <summary>Asks the provider to cache the prompt up to and including what carries the mark.</summary>
/// <param name="Ttl">How long, in the words of the formats (<c>5m</c>, <c>1h</c>); null for the provider's default.</param>
public sealed record CacheMark(string? Ttl = null);

/// <summary>A piece of a message. The kinds are the records of this namespace that derive from it; no others are made.</summary>
public abstract record Part
{
    /// <summary>Set if the prompt is to be cached up to here.</summary>
    public CacheMark? Cache { get; init; }

    /// <summary>Opaque proof by the provider that the part is the model's own, to be sent back with it unchanged (Anthropic's on thinking, Gemini's on any part).</summary>
    public string? Signature { get; init; }

    /// <summary>Which of several ways its format has to say this was used (<c>reasoning</c> or <c>reasoning_content</c>); null: the usual one.</summary>
    public string? Spelling { get; init; }

    /// <summary>Fields of the part that the model has no place for.</summary>
    public NativeFields? Native { get; init; }
}

/// <summary>Text.</summary>
/// <param name="Text">The text; may be empty.</param>
public sealed record TextPart(string Text) : Part
{
    /// <summary>Where the text comes from, in its order.</summary>
    public IReadOnlyList<Citation> Citations { get; init; } = [];
}

/// <summary>The model's words when it declines.</summary>
/// <param name="Text">What it said.</param>
public sealed record RefusalPart(string Text) : Part;

/// <summary>The model's reasoning, as text, as a summary, or only as an encrypted block.</summary>
/// <param name="Text">The reasoning itself; empty if it is hidden.</param>
public sealed record ReasoningPart(string Text) : Part
{
    /// <summary>True if <see cref="Text"/> is a summary and not the reasoning itself.</summary>
    public bool IsSummary { get; init; }

    /// <summary>The reasoning as the provider alone can read it (Anthropic's redacted block, OpenAI's encrypted content), base64; null if there is none.</summary>
    public string? Encrypted { get; init; }

    /// <summary>The provider's id of the reasoning item (OpenAI Responses <c>rs_…</c>).</summary>
    public string? Id { get; init; }

    /// <summary>Whose <see cref="Part.Signature"/> or <see cref="Encrypted"/> it is, in OpenRouter's words (<c>anthropic-claude-v1</c>, <c>openai-responses-v1</c>); null: the model's of this conversation.</summary>
    public string? SignedBy { get; init; }
}

/// <summary>The model asks for a tool to be called.</summary>
/// <param name="Id">Links the call with its result. Empty if the format or provider gave none: a writer whose format needs one makes it from its place.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">JSON text exactly as given, even if it is not valid; empty for none. Free text for a custom tool.</param>
public sealed record ToolCallPart(string Id, string Name, string Arguments) : Part
{
    /// <summary>True for a tool that takes free text and not JSON.</summary>
    public bool IsCustom { get; init; }

    /// <summary>The provider's id of the item, where it differs from the id of the call (OpenAI Responses <c>fc_…</c>).</summary>
    public string? ItemId { get; init; }
}

/// <summary>What a tool gave back.</summary>
/// <param name="CallId">The <see cref="ToolCallPart.Id"/> it answers; empty where the format has none (match by name and order).</param>
/// <param name="Parts">The result: text, images, documents.</param>
public sealed record ToolResultPart(string CallId, IReadOnlyList<Part> Parts) : Part
{
    /// <summary>The tool's name, where the format repeats it.</summary>
    public string? Name { get; init; }

    /// <summary>True if the tool failed; null if nothing was said.</summary>
    public bool? IsError { get; init; }

    /// <summary>True if the result was given as a list of parts though a plain text would do.</summary>
    public bool AsParts { get; init; }
}

/// <summary>What exactly one wire format has (tools run by the provider and their results, guard content, item references): kept and written back there, lost elsewhere.</summary>
/// <param name="Format">Whose it is.</param>
/// <param name="Type">The format's word for it, such as <c>server_tool_use</c>.</param>
/// <param name="Json">The whole part.</param>
public sealed record OpaquePart(WireFormat Format, string Type, RawJson Json) : Part;
