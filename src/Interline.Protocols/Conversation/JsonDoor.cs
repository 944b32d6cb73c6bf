using System.Text.Json;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Conversation;

/// <summary>The frame around the readers of all wire formats: whatever is wrong with the bytes comes back as a value.</summary>
internal static class JsonDoor
{
    /// <summary>Reads one part of the document at the cursor.</summary>
    /// <param name="json">At the document's value.</param>
    /// <typeparam name="T">What is read.</typeparam>
    public delegate T Read<out T>(ref JsonCursor json);

    /// <summary>Reads a whole document.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="read">Reads its value.</param>
    /// <param name="error">What was wrong; null if nothing.</param>
    public static T? Open<T>(ReadOnlySpan<byte> body, Read<T> read, out ApiError? error)
        where T : class => Open(new JsonCursor(body), read, out error);

    /// <summary>Reads a whole answer, or an event of one: half a surrogate pair in a text of it becomes U+FFFD.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="read">Reads its value.</param>
    /// <param name="error">What was wrong; null if nothing.</param>
    public static T? OpenAnswer<T>(ReadOnlySpan<byte> body, Read<T> read, out ApiError? error)
        where T : class => Open(new JsonCursor(body, mends: true), read, out error);

    private static T? Open<T>(JsonCursor json, Read<T> read, out ApiError? error)
        where T : class
    {
        try
        {
            json.Start();
            T value = read(ref json);
            json.End();
            error = null;
            return value;
        }
        catch (ShapeException shape)
        {
            error = shape.ToError();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not UTF-8, or holds half a surrogate pair.
            error = json.NotJson();
        }

        return null;
    }
}
