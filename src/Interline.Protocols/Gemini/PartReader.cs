using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Reads the parts of a content. Source: Google's API description, <c>Part</c>.</summary>
internal static class PartReader
{
    /// <summary>Who signed a part of this format, in OpenRouter's words.</summary>
    public const string Signer = "google-gemini-v1";

    /// <summary>Reads one part. What is no text, medium, function call or its response, or several at once, is kept as it is.</summary>
    public static Part Read(ref JsonCursor json)
    {
        Fields fields = new(new NativeFields(WireFormat.Gemini));
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        int start = json.Position;
        json.EnterObject("a part, an object with 'text', 'inlineData', 'functionCall' or another kind of data");
        while (json.NextField())
        {
            if (!fields.Native.KeepNull(ref json))
            {
                ReadField(ref json, GeminiNames.Camel(json.Name, buffer), ref fields);
            }
        }

        return fields.Build() ?? new OpaquePart(WireFormat.Gemini, fields.Opaque ?? "part", json.Since(start));
    }

    private static void ReadField(ref JsonCursor json, scoped ReadOnlySpan<char> name, ref Fields fields)
    {
        switch (name)
        {
            case "text":
                fields.Put(text: json.Text());
                break;
            case "thought" when json.Type is JsonTokenType.True:
                fields.Thought = true;
                break;
            case "thought" when json.Type is JsonTokenType.False:
                fields.Native.Keep(ref json, understood: true);
                break;
            case "thoughtSignature" when json.Type is JsonTokenType.String:
                fields.Signature = json.Text();
                if (json.Name is not "thoughtSignature")
                {
                    fields.Native.Keep(ref json, understood: true);
                }

                break;
            case "inlineData":
                fields.Put(MediaReader.ReadInline(ref json, fields.Native));
                break;
            case "fileData":
                fields.Put(MediaReader.ReadFile(ref json, fields.Native));
                break;
            case "functionCall":
                fields.Put(CallReader.ReadCall(ref json, fields.Native));
                break;
            case "functionResponse":
                fields.Put(CallReader.ReadResult(ref json, fields.Native));
                break;
            case "executableCode" or "codeExecutionResult" or "toolCall" or "toolResponse":
                fields.Opaque = json.NameText;
                json.Skip();
                break;
            default:
                fields.Native.Keep(ref json);
                break;
        }
    }

    private struct Fields(NativeFields native)
    {
        private string? _text;
        private Part? _data;
        private int _count;

        public NativeFields Native { get; } = native;

        public bool Thought { get; set; }

        public string? Signature { get; set; }

        /// <summary>Name of the data that only this format knows.</summary>
        public string? Opaque { get; set; }

        public void Put(Part data)
        {
            _data = data;
            _count++;
        }

        public void Put(string text)
        {
            _text = text;
            _count++;
        }

        /// <summary>The part; null if it can only be kept as it is: of this format alone, of two kinds at once, of none, or a thought that is no text.</summary>
        public readonly Part? Build()
        {
            if (_count != 1 || Opaque is not null || (Thought && _text is null))
            {
                return null;
            }

            Part part = _text is null ? _data!
                : !Thought ? new TextPart(_text)
                : new ReasoningPart(_text) { IsSummary = true, SignedBy = Signature is null ? null : Signer };
            return part with { Native = Native, Signature = Signature };
        }
    }
}
