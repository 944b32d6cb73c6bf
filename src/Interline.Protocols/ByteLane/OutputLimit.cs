namespace Interline.Protocols.ByteLane;

/// <summary>By which names a wire format limits the tokens of an answer.</summary>
public enum OutputLimit
{
    /// <summary><c>max_tokens</c>.</summary>
    Tokens,

    /// <summary><c>max_tokens</c> or <c>max_completion_tokens</c>.</summary>
    Chat,

    /// <summary><c>max_output_tokens</c>.</summary>
    Responses,
}
