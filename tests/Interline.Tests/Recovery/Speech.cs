using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Interline.Tests.Recovery;

/// <summary>A streamed answer of a wire format, said in pieces that a test chooses. Written by hand and not by the rooms.</summary>
/// <param name="Wire">The format: <c>openai</c>, <c>anthropic</c>, <c>gemini</c>.</param>
/// <param name="Id">Id of the answer, which tells one from another.</param>
internal sealed record Speech(string Wire, string Id)
{
    /// <summary>Escapes all that is not ASCII.</summary>
    private static readonly JavaScriptEncoder Escaping = JavaScriptEncoder.Default;

    /// <summary>Whether letters that are not ASCII are escaped.</summary>
    public bool Escapes { get; init; }

    /// <summary>What ends a line.</summary>
    public string Line { get; init; } = "\n";

    /// <summary>What stands before the text.</summary>
    public string Head => Wire switch
    {
        "openai" => Event("", $$$$"""{"id":"{{{{Id}}}}","object":"chat.completion.chunk","created":7,"model":"m-{{{{Id}}}}","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"""),
        "anthropic" => Event("message_start", $$$$"""{"type":"message_start","message":{"id":"{{{{Id}}}}","type":"message","role":"assistant","model":"m-{{{{Id}}}}","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":100,"output_tokens":1}}}""")
            + Event("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"""),
        _ => "",
    };

    /// <summary>What stands behind it.</summary>
    public string Tail => Wire switch
    {
        "openai" => Event("", $$$$"""{"id":"{{{{Id}}}}","object":"chat.completion.chunk","created":7,"model":"m-{{{{Id}}}}","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""")
            + Event("", $$$$"""{"id":"{{{{Id}}}}","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}}""") + Event("", "[DONE]"),
        "anthropic" => Event("content_block_stop", """{"type":"content_block_stop","index":0}""")
            + Event("message_delta", """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":10}}""") + Event("message_stop", """{"type":"message_stop"}"""),
        _ => Event("", $$$$"""{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":10,"totalTokenCount":110},"modelVersion":"m-{{{{Id}}}}","responseId":"{{{{Id}}}}"}"""),
    };

    /// <summary>The beginning of a call of a tool, which its provider never finishes.</summary>
    public string ToolStart => Wire switch
    {
        "openai" => Event("", $$$$"""{"id":"{{{{Id}}}}","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"a"}}]},"finish_reason":null}]}"""),
        "anthropic" => Event("content_block_stop", """{"type":"content_block_stop","index":0}""")
            + Event("content_block_start", """{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"look","input":{}}}""")
            + Event("content_block_delta", """{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a"}}"""),
        _ => Event("", $$$$"""{"candidates":[{"content":{"parts":[{"functionCall":{"name":"look","args":{"a":1}}}],"role":"model"},"index":0}],"responseId":"{{{{Id}}}}"}"""),
    };

    /// <summary>Reasoning with the provider's proof that it is its own.</summary>
    public string Signed => Wire switch
    {
        "openai" => Event("", $$$$"""{"id":"{{{{Id}}}}","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"hm"},"finish_reason":null}]}"""),
        "anthropic" => Event("message_start", $$$$"""{"type":"message_start","message":{"id":"{{{{Id}}}}","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":100,"output_tokens":1}}}""")
            + Event("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""")
            + Event("content_block_delta", """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}""")
            + Event("content_block_stop", """{"type":"content_block_stop","index":0}"""),
        _ => Event("", $$$$"""{"candidates":[{"content":{"parts":[{"text":"he","thoughtSignature":"c2ln"}],"role":"model"},"index":0}],"responseId":"{{{{Id}}}}"}"""),
    };

    /// <summary>The provider says that it has failed.</summary>
    public string Error => Wire switch
    {
        "openai" => Event("", """{"error":{"message":"The model crashed.","code":500}}"""),
        "anthropic" => Event("error", """{"type":"error","error":{"type":"api_error","message":"The model crashed."}}"""),
        _ => Event("", """{"error":{"code":500,"message":"The model crashed.","status":"INTERNAL"}}"""),
    };

    /// <summary>An event that is cut and yet framed as a whole one.</summary>
    public string Malformed => Event(Wire == "anthropic" ? "content_block_delta" : "", """{"choices":[{"index":0,"delta":{"conte""");

    /// <summary>The text in pieces.</summary>
    public string Pieces(params IEnumerable<string> texts) => string.Concat(texts.Select(Piece));

    /// <summary>A whole answer.</summary>
    public string Whole(params IEnumerable<string> texts) => Head + Pieces(texts) + Tail;

    private string Piece(string text)
    {
        string quoted = JsonEncodedText.Encode(text, Escapes ? Escaping : JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
        return Wire switch
        {
            "openai" => Event("", $$$$"""{"id":"{{{{Id}}}}","object":"chat.completion.chunk","created":7,"model":"m-{{{{Id}}}}","choices":[{"index":0,"delta":{"content":"{{{{quoted}}}}"},"finish_reason":null}]}"""),
            "anthropic" => Event("content_block_delta", $$$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{{{quoted}}}}"}}"""),
            _ => Event("", $$$$"""{"candidates":[{"content":{"parts":[{"text":"{{{{quoted}}}}"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":100,"totalTokenCount":100},"modelVersion":"m-{{{{Id}}}}","responseId":"{{{{Id}}}}"}"""),
        };
    }

    private string Event(string name, string data) => new StringBuilder().Append(name.Length > 0 ? $"event: {name}{Line}" : "").Append("data: ").Append(data).Append(Line).Append(Line).ToString();
}
