using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Reads <c>inlineData</c> and <c>fileData</c>. The media type says what the medium is.</summary>
internal static class MediaReader
{
    /// <summary>Spelling of a medium whose fields were given in snake case.</summary>
    public const string Snake = "snake_case";

    private static readonly SaidPaths Inline = new("mimeType", "data", "displayName");
    private static readonly SaidPaths File = new("mimeType", "fileUri", "displayName");

    /// <summary>Reads a medium in the request itself: <c>{mimeType, data, displayName}</c>.</summary>
    public static MediaPart ReadInline(ref JsonCursor json, NativeFields native)
    {
        Fields fields = default;
        fields.Begin(ref json);
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        byte[]? data = null;
        json.EnterObject("an object with 'mimeType' and 'data'");
        while (json.NextField())
        {
            if (json.Name is "data" && json.Type == JsonTokenType.String)
            {
                data = json.Utf8Text();
            }
            else
            {
                fields.Read(ref json, GeminiNames.Camel(json.Name, buffer));
            }
        }

        InlineSource source = new(fields.MediaType, data ?? throw json.FailWith("must have 'data', the content in base64."));
        return fields.Build(ref json, source, Inline, native);
    }

    /// <summary>Reads a medium at an address: <c>{mimeType, fileUri}</c>.</summary>
    public static MediaPart ReadFile(ref JsonCursor json, NativeFields native)
    {
        Fields fields = default;
        fields.Begin(ref json);
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        string? uri = null;
        json.EnterObject("an object with 'fileUri'");
        while (json.NextField())
        {
            ReadOnlySpan<char> name = GeminiNames.Camel(json.Name, buffer);
            if (name is "fileUri" && json.Type == JsonTokenType.String)
            {
                fields.Spelled(json.Name is "fileUri");
                uri = json.Text();
            }
            else
            {
                fields.Read(ref json, name);
            }
        }

        return fields.Build(ref json, SourceOf(uri ?? throw json.FailWith("must have 'fileUri', the file's address.")), File, native);
    }

    /// <summary>Files that were uploaded to Google are at an address too, but only Google can read them.</summary>
    private static MediaSource SourceOf(string uri) =>
        uri.StartsWith("files/", StringComparison.Ordinal) || uri.StartsWith("https://generativelanguage.googleapis.com/", StringComparison.Ordinal)
            ? new FileSource(uri)
            : new UrlSource(uri);

    private struct Fields
    {
        private string _name;
        private int _start;
        private bool _snake, _camel, _odd;
        private string? _title;

        public string? MediaType { get; private set; }

        public void Begin(ref JsonCursor json)
        {
            _name = json.NameText;
            _start = json.Position;
            Spelled(_name is "inlineData" or "fileData");
        }

        public void Spelled(bool camel)
        {
            _camel |= camel;
            _snake |= !camel;
        }

        public void Read(ref JsonCursor json, scoped ReadOnlySpan<char> name)
        {
            switch (name)
            {
                case "mimeType" when json.Type == JsonTokenType.String:
                    Spelled(json.Name is "mimeType");
                    MediaType = json.Text();
                    break;
                case "displayName" when json.Type == JsonTokenType.String:
                    Spelled(json.Name is "displayName");
                    _title = json.Text();
                    break;
                default:
                    _odd = true;
                    json.Skip();
                    break;
            }
        }

        public readonly MediaPart Build(ref JsonCursor json, MediaSource source, SaidPaths said, NativeFields native)
        {
            bool video = source is UrlSource { Url: var url } && (url.Contains("youtube.com/", StringComparison.Ordinal) || url.Contains("youtu.be/", StringComparison.Ordinal));
            string? spelling = _snake ? Snake : null;
            MediaPart part = MediaType switch
            {
                _ when Is("image/") => new ImagePart(source) { Spelling = spelling },
                _ when Is("audio/") => new AudioPart(source) { Spelling = spelling },
                _ when Is("video/") || (video && MediaType is null) => new VideoPart(source) { Spelling = spelling },
                _ => new DocumentPart(source) { Spelling = spelling, Title = _title },
            };
            bool lost = _title is not null && part is not DocumentPart;
            if (_odd || lost || (_snake && _camel))
            {
                native.KeepWhole(_name, json.Since(_start), said);
            }

            return source is InlineSource ? part : part with { MediaType = MediaType };
        }

        private readonly bool Is(string kind) => MediaType?.StartsWith(kind, StringComparison.OrdinalIgnoreCase) == true;
    }
}
