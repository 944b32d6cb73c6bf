namespace Interline.Protocols.Conversation;

/// <summary>Who speaks.</summary>
public enum Role
{
    /// <summary>Instructions of the platform.</summary>
    System,

    /// <summary>Instructions of the application's developer, OpenAI's newer word for them.</summary>
    Developer,

    /// <summary>The person, or the program, that asks.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>A tool that was called. Formats without this role put the results into a user message.</summary>
    Tool,
}

/// <summary>One message.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Parts">What is said, in order; a tool's message holds <see cref="ToolResultPart"/>s.</param>
public sealed record Message(Role Role, IReadOnlyList<Part> Parts)
{
    /// <summary>The speaker's name, where several share a role.</summary>
    public string? Name { get; init; }

    /// <summary>The provider's id of the message.</summary>
    public string? Id { get; init; }

    /// <summary>True if a list of parts was given though a plain text would do; formats with both spellings write it back so.</summary>
    public bool AsParts { get; init; }

    /// <summary>Set if the message as a whole carries a cache mark, and not one of its parts.</summary>
    public CacheMark? Cache { get; init; }

    /// <summary>Which of several ways its format has to say this was used (role <c>function</c>); null: the usual one.</summary>
    public string? Spelling { get; init; }

    /// <summary>Fields of the message that the model has no place for.</summary>
    public NativeFields? Native { get; init; }
}
