namespace Interline.Core.Catalog;

/// <summary>LiteLLM's names of capabilities, the same in its price map and in <c>model_info</c> of its configuration.</summary>
internal static class LiteLLMCapabilities
{
    /// <summary>Each name and what it says.</summary>
    public static readonly (string Key, ModelCapabilities Capability)[] Keys =
    [
        ("supports_function_calling", ModelCapabilities.Tools),
        ("supports_parallel_function_calling", ModelCapabilities.ParallelTools),
        ("supports_tool_choice", ModelCapabilities.ToolChoice),
        ("supports_vision", ModelCapabilities.Vision),
        ("supports_pdf_input", ModelCapabilities.Pdf),
        ("supports_audio_input", ModelCapabilities.AudioInput),
        ("supports_audio_output", ModelCapabilities.AudioOutput),
        ("supports_video_input", ModelCapabilities.VideoInput),
        ("supports_response_schema", ModelCapabilities.JsonSchema),
        ("supports_reasoning", ModelCapabilities.Reasoning),
        ("supports_prompt_caching", ModelCapabilities.PromptCaching),
        ("supports_system_messages", ModelCapabilities.SystemMessages),
        ("supports_assistant_prefill", ModelCapabilities.Prefill),
        ("supports_web_search", ModelCapabilities.WebSearch),
        ("supports_computer_use", ModelCapabilities.ComputerUse),
    ];
}
