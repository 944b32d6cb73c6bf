using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Reads a message, of a request or of an answer: both have the same form.</summary>
internal static class MessageReader
{
    /// <summary>Reads the message the cursor is at.</summary>
    /// <param name="json">At the message; afterwards at its end.</param>
    /// <param name="fallback">The role of a message that says none (answers of some servers); null: it must say one.</param>
    public static Message Read(ref JsonCursor json, Role? fallback = null)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            throw json.Fail("a message, an object with 'role' and 'content'");
        }

        string? word = json.Peek("role"u8);
        Role role = RoleOf(word) ?? (word is null ? fallback : null)
            ?? throw json.FailWith(word is null
                ? "must have a 'role': system, developer, user, assistant or tool."
                : $"has the role \"{(word.Length > 40 ? word[..40] : word)}\", but must be of system, developer, user, assistant or tool.");

        Fields fields = new(new NativeFields(WireFormat.OpenAIChat));
        json.EnterObject();
        while (json.NextField())
        {
            if (!fields.Native.KeepNull(ref json))
            {
                ReadField(ref json, role, fields);
            }
        }

        return fields.Build(role, word);
    }

    /// <summary>The role of a word; null if there is none such.</summary>
    public static Role? RoleOf(string? word) => word switch
    {
        "user" => Role.User,
        "assistant" => Role.Assistant,
        "tool" or "function" => Role.Tool,
        "system" => Role.System,
        "developer" => Role.Developer,
        _ => null,
    };

    private static void ReadField(ref JsonCursor json, Role role, Fields fields)
    {
        switch (json.Name)
        {
            case "role":
                json.Skip();
                break;
            case "content":
                ReadContent(ref json, fields);
                break;
            case "name" when json.Type == JsonTokenType.String:
                fields.Name = json.Text();
                break;
            case "cache_control" when json.Type == JsonTokenType.StartObject:
                fields.Cache = PartReader.ReadCache(ref json, fields.Native);
                break;
            case "tool_call_id" when role == Role.Tool && json.Type == JsonTokenType.String:
                fields.CallId = json.Text();
                break;
            case "tool_calls" when role == Role.Assistant && json.Type == JsonTokenType.StartArray:
                json.EnterArray();
                fields.HasCalls = true;
                while (json.NextElement())
                {
                    fields.Calls.Add(CallReader.Read(ref json));
                }

                break;
            case "function_call" when role == Role.Assistant && json.Peek("name"u8) is { Length: > 0 }:
                NativeFields native = new(WireFormat.OpenAIChat);
                fields.Calls.Add(CallReader.ReadCalled(ref json, new ToolCallPart("", "", ""), native, "function_call") with { Spelling = "function_call", Native = native });
                break;
            case "refusal" when json.Type == JsonTokenType.String && json.Text() is { Length: > 0 } refusal:
                fields.Content.Add(new RefusalPart(refusal));
                break;
            case "reasoning_content" or "reasoning" when role == Role.Assistant && fields.Reasoning is null && json.Type == JsonTokenType.String && json.Text() is { Length: > 0 } text:
                fields.Reasoning = new ReasoningPart(text) { Spelling = json.NameText };
                break;
            case "reasoning_details" or ThinkingBlocks.Field when role == Role.Assistant && json.Type == JsonTokenType.StartArray && fields.Details.Count == 0:
                ReasoningDetails.Read(ref json, fields.Details, fields.Native);
                break;
            case "audio" when json.Peek("id"u8) is { Length: > 0 }:
                fields.Content.Add(AnswerAudio.Read(ref json));
                break;
            case "images" when json.Type == JsonTokenType.StartArray:
                ReadImages(ref json, fields);
                break;
            case "annotations" when json.Type == JsonTokenType.StartArray:
                fields.Annotations = json.Raw();
                break;
            case "extra_content":
                fields.Signature ??= CallReader.ReadGoogleSignature(ref json, fields.Native);
                break;
            default:
                // Empty, or the same as its neighbour.
                bool said = json.Type == JsonTokenType.String && (json.Is("") || fields.Reasoning is { } told && json.Is(told.Text)) && json.Name is "refusal" or "reasoning_content" or "reasoning";
                fields.Native.Keep(ref json, understood: said);
                break;
        }
    }

    /// <summary>Reads <c>content</c>: text or a list of parts. An empty text is kept as a field, so that no other format gets an empty part, which some refuse.</summary>
    private static void ReadContent(ref JsonCursor json, Fields fields)
    {
        if (json.Type == JsonTokenType.StartArray)
        {
            fields.AsParts = true;
            json.EnterArray();
            while (json.NextElement())
            {
                fields.Content.Add(PartReader.Read(ref json));
            }

            return;
        }

        string text = json.Text("a string, an array of parts or null");
        if (text.Length > 0)
        {
            fields.Content.Add(new TextPart(text));
        }
        else
        {
            fields.Native.Keep(ref json, understood: true);
        }
    }

    /// <summary>Reads OpenRouter's <c>images</c> of an answer.</summary>
    private static void ReadImages(ref JsonCursor json, Fields fields)
    {
        json.EnterArray();
        while (json.NextElement())
        {
            fields.Content.Add(PartReader.Read(ref json) with { Spelling = "images" });
        }

        if (fields.Content.Count == 0)
        {
            fields.Native.Add(new NativeField("images", new RawJson("[]"u8), Understood: true));
        }
    }

    /// <summary>What was read of a message, before it is put in order.</summary>
    private sealed class Fields(NativeFields native)
    {
        public NativeFields Native { get; } = native;

        public List<Part> Content { get; } = [];

        public List<Part> Calls { get; } = [];

        public List<Part> Details { get; } = [];

        public ReasoningPart? Reasoning { get; set; }

        public RawJson? Annotations { get; set; }

        public CacheMark? Cache { get; set; }

        public string? Name { get; set; }

        public string? CallId { get; set; }

        public string? Signature { get; set; }

        public bool AsParts { get; set; }

        public bool HasCalls { get; set; }

        /// <summary>The message: reasoning, then content, then tool calls, the order in which a model makes them.</summary>
        public Message Build(Role role, string? word)
        {
            if (role == Role.Tool)
            {
                ToolResultPart result = new(CallId ?? "", Content) { Name = Name, AsParts = AsParts };
                return new Message(role, [result]) { Native = Native, Cache = Cache, Spelling = word is "function" ? word : null };
            }

            if (HasCalls && Calls.Count == 0)
            {
                Native.Add(new NativeField("tool_calls", new RawJson("[]"u8), Understood: true));
            }

            AttachAnnotations();
            AttachSignature();
            List<Part> reasoning = ReasoningDetails.Join(Reasoning, Details);
            IReadOnlyList<Part> parts = reasoning.Count + Calls.Count == 0 ? Content : [.. reasoning, .. Content, .. Calls];
            return new Message(role, parts) { Native = Native, Cache = Cache, Name = Name, AsParts = AsParts };
        }

        private void AttachAnnotations()
        {
            if (Annotations is not { } raw)
            {
                return;
            }

            List<Citation> citations = Citations.Read(raw);
            int text = Content.FindIndex(p => p is TextPart);
            if (citations.Count == 0 || text < 0)
            {
                Native.Add(new NativeField("annotations", raw, Understood: citations.Count == 0));
                return;
            }

            Content[text] = (TextPart)Content[text] with { Citations = citations };
        }

        /// <summary>Google's dialect signs the message; the model, as Gemini itself, signs a part.</summary>
        private void AttachSignature()
        {
            List<Part> target = Content.Count > 0 ? Content : Calls;
            if (Signature is not null && target.Count > 0 && target[0].Signature is null)
            {
                target[0] = target[0] with { Signature = Signature };
            }
        }
    }
}
