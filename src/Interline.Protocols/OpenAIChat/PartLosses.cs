using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Reports what a part of another format says and this format has no field for. What a writer leaves out for reasons of its own it reports itself.</summary>
internal static class PartLosses
{
    /// <summary>Reports everything of a part that is written, but its unknown fields and its cache mark.</summary>
    /// <param name="part">The part.</param>
    /// <param name="writing">Gets what is lost.</param>
    /// <param name="path">Where the part is.</param>
    /// <param name="signed">True if <see cref="Part.Signature"/> is written.</param>
    public static void Report(Part part, Writing writing, string path, bool signed)
    {
        LossList losses = writing.Losses;
        if (part.Signature is not null && !signed)
        {
            losses.Add($"{path}.signature", LossAction.Dropped, "this provider takes no signatures here");
        }

        switch (part)
        {
            case ToolCallPart { ItemId: not null }:
                losses.Add($"{path}.item_id", LossAction.Dropped, "OpenAI Chat has one id for a call");
                break;
            case MediaPart media:
                ReportMedia(media, writing.IsAnswer, losses, path);
                break;
            default:
                break;
        }
    }

    private static void ReportMedia(MediaPart media, bool isAnswer, LossList losses, string path)
    {
        if (media.MediaType is not null)
        {
            losses.Add($"{path}.media_type", LossAction.Dropped, "OpenAI Chat has no media type beside an address or an id");
        }

        switch (media)
        {
            case DocumentPart document:
                Lost(document.Context is not null, "context", "OpenAI Chat has no words about a file");
                Lost(document.Citations is not null, "citations", "OpenAI Chat has no citations of files");
                Lost(document is { Title: not null, Source: TextSource }, "title", "a text has no title");
                Lost(document.Source is TextSource, "source", "written as a text part", LossAction.Changed);
                break;
            case AudioPart when isAnswer:
                Lost(media.Source is InlineSource { MediaType: not null }, "media_type", "a spoken answer does not say its form");
                break;
            case AudioPart sound:
                Lost(sound.Id is not null, "id", "sound that is given has no id");
                Lost(sound.Transcript is not null, "transcript", "sound that is given has no transcript");
                break;
            default:
                break;
        }

        void Lost(bool lost, string field, string why, LossAction action = LossAction.Dropped)
        {
            if (lost)
            {
                losses.Add($"{path}.{field}", action, why);
            }
        }
    }

    /// <summary>Reports a part that is not written at all.</summary>
    public static void ReportDropped(Part part, LossList losses, string path)
    {
        string kind = part switch
        {
            OpaquePart opaque => opaque.Type,
            MediaPart { Source: FileSource } media => $"{Name(media)} by id",
            _ => Name(part),
        };
        losses.Add(path, LossAction.Dropped, $"OpenAI Chat has no place for {kind} here");

        static string Name(Part part) => part switch
        {
            ImagePart => "an image",
            DocumentPart => "a document",
            AudioPart => "sound",
            VideoPart => "a film",
            ReasoningPart => "reasoning",
            ToolResultPart => "a tool's result",
            _ => "this part",
        };
    }
}
