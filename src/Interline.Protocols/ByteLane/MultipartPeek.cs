using System.Text;
using Interline.Protocols.Errors;

namespace Interline.Protocols.ByteLane;

/// <summary>Finds the <c>model</c> and <c>stream</c> fields of a multipart form. Source: RFC 7578, RFC 2046 section 5.1.</summary>
public static class MultipartPeek
{
    /// <summary>Reads the facts of a form.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="contentType">The request's content type with its boundary.</param>
    /// <param name="facts">What was found; the model is bare text.</param>
    /// <returns>Null, or a 400.</returns>
    public static ApiError? Read(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts)
    {
        facts = default;
        if (Boundary(contentType) is not { } boundary)
        {
            return new(ErrorKind.BadRequest, 400, "The body must be a multipart form: send `Content-Type: multipart/form-data` with a boundary.");
        }

        byte[] delimiter = Encoding.Latin1.GetBytes("--" + boundary);
        int at = body.IndexOf(delimiter);
        while (at >= 0)
        {
            int head = at + delimiter.Length;
            int next = body[head..].IndexOf(delimiter);
            if (next < 0)
            {
                break;
            }

            Part(body, head, head + next, ref facts);
            at = head + next;
        }

        return facts.ModelLength > RequestFacts.MaxModelBytes
            ? new(ErrorKind.BadRequest, 400, $"`model` is longer than {RequestFacts.MaxModelBytes} bytes.") { Param = "model" }
            : null;
    }

    private static void Part(ReadOnlySpan<byte> body, int from, int to, ref RequestFacts facts)
    {
        int blank = body[from..to].IndexOf("\r\n\r\n"u8);
        if (blank < 0)
        {
            return;
        }

        ReadOnlySpan<byte> head = body.Slice(from, blank);
        int start = from + blank + 4;
        int length = Math.Max(0, to - start - 2);
        if (head.IndexOf("filename="u8) >= 0)
        {
            return;
        }

        if (head.IndexOf("name=\"model\""u8) >= 0 || head.IndexOf("name=model"u8) >= 0)
        {
            facts.ModelStart = start;
            facts.ModelLength = length;
        }
        else if (head.IndexOf("name=\"stream\""u8) >= 0)
        {
            facts.Stream = body.Slice(start, length).SequenceEqual("true"u8);
        }
    }

    private static string? Boundary(string? contentType)
    {
        if (contentType is null || !Ascii.IsValid(contentType) || !contentType.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        int at = contentType.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        string rest = contentType[(at + 9)..];
        string boundary = rest.StartsWith('"') ? rest[1..].Split('"')[0] : rest.Split(';')[0].Trim();
        return boundary.Length is > 0 and <= 70 ? boundary : null;
    }
}
