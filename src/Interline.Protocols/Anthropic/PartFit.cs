using System.Text;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Where a part is to stand.</summary>
internal enum Place
{
    /// <summary>In the instructions.</summary>
    System,

    /// <summary>In a user's turn.</summary>
    User,

    /// <summary>In an earlier turn of the model.</summary>
    Assistant,

    /// <summary>In the result of a tool.</summary>
    Result,

    /// <summary>In an answer.</summary>
    Answer,
}

/// <summary>Makes a part of another format one that Anthropic takes at its place; what cannot be said there is reported.</summary>
internal static class PartFit
{
    /// <summary>Fits <paramref name="part"/>; null if it is left out. The result has no native fields, they are reported.</summary>
    public static Part? Fit(Part part, Place place, Writing writing, string path)
    {
        if (Writing.Ours(part.Native))
        {
            return part;
        }

        Part? fitted = part switch
        {
            TextPart text => Text(text, place, writing, path),
            RefusalPart refusal => Refusal(refusal, writing, path),
            ReasoningPart reasoning => Reasoning(reasoning, place, writing, path),
            ToolCallPart call when place is Place.Assistant or Place.Answer => Call(call, writing, path),
            ToolResultPart result when place == Place.User => Result(result, writing, path),
            ImagePart or DocumentPart when place is Place.User or Place.Result => MediaFit.Fit((MediaPart)part, writing, path),
            AudioPart { Transcript: { Length: > 0 } said } when place is not Place.System => Spoken(said, writing, path),
            OpaquePart { Format: WireFormat.AnthropicMessages } => part,
            _ => Unsayable(part, writing, path),
        };
        if (fitted is null)
        {
            writing.Foreign(part.Native, path);
            return null;
        }

        if (fitted is OpaquePart)
        {
            return fitted;
        }

        Report(part, writing, path);
        return fitted with { Cache = Cache(part.Cache, writing, path), Native = null, Spelling = null };
    }

    /// <summary>Reports what a part of another format says beside what is written of it.</summary>
    public static void Report(Part part, Writing writing, string path)
    {
        writing.Foreign(part.Native, path);
        if (part.Signature is not null && part is not ReasoningPart)
        {
            writing.Drop($"{path}.signature", "Anthropic signs thinking only");
        }

        switch (part)
        {
            case ReasoningPart { IsSummary: true }:
                writing.Change($"{path}.reasoning", "a summary is told as the thinking itself");
                break;
            case ToolCallPart { ItemId: not null }:
                writing.Drop($"{path}.item_id", "Anthropic has one id for a call");
                break;
            default:
                break;
        }

        if ((part as ReasoningPart)?.Id is not null || (part as AudioPart)?.Id is not null)
        {
            writing.Drop($"{path}.id", "Anthropic's blocks have no ids");
        }
    }

    /// <summary>Fits several parts.</summary>
    public static List<Part> FitAll(IReadOnlyList<Part> parts, Place place, Writing writing, string path)
    {
        List<Part> fitted = [];
        for (int i = 0; i < parts.Count; i++)
        {
            if (Fit(parts[i], place, writing, $"{path}[{i}]") is { } part)
            {
                fitted.Add(part);
            }
        }

        return fitted;
    }

    /// <summary>A cache mark with a lifetime that Anthropic has.</summary>
    public static CacheMark? Cache(CacheMark? cache, Writing writing, string path)
    {
        if (cache?.Ttl is null or "5m" or "1h")
        {
            return cache;
        }

        writing.Change($"{path}.cache_control.ttl", "Anthropic caches for 5m or 1h: its default");
        return new CacheMark();
    }

    /// <summary>True if a signature or an encrypted block can be Anthropic's.</summary>
    public static bool IsOurs(ReasoningPart r) => r.SignedBy is { } signer
        ? signer.StartsWith("anthropic", StringComparison.OrdinalIgnoreCase)
        : r.Native?.Format is not (WireFormat.Gemini or WireFormat.OpenAIResponses);

