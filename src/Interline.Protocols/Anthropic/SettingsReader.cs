using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Reads the settings of a request that are objects: thinking, the form of the answer, who asks.</summary>
internal static class SettingsReader
{
    /// <summary>Reads <c>thinking</c>.</summary>
    public static ReasoningSettings ReadThinking(ref JsonCursor json, ReasoningSettings r, NativeFields native)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            throw json.Fail("an object with a 'type': enabled, disabled or adaptive");
        }

        string? type = json.Peek("type"u8);
        if (type is not ("enabled" or "disabled" or "adaptive"))
        {
            native.Keep(ref json);
            return r;
        }

        Whole whole = new(json);
        r = r with { Enabled = type is not "disabled", Adaptive = type is "adaptive" };
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "budget_tokens" when json.Type == JsonTokenType.Number && type is "enabled":
                    r = r with { BudgetTokens = json.Number() };
                    break;
                case "display" when json.Type == JsonTokenType.String && json.Text() is "omitted":
                    r = r with { Hidden = true };
                    whole.Pass(ref json);
                    break;
                default:
                    whole.Pass(ref json);
                    break;
            }
        }

        whole.End(json, native, "thinking");
        return r;
    }

    /// <summary>Reads <c>output_config</c>: effort and form of the answer.</summary>
    public static ConversationRequest ReadOutput(ref JsonCursor json, ConversationRequest request, NativeFields native)
    {
        Whole whole = new(json);
        bool any = false;
        json.EnterObject();
        while (json.NextField())
        {
            any = true;
            switch (json.Name)
            {
                case "effort" when json.Type == JsonTokenType.String:
                    request = request with { Reasoning = (request.Reasoning ?? new ReasoningSettings()) with { Effort = json.Text() } };
                    break;
                case "format" when json.Type == JsonTokenType.StartObject:
                    request = request with { ResponseFormat = ReadForm(ref json) };
                    break;
                default:
                    whole.Pass(ref json);
                    break;
            }
        }

        if (!any)
        {
            whole.Keep();
        }

        whole.End(json, native, "output_config");
        return request;
    }

    /// <summary>Reads <c>{type: json_schema, schema}</c>.</summary>
    public static ResponseFormat ReadForm(ref JsonCursor json)
    {
        if (json.Peek("type"u8) is not "json_schema" || !json.Has("schema"u8))
        {
            return new ResponseFormat(ResponseFormatKind.Opaque) { Format = WireFormat.AnthropicMessages, Json = json.Raw() };
        }

        NativeFields native = new(WireFormat.AnthropicMessages);
        ResponseFormat form = new(ResponseFormatKind.JsonSchema) { Native = native };
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "schema":
                    form = form with { Schema = json.Raw() };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return form;
    }

    /// <summary>Reads <c>metadata</c>, whose one field is the caller's name for its user.</summary>
    public static string? ReadUser(ref JsonCursor json, NativeFields native)
    {
        Whole whole = new(json);
        string? user = null;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "user_id" && json.Type == JsonTokenType.String)
            {
                user = json.Text();
            }
            else
            {
                whole.Pass(ref json);
            }
        }

        if (user is null)
        {
            whole.Keep();
        }

        whole.End(json, native, "metadata");
        return user;
    }
}
