namespace Interline.Protocols.Conversation;

/// <summary>The wire formats of conversations. What only one of them knows is kept together with its name.</summary>
public enum WireFormat
{
    /// <summary>OpenAI Chat Completions and its many dialects.</summary>
    OpenAIChat,

    /// <summary>OpenAI Responses.</summary>
    OpenAIResponses,

    /// <summary>Anthropic Messages.</summary>
    AnthropicMessages,

    /// <summary>Gemini generateContent.</summary>
    Gemini,

    /// <summary>Cohere v2 chat.</summary>
    Cohere,

    /// <summary>Bedrock Converse.</summary>
    BedrockConverse,

    /// <summary>Ollama chat.</summary>
    Ollama,
}
