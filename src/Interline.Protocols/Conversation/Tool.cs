namespace Interline.Protocols.Conversation;

/// <summary>A tool offered to the model. The kinds are the records of this file.</summary>
public abstract record Tool
{
    /// <summary>Set if the prompt is to be cached up to here.</summary>
    public CacheMark? Cache { get; init; }

    /// <summary>Which of several ways its format has to say this was used; null: the usual one.</summary>
    public string? Spelling { get; init; }

    /// <summary>Fields of the tool that the model has no place for.</summary>
    public NativeFields? Native { get; init; }

    /// <summary>Fields of the tool's inner object, where the format wraps it (<c>function</c> in chat).</summary>
    public NativeFields? InnerNative { get; init; }
}

/// <summary>A function with arguments in JSON.</summary>
/// <param name="Name">Its name.</param>
public sealed record FunctionTool(string Name) : Tool
{
    /// <summary>What it does, for the model.</summary>
    public string? Description { get; init; }

    /// <summary>JSON schema of the arguments; null if it takes none.</summary>
    public RawJson? Parameters { get; init; }

    /// <summary>Whether arguments must follow the schema to the letter; null for the format's default.</summary>
    public bool? Strict { get; init; }
}

/// <summary>A tool that takes free text, perhaps of a grammar.</summary>
/// <param name="Name">Its name.</param>
public sealed record CustomTool(string Name) : Tool
{
    /// <summary>What it does, for the model.</summary>
    public string? Description { get; init; }

    /// <summary>The text's form, OpenAI's object (<c>{"type":"grammar",…}</c>).</summary>
    public RawJson? Form { get; init; }
}

/// <summary>A tool that exactly one wire format has, run by the provider.</summary>
/// <param name="Format">Whose it is.</param>
/// <param name="Type">The format's word for it, such as <c>web_search_20250305</c>.</param>
/// <param name="Json">The whole tool.</param>
public sealed record OpaqueTool(WireFormat Format, string Type, RawJson Json) : Tool;

/// <summary>Whether the model may or must call tools.</summary>
public enum ToolChoiceMode
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>No tool may be called.</summary>
    None,

    /// <summary>Some tool must be called.</summary>
    Required,

    /// <summary>The tool <see cref="ToolChoice.Name"/> must be called.</summary>
    Named,

    /// <summary>What exactly one wire format has: <see cref="ToolChoice.Json"/>.</summary>
    Opaque,
}

/// <summary>How tools are to be chosen.</summary>
/// <param name="Mode">Whether the model may or must call tools.</param>
public sealed record ToolChoice(ToolChoiceMode Mode)
{
    /// <summary>The one tool, for <see cref="ToolChoiceMode.Named"/>.</summary>
    public string? Name { get; init; }

    /// <summary>True if <see cref="Name"/> is a custom tool.</summary>
    public bool IsCustom { get; init; }

    /// <summary>The tools the choice is limited to, for <see cref="ToolChoiceMode.Auto"/> and <see cref="ToolChoiceMode.Required"/>; null for all.</summary>
    public IReadOnlyList<string>? Allowed { get; init; }

    /// <summary>Which of several ways its format has to say this was used (<c>any</c> for required); null: the usual one.</summary>
    public string? Spelling { get; init; }

    /// <summary>Whose <see cref="Json"/> it is.</summary>
    public WireFormat? Format { get; init; }

    /// <summary>The whole choice, for <see cref="ToolChoiceMode.Opaque"/>.</summary>
    public RawJson Json { get; init; }
}