    private static TextPart? Text(TextPart text, Place place, Writing writing, string path)
    {
        if (place != Place.Answer && string.IsNullOrWhiteSpace(text.Text))
        {
            if (text.Text.Length > 0)
            {
                writing.Drop($"{path}.text", "Anthropic takes no text of white space only");
            }

            return null;
        }

        if (text.Citations.Count == 0)
        {
            return text;
        }

        List<Citation> sayable = [.. text.Citations.Where(c => c.Format == WireFormat.AnthropicMessages || (place == Place.Answer && c.Url is not null))];
        if (sayable.Count < text.Citations.Count)
        {
            writing.Drop($"{path}.citations", place == Place.Answer ? "a citation needs an address" : "Anthropic takes back its own citations only");
        }

        foreach (Citation citation in text.Citations)
        {
            if (sayable.Contains(citation))
            {
                Citations.Report(citation, writing, $"{path}.citations");
            }
            else
            {
                writing.Losses.AddForeign(citation, WireFormat.AnthropicMessages, $"{path}.citations");
            }
        }

        return text with { Citations = sayable };
    }

    private static TextPart Refusal(RefusalPart refusal, Writing writing, string path)
    {
        writing.Change($"{path}.refusal", "Anthropic has no block for it: its words are text");
        return new TextPart(refusal.Text);
    }

    private static TextPart Spoken(string said, Writing writing, string path)
    {
        writing.Change($"{path}.audio", "Anthropic has no sound: its transcript is text");
        return new TextPart(said);
    }

    private static ReasoningPart? Reasoning(ReasoningPart r, Place place, Writing writing, string path)
    {
        bool proven = IsOurs(r) && (r.Signature is { Length: > 0 } || r.Encrypted is not null);
        if (proven)
        {
            return OneOfBoth(r, place, writing, path);
        }

        if (place == Place.Answer && (r.Text.Length > 0 || r.Encrypted is null))
        {
            if (r.Signature is not null || r.Encrypted is not null)
            {
                writing.Drop($"{path}.signature", "another provider's proof of its reasoning has no place in Anthropic's format");
            }

            return r with { Signature = null, Encrypted = null };
        }

        writing.Drop($"{path}.reasoning", "Anthropic takes back reasoning that it signed itself, and no other");
        return null;
    }

    /// <summary>A block is open or redacted: of a part that is both, the signed text is kept, or for a reader any text, else what is encrypted.</summary>
    private static ReasoningPart OneOfBoth(ReasoningPart r, Place place, Writing writing, string path)
    {
        if (r.Encrypted is null || (r.Text.Length == 0 && r.Signature is null))
        {
            return r;
        }

        if (r.Signature is { Length: > 0 } || place == Place.Answer)
        {
            writing.Drop($"{path}.encrypted", "Anthropic's thinking is open or encrypted, not both");
            return r with { Encrypted = null };
        }

        writing.Drop($"{path}.reasoning", "Anthropic's thinking is open or encrypted, not both");
        return r with { Text = "" };
    }

    private static ToolCallPart Call(ToolCallPart call, Writing writing, string path)
    {
        RawJson input = ToolInput.Of(call, writing, path);
        return call with { Id = ToolIds.Clean(writing.CallId(call)), Arguments = input.ToString(), IsCustom = false, ItemId = null, Signature = null };
    }

    private static ToolResultPart Result(ToolResultPart result, Writing writing, string path)
    {
        List<Part> parts = FitAll(result.Parts, Place.Result, writing, path + ".content");
        return result with
        {
            CallId = ToolIds.Clean(writing.ResultId(result)),
            Parts = parts,
            AsParts = parts.Count > 0 && parts is not [TextPart { Cache: null }],
            Name = null,
        };
    }

    private static Part? Unsayable(Part part, Writing writing, string path)
    {
        string kind = part is OpaquePart opaque ? opaque.Type : part.GetType().Name.Replace("Part", "", StringComparison.Ordinal);
        writing.Drop(path, $"Anthropic has no place for {kind} here");
        return null;
    }
}
