using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Translation;

/// <summary>Compares calls before and after a translation.</summary>
internal static class ToolCalls
{
    public static void Same(List<ToolCallPart> before, List<ToolCallPart> after, WireFormat to)
    {
        after.Select(c => c.Name).ShouldBe(before.Select(c => c.Name));
        foreach ((ToolCallPart a, ToolCallPart b) in before.Zip(after))
        {
            if (a.IsCustom && !b.IsCustom)
            {
                // Free text stands in a field of an object.
                b.Arguments.ShouldContain(a.Arguments);
            }
            else if (a.Arguments != b.Arguments)
            {
                JsonCompare.Difference(Json(a), Json(b)).ShouldBeNull();
            }

            if (a.Id.Length > 0)
            {
                bool taken = to != WireFormat.AnthropicMessages || a.Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
                (taken ? b.Id == a.Id : b.Id.StartsWith(string.Concat(a.Id.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')), StringComparison.Ordinal)).ShouldBeTrue($"{a.Id} {b.Id}");
            }
            else if (to != WireFormat.Gemini && a.Native?.Format != to)
            {
                b.Id.ShouldNotBeEmpty();
            }
        }

        after.Where(c => c.Id.Length > 0).Select(c => c.Id).ShouldBeUnique();
    }

    /// <summary>No arguments are those of an empty object; what is no JSON is some text.</summary>
    private static byte[] Json(ToolCallPart call) => Encoding.UTF8.GetBytes(call.Arguments.Length == 0 ? "{}" : call.Arguments);
}
