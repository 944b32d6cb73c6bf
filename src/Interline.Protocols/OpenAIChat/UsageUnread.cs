using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>What a <c>usage</c> object says beyond the token classes: costs, timings, counts of searches.</summary>
internal static class UsageUnread
{
    /// <summary>The object with the paths inside it that <see cref="ChatUsage.Read"/> passes over.</summary>
    /// <param name="raw">An object.</param>
    public static NativeUsage Native(RawJson raw)
    {
        List<string>? unread = null;
        Utf8JsonReader json = new(raw.Utf8, new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth });
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (IsDetails(json))
            {
                ReadDetails(ref json, ref unread);
                continue;
            }

            bool said = IsCount(json);
            Pass(ref json, said, null, ref unread);
        }

        return unread is null ? new NativeUsage(WireFormat.OpenAIChat, raw) : new NativeUsage(WireFormat.OpenAIChat, raw) { Unread = unread };
    }

    private static void ReadDetails(ref Utf8JsonReader json, ref List<string>? unread)
    {
        string details = json.GetString()!;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        bool input = details is "prompt_tokens_details" or "input_tokens_details" or "input_token_details";
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            Pass(ref json, input ? IsInputDetail(json) : IsOutputDetail(json), details, ref unread);
        }
    }

    /// <summary>Goes past the value after a field's name, and takes note of it if it says something. OpenAI's counts of predictions are mostly there and 0.</summary>
    private static void Pass(ref Utf8JsonReader json, bool said, string? parent, ref List<string>? unread)
    {
        if (said)
        {
            json.Read();
            json.Skip();
            return;
        }

        bool prediction = json.ValueTextEquals("accepted_prediction_tokens"u8) || json.ValueTextEquals("rejected_prediction_tokens"u8);
        string name = json.GetString()!;
        json.Read();
        bool nothing = json.TokenType == JsonTokenType.Null || (prediction && json.TokenType == JsonTokenType.Number && json.ValueSpan.SequenceEqual("0"u8));
        json.Skip();
        if (!nothing)
        {
            (unread ??= []).Add(parent is null ? name : $"{parent}.{name}");
        }
    }

    private static bool IsDetails(in Utf8JsonReader json) =>
        json.ValueTextEquals("prompt_tokens_details"u8) || json.ValueTextEquals("input_tokens_details"u8)
        || json.ValueTextEquals("completion_tokens_details"u8) || json.ValueTextEquals("output_tokens_details"u8)
        || json.ValueTextEquals("input_token_details"u8) || json.ValueTextEquals("output_token_details"u8);

    private static bool IsCount(in Utf8JsonReader json) =>
        json.ValueTextEquals("prompt_tokens"u8) || json.ValueTextEquals("input_tokens"u8)
        || json.ValueTextEquals("completion_tokens"u8) || json.ValueTextEquals("output_tokens"u8)
        || json.ValueTextEquals("total_tokens"u8) || json.ValueTextEquals("prompt_cache_hit_tokens"u8)
        || json.ValueTextEquals("prompt_cache_miss_tokens"u8) || json.ValueTextEquals("cached_tokens"u8)
        || json.ValueTextEquals("num_cached_tokens"u8) || json.ValueTextEquals("cache_read_input_tokens"u8)
        || json.ValueTextEquals("cache_creation_input_tokens"u8) || json.ValueTextEquals("reasoning_tokens"u8);

    private static bool IsInputDetail(in Utf8JsonReader json) =>
        json.ValueTextEquals("cached_tokens"u8) || json.ValueTextEquals("cache_write_tokens"u8)
        || json.ValueTextEquals("cache_creation_tokens"u8) || json.ValueTextEquals("audio_tokens"u8) || json.ValueTextEquals("image_tokens"u8);

    private static bool IsOutputDetail(in Utf8JsonReader json) =>
        json.ValueTextEquals("reasoning_tokens"u8) || json.ValueTextEquals("audio_tokens"u8) || json.ValueTextEquals("image_tokens"u8);
}
