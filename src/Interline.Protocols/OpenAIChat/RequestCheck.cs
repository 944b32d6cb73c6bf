using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// Refuses plainly wrong chat requests before they cost a call of a provider. One pass, no model is built, nothing is allocated for a good request.
/// What it lets pass may still be wrong: the provider is the judge.
/// </summary>
public static class RequestCheck
{
    /// <summary>Checks the form of <paramref name="body"/>: an object with a model, and messages that are objects with known roles.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="modelRequired">False where the address names the model.</param>
    /// <returns>What is wrong; null if nothing.</returns>
    public static ApiError? Check(ReadOnlySpan<byte> body, bool modelRequired = true)
    {
        Utf8JsonReader json = new(body, new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth });
        try
        {
            return Check(ref json, modelRequired);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return JsonCursor.TooDeep(json)
                ? Wrong(null, $"The body is nested deeper than {JsonCursor.MaxDepth} levels.")
                : Wrong(null, $"The body is not valid JSON at byte {json.BytesConsumed}.");
        }
    }

    private static ApiError? Check(ref Utf8JsonReader json, bool modelRequired)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return Wrong(null, "The body must be an object.");
        }

        bool model = false, messages = false;
        ApiError? error = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("model"u8))
            {
                json.Read();
                model = true;
                error ??= json.TokenType == JsonTokenType.String ? null : Wrong("model", "'model' must be a string.");
                json.Skip();
            }
            else if (json.ValueTextEquals("messages"u8))
            {
                json.Read();
                messages = true;
                error ??= Messages(ref json);
            }
            else
            {
                json.Read();
                json.Skip();
            }

            if (error is not null)
            {
                return error;
            }
        }

        // Reading on finds what follows the body's end.
        json.Read();
        return modelRequired && !model ? Wrong("model", "'model' is required: the name of the model to ask.")
            : messages ? null
            : Wrong("messages", "'messages' is required: an array with at least one message.");
    }

    private static ApiError? Messages(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            return Wrong("messages", "'messages' must be an array of messages.");
        }

        int count = 0;
        for (; json.Read() && json.TokenType != JsonTokenType.EndArray; count++)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                return Wrong($"messages[{count}]", $"'messages[{count}]' must be a message, an object with 'role' and 'content'.");
            }

            bool role = false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isRole = json.ValueTextEquals("role"u8);
                json.Read();
                if (isRole && !KnownRole(json))
                {
                    return Wrong($"messages[{count}].role", $"'messages[{count}].role' must be one of system, developer, user, assistant and tool.");
                }

                role |= isRole;
                json.Skip();
            }

            if (!role)
            {
                return Wrong($"messages[{count}].role", $"'messages[{count}]' must have a 'role': system, developer, user, assistant or tool.");
            }
        }

        return count > 0 ? null : Wrong("messages", "'messages' must hold at least one message.");
    }

    private static bool KnownRole(in Utf8JsonReader json) => json.TokenType == JsonTokenType.String
        && (json.ValueTextEquals("user"u8) || json.ValueTextEquals("assistant"u8) || json.ValueTextEquals("system"u8) || json.ValueTextEquals("tool"u8)
            || json.ValueTextEquals("developer"u8) || json.ValueTextEquals("function"u8));

    private static ApiError Wrong(string? param, string message) => new(ErrorKind.BadRequest, 400, message) { Param = param };
}
