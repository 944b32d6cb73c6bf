using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.Schemas;

/// <summary>Checks outgoing requests against the providers' own descriptions, as <c>extract.py</c> took them out.</summary>
public static class SchemaCheck
{
    private static readonly Dictionary<string, JsonSchema> Schemas = Directory
        .GetFiles(Path.Combine(AppContext.BaseDirectory, "Schemas"), "*.json")
        .ToDictionary(f => Path.GetFileNameWithoutExtension(f), f => new JsonSchema(File.ReadAllText(f)), StringComparer.Ordinal);

    /// <summary>What is wrong with a request; nothing if it fits.</summary>
    /// <param name="format">OpenAIChat, AnthropicMessages or Gemini: no others have a schema here.</param>
    /// <param name="json">The body.</param>
    /// <param name="beta">Whether Anthropic is called with a beta header.</param>
    public static List<SchemaProblem> Request(WireFormat format, ReadOnlySpan<byte> json, bool beta = false) => Check(format switch
    {
        WireFormat.OpenAIChat => "openai-chat",
        WireFormat.AnthropicMessages => beta ? "anthropic-messages-beta" : "anthropic-messages",
        WireFormat.Gemini => "gemini",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no schema of this format."),
    }, json);

    /// <summary>What is wrong with a request to count tokens; nothing if it fits.</summary>
    /// <param name="format">AnthropicMessages or Gemini.</param>
    /// <param name="json">The body.</param>
    /// <param name="beta">Whether Anthropic is called with a beta header.</param>
    public static List<SchemaProblem> CountTokens(WireFormat format, ReadOnlySpan<byte> json, bool beta = false) => Check(format switch
    {
        WireFormat.AnthropicMessages => beta ? "anthropic-count-beta" : "anthropic-count",
        WireFormat.Gemini => "gemini-count",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no schema of this format."),
    }, json);

    private static List<SchemaProblem> Check(string schema, ReadOnlySpan<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json.ToArray(), new JsonDocumentOptions { MaxDepth = 256 });
        return Schemas[schema].Check(document.RootElement);
    }
}
