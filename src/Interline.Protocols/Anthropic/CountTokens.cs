using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Token counts, <c>POST /v1/messages/count_tokens</c>. Source: Anthropic's API description, <c>CountMessageTokensParams</c>, <c>BetaCountMessageTokensParams</c>.</summary>
public static class CountTokens
{
    private static readonly string[] Counted =
        ["cache_control", "context_management", "mcp_servers", "output_config", "output_format", "speed", "thinking", "tool_choice"];

    /// <summary>Writes the request that counts what <paramref name="request"/> would send: of its settings only those that the endpoint takes, since the others are not part of the prompt.</summary>
    /// <param name="request">The request; its model is the provider's name for it.</param>
    /// <param name="target">What is known of the model.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="losses">What of the prompt could not be said.</param>
    public static void WriteRequest(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses)
    {
        ArgumentNullException.ThrowIfNull(request);
        Writing writing = new(losses, isAnswer: false, "toolu_");
        ConversationRequest fitted = Writing.Ours(request.Native) ? request : RequestFit.Fit(request, target, writing);
        using Utf8JsonWriter w = new(output, FormatWriting.Options);
        w.WriteStartObject();
        RequestWriter.WriteContext(w, fitted, writing);
        foreach (NativeField field in fitted.Native ?? Enumerable.Empty<NativeField>())
        {
            if (Counted.Contains(field.Name))
            {
                w.WritePropertyName(field.Name);
                field.Value.WriteTo(w);
            }
            else if (!field.Understood)
            {
                writing.Drop(field.Name, "Anthropic's count takes no such field");
            }
        }

        w.WriteEndObject();
    }

    /// <summary>Reads the answer.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="tokens">Tokens of the prompt, at least 0.</param>
    /// <returns>False if the body is no count.</returns>
    public static bool TryReadAnswer(ReadOnlySpan<byte> body, out long tokens)
    {
        long? found = null;
        tokens = 0;
        try
        {
            Utf8JsonReader reader = new(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isCount = reader.ValueTextEquals("input_tokens"u8);
                reader.Read();
                found = isCount && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long said) && said >= 0 ? said : found;
                reader.Skip();
            }

            tokens = found ?? 0;
            return found is not null && !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Writes the answer.</summary>
    /// <param name="tokens">Tokens of the prompt.</param>
    /// <param name="output">Where the JSON goes.</param>
    public static void WriteAnswer(long tokens, IBufferWriter<byte> output)
    {
        using Utf8JsonWriter w = new(output);
        w.WriteStartObject();
        w.WriteNumber("input_tokens"u8, tokens);
        w.WriteEndObject();
    }
}
