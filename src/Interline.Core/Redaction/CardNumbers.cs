using System.Text;

namespace Interline.Core.Redaction;

/// <summary>
/// Finds payment card numbers: 13 to 19 digits, alone or with single spaces or dashes between, whose check digit is right by Luhn's formula (ISO/IEC 7812-1,
/// annex B). About one in ten other numbers of that length is right too, and is hidden with them.
/// </summary>
internal static class CardNumbers
{
    private const int Shortest = 13;
    private const int Longest = 19;

    /// <summary>The text with a mask in place of each number; the text itself if there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mask">The mask.</param>
    public static string Hide(string text, string mask)
    {
        StringBuilder? hidden = null;
        int kept = 0;
        for (int i = 0; i < text.Length; i++)
        {
            // Not from the middle of a longer run: 40 digits are a hash and no card.
            if (char.IsAsciiDigit(text[i]) && (i == 0 || !char.IsAsciiDigit(text[i - 1])) && Length(text.AsSpan(i)) is > 0 and { } length)
            {
                hidden = (hidden ?? new StringBuilder(text.Length)).Append(text, kept, i - kept).Append(mask);
                kept = i + length;
                i = kept - 1;
            }
        }

        return hidden is null ? text : hidden.Append(text, kept, text.Length - kept).ToString();
    }

    /// <summary>How many characters of a card number a text begins with: the longest; 0 if with none.</summary>
    private static int Length(ReadOnlySpan<char> text)
    {
        Span<byte> digits = stackalloc byte[Longest];
        int count = 0;
        int found = 0;
        for (int i = 0; i < text.Length && count < Longest; i++)
        {
            if (text[i] is ' ' or '-' && i > 0 && char.IsAsciiDigit(text[i - 1]))
            {
                continue;
            }

            if (!char.IsAsciiDigit(text[i]))
            {
                break;
            }

            digits[count++] = (byte)(text[i] - '0');
            bool ends = i + 1 == text.Length || !char.IsAsciiDigit(text[i + 1]);
            found = count >= Shortest && ends && IsRight(digits[..count]) ? i + 1 : found;
        }

        return found;
    }

    private static bool IsRight(ReadOnlySpan<byte> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[digits.Length - 1 - i];
            int doubled = digit * 2;
            sum += i % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
        }

        return sum % 10 == 0 && sum > 0;
    }
}
