namespace Interline.Protocols.ByteLane;

/// <summary>
/// Top-level fields of a JSON request that are for the gateway and not for the provider. The peek only says that one is there, so that other requests pay nothing.
/// Source of the names: LiteLLM 1.83.2, the router's and mock parameters of a request; <c>interline</c> is our own.
/// </summary>
public static class RouterFields
{
    /// <summary>Whether a name is one of them.</summary>
    /// <param name="name">The name's bytes, without quotes.</param>
    public static bool Is(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => name.SequenceEqual("tags"u8),
        7 => name.SequenceEqual("timeout"u8),
        9 => name.SequenceEqual("fallbacks"u8) || name.SequenceEqual("interline"u8),
        10 => name.SequenceEqual("mock_delay"u8),
        11 => name.SequenceEqual("num_retries"u8),
        12 => name.SequenceEqual("mock_timeout"u8),
        13 => name.SequenceEqual("max_fallbacks"u8) || name.SequenceEqual("mock_response"u8),
        14 => name.SequenceEqual("stream_timeout"u8),
        15 => name.SequenceEqual("request_timeout"u8) || name.SequenceEqual("stream_recovery"u8) || name.SequenceEqual("mock_tool_calls"u8),
        16 => name.SequenceEqual("litellm_metadata"u8),
        17 => name.SequenceEqual("disable_fallbacks"u8),
        20 => name.SequenceEqual("allowed_model_region"u8),
        22 => name.SequenceEqual("mock_testing_fallbacks"u8),
        24 => name.SequenceEqual("context_window_fallbacks"u8) || name.SequenceEqual("content_policy_fallbacks"u8),
        28 => name.SequenceEqual("context_window_fallback_dict"u8),
        29 => name.SequenceEqual("mock_testing_rate_limit_error"u8),
        30 => name.SequenceEqual("mock_testing_context_fallbacks"u8),
        37 => name.SequenceEqual("mock_testing_content_policy_fallbacks"u8),
        _ => false,
    };
}
