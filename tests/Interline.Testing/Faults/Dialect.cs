using System.Collections.Immutable;
using System.Text.Json;

namespace Interline.Testing.Faults;

/// <summary>
/// One wire format as providers speak it and callers hear it, written and read by hand, so that it is a witness of its own: it shares no line with the rooms it
/// judges. Every answer uses <see cref="InputTokens"/> and <see cref="OutputTokens"/>.
/// </summary>
public abstract class Dialect
{
    public const int InputTokens = 100;
    public const int OutputTokens = 10;

    public static readonly Dialect OpenAI = new OpenAIDialect();
    public static readonly Dialect Anthropic = new AnthropicDialect();
    public static readonly Dialect Gemini = new GeminiDialect();

    /// <summary>An answer in pieces, as a provider streams it; words of several alphabets, so that a torn character shows.</summary>
    public static readonly ImmutableArray<string> Words = ["Jede ", "Brücke ", "trägt, ", "bis ", "sie ", "bricht: ", "網関は ", "壊れた ", "相手の ", "🧱🔥 ", "Ende ", "✓."];

    public static ImmutableArray<Dialect> All { get; } = [OpenAI, Anthropic, Gemini];

    /// <summary>Wire format as in the catalogue.</summary>
    public abstract string Wire { get; }

    /// <summary>Path of a base URL.</summary>
    public abstract string BasePath { get; }

    public abstract string KeyHeader { get; }

    /// <summary>The events before the first text.</summary>
    public abstract ImmutableArray<string> Opening { get; }

    /// <summary>The events after the last text that say that the answer is whole, and its usage; without <see cref="Done"/>.</summary>
    public abstract ImmutableArray<string> Closing { get; }

    /// <summary>The end marker; empty if the format has none.</summary>
    public abstract string Done { get; }

    /// <summary>An event that is cut off and yet framed as a whole one.</summary>
    public abstract string Torn { get; }

    /// <summary>Whether a stream without <see cref="Done"/> is a whole one, if it has finished.</summary>
    public virtual bool DoneIsOptional => true;

    /// <summary>A request body.</summary>
    public abstract string Ask(string prompt, bool stream, string model);

    /// <summary>Path a caller asks at.</summary>
    public abstract string AskPath(string model, bool stream);

    /// <summary>A plain answer.</summary>
    public abstract string Answer(string text);

    /// <summary>A plain answer without an answer.</summary>
    public abstract string Nothing { get; }

    /// <summary>One event of text.</summary>
    public abstract string Piece(string text);

    /// <summary>An error body.</summary>
    public abstract string Error(int status, string message, string? code = null);

    /// <summary>An error as an event.</summary>
    public abstract string ErrorEvent(string message);

    /// <summary>What a whole stream is made of.</summary>
    public ImmutableArray<string> Events(IEnumerable<string> pieces) => [.. Opening, .. pieces.Select(Piece), .. Closing, .. Done.Length > 0 ? [Done] : Array.Empty<string>()];

    /// <summary>What a plain answer with status 200 says.</summary>
    public Heard HearPlain(string body)
    {
        var heard = new Hearing();
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return heard.End("the answer is no object");
            }

            Plain(json.RootElement, heard);
            heard.IsDone = heard.Error is null;
            return heard.End();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return heard.End("the answer is not of the format: " + e.Message);
        }
    }

    /// <summary>What a stream says.</summary>
    public Heard HearStream(string stream)
    {
        var heard = new Hearing();
        stream = stream.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (stream.Length > 0 && !stream.EndsWith("\n\n", StringComparison.Ordinal))
        {
            return heard.End("the last event is not ended");
        }

        foreach (string block in stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string name = "";
            string? data = null;
            foreach (string line in block.Split('\n'))
            {
                if (line.StartsWith("event:", StringComparison.Ordinal))
                {
                    name = line[6..].Trim();
                }
                else if (line.StartsWith("data:", StringComparison.Ordinal))
                {
                    string more = line.Length > 5 && line[5] == ' ' ? line[6..] : line[5..];
                    data = data is null ? more : data + "\n" + more;
                }
                else if (line.Length > 0 && line[0] != ':' && !line.StartsWith("id:", StringComparison.Ordinal) && !line.StartsWith("retry:", StringComparison.Ordinal))
                {
                    return heard.End($"a line that is none of an event stream: {Short(line)}");
                }
            }

            if (data is null or "")
            {
                continue;
            }

            if (heard.IsDone || heard.Error is not null)
            {
                return heard.End($"an event behind the end: {Short(data)}");
            }

            // An event without a name is one named message.
            if (data == Done.Replace("data: ", "", StringComparison.Ordinal).Trim() && name is ("" or "message"))
            {
                heard.IsDone = true;
                continue;
            }

            try
            {
                using JsonDocument json = JsonDocument.Parse(data);
                Event(name, json.RootElement, heard);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
            {
                return heard.End($"an event that is not of the format: {Short(data)}");
            }
        }

        return heard.End();
    }

    /// <summary>The message of an error body; null if it is not one of this format.</summary>
    public string? HearError(string body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            return ReadError(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    public override string ToString() => Wire;

    protected abstract void Plain(JsonElement json, Hearing heard);

    protected abstract void Event(string name, JsonElement json, Hearing heard);

    protected abstract string? ReadError(JsonElement json);

    protected static string Quote(string text) => JsonSerializer.Serialize(text);

    private static string Short(string text) => text.Length > 80 ? text[..80] + "…" : text;
}
