using System.Text;
using Interline.Protocols.ByteLane;

namespace Interline.Protocols.Tests.ByteLane;

internal static class Edited
{
    public static string Apply(this BodyEdits edits, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        byte[] result = new byte[edits.LengthOf(bytes.Length)];
        edits.Apply(bytes, result);
        return Encoding.UTF8.GetString(result);
    }
}
