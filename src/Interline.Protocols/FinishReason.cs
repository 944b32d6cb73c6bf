namespace Interline.Protocols;

/// <summary>Why an answer ended, in the words all wire formats share. The provider's own word is kept beside it wherever an answer is held.</summary>
public enum FinishReason
{
    /// <summary>The provider did not say.</summary>
    Unknown,

    /// <summary>The model was done, or met a stop sequence.</summary>
    Stop,

    /// <summary>The output limit or the context window was reached.</summary>
    Length,

    /// <summary>The model asks for tools to be called.</summary>
    ToolCalls,

    /// <summary>A filter or the model's own refusal ended the answer.</summary>
    ContentFilter,

    /// <summary>The provider failed in the middle of the answer.</summary>
    Error,
}
