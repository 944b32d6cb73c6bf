using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Interline.Core.Redaction;

/// <summary>
/// Hides secrets in texts before they are kept: keys of providers and services, bearer tokens, JSON web tokens, AWS keys, private keys, passwords that are
/// named so, e-mail addresses, card numbers, and what the configuration's own patterns match. Work is linear in the text.
/// </summary>
public sealed partial class Redactor
{
    /// <summary>What stands where a secret stood.</summary>
    public const string Mask = "***";

    private const int Limit = 10_000;
    private const RegexOptions Usual = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;
    private const RegexOptions Caseless = Usual | RegexOptions.IgnoreCase;

    private readonly ImmutableArray<Regex> _patterns;

    /// <summary>With the built-in patterns and further ones.</summary>
    /// <param name="own">Further patterns, each from <see cref="TryPattern"/>.</param>
    public Redactor(ImmutableArray<Regex> own) => _patterns = [PrivateKey(), WebToken(), Bearer(), ServiceKey(), AwsKey(), AwsSecret(), NamedSecret(), Mail(), .. own];

    /// <summary>Makes a pattern of a regular expression. Those that cannot be matched in linear time (back references, look-around) are refused.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="problem">What is wrong with it; null if nothing is.</param>
    /// <returns>Null if it cannot be used.</returns>
    public static Regex? TryPattern(string text, out string? problem)
    {
        try
        {
            var pattern = new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(Limit));
            problem = pattern.IsMatch("") ? "it matches nothing at all, and so everywhere" : null;
            return problem is null ? pattern : null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            problem = e is NotSupportedException ? "back references and look-around cannot be matched in linear time" : e.Message;
            return null;
        }
    }

    /// <summary>The text without secrets.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="RegexMatchTimeoutException">A pattern took too long; the text must not be kept.</exception>
    public string Redact(string text)
    {
        foreach (Regex pattern in _patterns)
        {
            text = pattern.Replace(text, Mask);
        }

        return CardNumbers.Hide(text, Mask);
    }

    // Each begins where no character of its own kind stands before it, so that a long run of such characters is looked at once and not once from each of its places.

    /// <summary>To the end of the text where its end was cut off.</summary>
    [GeneratedRegex("-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[^-]*(-----END [A-Z0-9 ]{0,40}-----)?", Usual, Limit)]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(\.[A-Za-z0-9_-]*)?", Usual, Limit)]
    private static partial Regex WebToken();

    [GeneratedRegex(@"(?<![A-Za-z0-9])bearer[ \t]{1,8}[A-Za-z0-9._~+/=-]{8,}", Caseless, Limit)]
    private static partial Regex Bearer();

    [GeneratedRegex(@"(?<![A-Za-z0-9])((sk|pk|rk|gsk|xai|pplx|nvapi|tvly|fw|csk|lsv2)[-_]|hf_|r8_|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|AIza|ya29\.|npm_|dop_v1_|SG\.)[A-Za-z0-9_.\-]{10,}", Usual, Limit)]
    private static partial Regex ServiceKey();

    [GeneratedRegex("(?<![A-Za-z0-9])(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])", Usual, Limit)]
    private static partial Regex AwsKey();

    [GeneratedRegex("secret[_ -]?access[_ -]?key[\"']?[ \\t]{0,8}[:=][ \\t]{0,8}[\"']?[A-Za-z0-9/+=]{30,}", Caseless, Limit)]
    private static partial Regex AwsSecret();

    [GeneratedRegex("(?<![A-Za-z0-9])(password|passwd|pwd|api[_-]?key|client[_-]?secret|access[_-]?token|authorization)[\"']?[ \\t]{0,8}[:=][ \\t]{0,8}[\"']?[^\\s\"',;]{6,}", Caseless, Limit)]
    private static partial Regex NamedSecret();

    [GeneratedRegex(@"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]+@[A-Za-z0-9](?>[A-Za-z0-9.\-]*)(?<=\.[A-Za-z]{2,24}[.\-]*)", Usual, Limit)]
    private static partial Regex Mail();
}
