using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;

namespace Interline.Demo;

/// <summary>An answer of the demo provider.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Content type.</param>
/// <param name="Body">Body.</param>
internal readonly record struct DemoAnswer(int Status, string ContentType, byte[] Body)
{
    public static DemoAnswer Json(Action<Utf8JsonWriter> write) => new(200, "application/json", Bytes(write));

    public static DemoAnswer Stream(IEnumerable<Action<Utf8JsonWriter>> events)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        foreach (Action<Utf8JsonWriter> write in events)
        {
            buffer.Write("data: "u8);
            buffer.Write(Bytes(write));
            buffer.Write("\n\n"u8);
        }

        buffer.Write("data: [DONE]\n\n"u8);
        return new(200, "text/event-stream", buffer.WrittenSpan.ToArray());
    }

    public static DemoAnswer Refuse(string message) =>
        new(400, "application/json", ErrorBody.Write(new ApiError(ErrorKind.BadRequest, 400, message)));

    private static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
