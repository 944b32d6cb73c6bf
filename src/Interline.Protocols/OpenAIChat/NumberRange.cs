using System.Globalization;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Numbers of another format's settings, within what OpenAI takes. Source: OpenAI's API description, <c>CreateChatCompletionRequest</c>.</summary>
internal static class NumberRange
{
    /// <summary>Writes a number; the nearest one that is taken, and a loss, if it is not.</summary>
    public static void Write(Utf8JsonWriter w, string name, JsonNumber? number, double least, double most, Writing writing)
    {
        if (number is { } given)
        {
            Write(w, name, given, given.Value >= least && given.Value <= most, Math.Clamp(given.Value, least, most), writing);
        }
    }

    /// <summary>Writes a whole number; the nearest one that is taken, and a loss, if it is not.</summary>
    public static void WriteWhole(Utf8JsonWriter w, string name, JsonNumber? number, long least, long most, Writing writing)
    {
        if (number is { } given)
        {
            bool whole = long.TryParse(given.Spelling, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long same) && same >= least && same <= most;
            Write(w, name, given, whole, Math.Clamp(given.Whole, least, most), writing);
        }
    }

    private static void Write(Utf8JsonWriter w, string name, JsonNumber given, bool taken, JsonNumber nearest, Writing writing)
    {
        w.WritePropertyName(name);
        (taken ? given : nearest).WriteTo(w);
        if (!taken)
        {
            writing.Losses.Add(name, LossAction.Changed, $"the nearest that OpenAI Chat takes is {nearest}");
        }
    }
}
