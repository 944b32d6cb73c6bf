using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Puts a function call together that arrives in pieces: <c>willContinue</c> on the call, and <c>partialArgs</c> with a path and a value each, texts cut anywhere.
/// Vertex sends calls so where <c>streamFunctionCallArguments</c> is set. Source: a recorded stream, and Vertex's API description, <c>PartialArg</c>.
/// </summary>
internal sealed class CallAssembler
{
    private static readonly SaidPaths Said = new("id", "name", "args");

    private readonly JsonObject _args = [];
    private readonly NativeFields _native = new(WireFormat.Gemini);
    private readonly List<NativeField> _extra = [];
    private readonly StringBuilder _text = new();
    private ToolCallPart _call = new("", "", "");
    private string? _textPath;

    /// <summary>True if the part is such a piece, the first or a later one.</summary>
    /// <param name="part">A call as read.</param>
    /// <param name="under">Whether a call is under way, which a piece without a name continues.</param>
    public static bool IsPiece(ToolCallPart part, bool under)
    {
        if (part.Native is null || !GeminiNames.Kept(part.Native, "functionCall"))
        {
            return false;
        }

        JsonCursor json = new(Whole(part).Utf8);
        json.Start();
        return (under && part.Name.Length == 0) || json.Truth("willContinue"u8) || json.Truth("will_continue"u8) || json.Has("partialArgs"u8) || json.Has("partial_args"u8);
    }

    /// <summary>Takes a piece; true if the call is whole.</summary>
    public bool Add(ToolCallPart piece)
    {
        _call = _call with
        {
            Id = _call.Id.Length > 0 ? _call.Id : piece.Id,
            Name = _call.Name.Length > 0 ? _call.Name : piece.Name,
            Signature = piece.Signature ?? _call.Signature,
        };
        foreach (NativeField field in piece.Native!)
        {
            if (GeminiNames.Camel(field.Name) is not ("functionCall" or "thoughtSignature"))
            {
                _native.Add(field);
            }
        }

        bool more = false;
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        JsonCursor json = new(Whole(piece).Utf8);
        json.Start();
        json.EnterObject();
        while (json.NextField())
        {
            switch (GeminiNames.Camel(json.Name, buffer))
            {
                case "willContinue":
                    more = json.Type == JsonTokenType.True;
                    json.Skip();
                    break;
                case "partialArgs" when json.Type == JsonTokenType.StartArray:
                    json.EnterArray();
                    while (json.NextElement())
                    {
                        ReadArgument(ref json);
                    }

                    break;
                case "args" when json.Type == JsonTokenType.StartObject:
                    json.EnterObject();
                    while (json.NextField())
                    {
                        _args[json.NameText] = Parse(json.Raw());
                    }

                    break;
                case "id" or "name":
                    json.Skip();
                    break;
                default:
                    _extra.Add(new NativeField(json.NameText, json.Raw()));
                    break;
            }
        }

        return !more;
    }

    /// <summary>The call as far as it came.</summary>
    public ToolCallPart Build()
    {
        FlushText();
        string arguments = _args.Count > 0 ? _args.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) : "";
        ToolCallPart call = _call with { Arguments = arguments, Native = _native };
        if (_extra.Count > 0)
        {
            _native.KeepWhole("functionCall", WithExtra(call), Said);
        }

        return call;
    }

    private static RawJson Whole(ToolCallPart part) => part.Native!.Find("functionCall") ?? part.Native.Find("function_call")!.Value;

    private RawJson WithExtra(ToolCallPart call)
    {
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter w = new(buffer, FormatWriting.Options))
        {
            w.WriteStartObject();
            w.WriteString("name"u8, call.Name);
            if (call.Arguments.Length > 0)
            {
                w.WritePropertyName("args"u8);
                new RawJson(call.Arguments).WriteTo(w);
            }

            new NativeFields(WireFormat.Gemini, _extra.DistinctBy(f => f.Name)).WriteTo(w);
            w.WriteEndObject();
        }

        return new RawJson(buffer.WrittenSpan);
    }

    private void ReadArgument(ref JsonCursor json)
    {
        string path = "";
        bool isText = false;
        string text = "";
        JsonNode? value = null;
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject();
        while (json.NextField())
        {
            switch (GeminiNames.Camel(json.Name, buffer))
            {
                case "jsonPath" when json.Type == JsonTokenType.String:
                    path = json.Text();
                    break;
                case "stringValue" when json.Type == JsonTokenType.String:
                    text = json.Text();
                    isText = true;
                    break;
                case "numberValue" or "boolValue" when json.Type is JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                    value = Parse(json.Raw());
                    break;
                case "nullValue" or "willContinue":
                    json.Skip();
                    break;
                default:
                    _extra.Add(new NativeField(json.NameText, json.Raw()));
                    break;
            }
        }

        if (!string.Equals(path, _textPath, StringComparison.Ordinal))
        {
            FlushText();
        }

        if (isText)
        {
            _textPath = path;
            _text.Append(text);
        }
        else
        {
            Set(path, value);
        }
    }

    /// <summary>A value as a tree. A name given twice is refused here, with a <see cref="JsonException"/>: the tree itself would throw late, and something else.</summary>
    private static JsonNode? Parse(RawJson json) => JsonNode.Parse(json.Utf8, null, new JsonDocumentOptions { MaxDepth = JsonCursor.MaxDepth, AllowDuplicateProperties = false });

    private void FlushText()
    {
        if (_textPath is not null)
        {
            Set(_textPath, _text.ToString());
            _textPath = null;
            _text.Clear();
        }
    }

    /// <summary>Sets the value at a path of names and numbers: <c>$.a.b[0].c</c>, <c>$['a']</c>. What is no such path is left out.</summary>
    private void Set(string path, JsonNode? value)
    {
        List<string> steps = Steps(path);
        JsonNode at = _args;
        for (int i = 0; i < steps.Count; i++)
        {
            bool last = i == steps.Count - 1;
            JsonNode? next = last ? value : Child(at, steps[i]) ?? (IsNumber(steps[i + 1]) ? new JsonArray() : new JsonObject());
            if (at is JsonObject fields)
            {
                if (!last && ReferenceEquals(Child(at, steps[i]), next))
                {
                    at = next!;
                    continue;
                }

                fields[steps[i]] = next;
            }
            else if (at is JsonArray items && int.TryParse(steps[i], NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index <= items.Count)
            {
                if (index < items.Count && (last || !ReferenceEquals(items[index], next)))
                {
                    items[index] = next;
                }
                else if (index == items.Count)
                {
                    items.Add(next);
                }
            }
            else
            {
                return;
            }

            at = next!;
        }
    }

    private static JsonNode? Child(JsonNode at, string step) => at switch
    {
        JsonObject fields => fields[step],
        JsonArray items when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < items.Count => items[index],
        _ => null,
    };

    private static bool IsNumber(string step) => int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static List<string> Steps(string path)
    {
        List<string> steps = [];
        foreach (string step in path.TrimStart('$').Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            steps.Add(step.Trim('\'', '"'));
        }

        return steps;
    }
}
