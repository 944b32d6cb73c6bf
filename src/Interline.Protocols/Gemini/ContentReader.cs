using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Reads contents: messages of the roles <c>user</c> and <c>model</c>, and the old role <c>function</c>.</summary>
internal static class ContentReader
{
    /// <summary>Spelling of a message that was given no role.</summary>
    public const string NoRole = "no role";

    /// <summary>Spelling of an answer's message that was given no content at all.</summary>
    public const string NoContent = "no content";

    /// <summary>Reads <c>contents</c>: an array, or one content by itself.</summary>
    public static List<Message> ReadAll(ref JsonCursor json, NativeFields native)
    {
        List<Message> messages = [];
        if (json.Type == JsonTokenType.StartObject)
        {
            string name = json.NameText;
            int start = json.Position;
            messages.Add(Read(ref json, fallback: null));
            native.KeepWhole(name, json.Since(start));
            return messages;
        }

        json.EnterArray("an array of contents");
        while (json.NextElement())
        {
            messages.Add(Read(ref json, fallback: null));
        }

        return messages.Count > 0 ? messages : throw new ShapeException("contents", "'contents' must hold at least one content.");
    }

    /// <summary>Reads <c>systemInstruction</c>, whose role means nothing.</summary>
    public static IReadOnlyList<Part> ReadInstruction(ref JsonCursor json, NativeFields native)
    {
        string name = json.NameText;
        int start = json.Position;
        Message message = Read(ref json, Role.System);
        bool odd = name is not "systemInstruction" || message.Spelling is not NoRole || message.Native!.Count > 0 || message.Parts.Count == 0;
        if (odd)
        {
            // The parts carry what is theirs; what the object has beside them is lost elsewhere.
            List<string> unread = [];
            foreach (NativeField field in message.Native!)
            {
                if (!field.Understood)
                {
                    unread.Add(field.Name);
                }
            }

            native.Add(new NativeField(name, json.Since(start), Understood: true) { Unread = unread });
        }

        return message.Parts;
    }

    /// <summary>Reads the content the cursor is at.</summary>
    /// <param name="json">At the content; afterwards at its end.</param>
    /// <param name="fallback">The role where none that means something is given; null: the user's, and other words are refused.</param>
    public static Message Read(ref JsonCursor json, Role? fallback)
    {
        NativeFields native = new(WireFormat.Gemini);
        List<Part> parts = [];
        Role role = fallback ?? Role.User;
        bool roleSaid = false;
        json.EnterObject("a content, an object with 'role' and 'parts'");
        while (json.NextField())
        {
            if (native.KeepNull(ref json))
            {
                continue;
            }

            switch (json.Name)
            {
                case "role":
                    role = ReadRole(ref json, fallback, native);
                    roleSaid = true;
                    break;
                case "parts":
                    ReadParts(ref json, parts, native);
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return new Message(role, parts) { Native = native, Spelling = roleSaid ? null : NoRole };
    }

    private static Role ReadRole(ref JsonCursor json, Role? fallback, NativeFields native)
    {
        string word = json.Text();
        Role? role = word switch
        {
            "user" => Role.User,
            "model" => Role.Assistant,
            "function" or "tool" => Role.Tool,
            _ => null,
        };
        if (role is null && fallback is null)
        {
            throw json.FailWith($"is \"{(word.Length > 40 ? word[..40] : word)}\", but must be user, model or function.");
        }

        // Of an instruction or an answer the role is known; what was given is only kept.
        Role known = fallback ?? role!.Value;
        if (known is not (Role.User or Role.Assistant) || role != known)
        {
            native.Keep(ref json, understood: true);
        }

        return known;
    }

    /// <summary>Reads <c>parts</c>: an array, or one part by itself.</summary>
    private static void ReadParts(ref JsonCursor json, List<Part> parts, NativeFields native)
    {
        if (json.Type == JsonTokenType.StartObject)
        {
            int start = json.Position;
            parts.Add(PartReader.Read(ref json));
            native.KeepWhole("parts", json.Since(start));
            return;
        }

        json.EnterArray("an array of parts");
        while (json.NextElement())
        {
            parts.Add(PartReader.Read(ref json));
        }

        if (parts.Count == 0)
        {
            native.KeepWhole("parts", new RawJson("[]"u8));
        }
    }
}
