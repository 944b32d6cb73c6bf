using System.Text;
using Interline.Core.Redaction;

namespace Interline.Core.Tests.Redaction;

/// <summary>What is hidden in a text, and what is not.</summary>
public sealed class RedactorTests
{
    private static readonly Redactor Plain = new([]);

    [Theory]
    [InlineData("my key is sk-proj-abcDEF123456_7890 ok", "my key is *** ok")]
    [InlineData("sk-ant-api03-aaaaaaaaaaaaaaaaaaaa", "***")]
    [InlineData("(gsk_abcdefghij0123456789)", "(***)")]
    [InlineData("ghp_0123456789abcdefghijklmnopqrstuvwxyz", "***")]
    [InlineData("AIzaSyA-0123456789abcdefghijklmnopqrstu", "***")]
    [InlineData("xoxb-123456789012-abcdefghijkl", "***")]
    [InlineData("Authorization: Bearer abc.def-123456", "Authorization: ***")]
    [InlineData("BEARER 0123456789", "***")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "***")]
    [InlineData("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_***")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_123", "***")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nafter", "***\nafter")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIIE cut off", "***")]
    [InlineData("password: hunter2222, and on", "***, and on")]
    [InlineData("api_key='abcdefgh'", "***'")]
    [InlineData("write to alice.smith+x@mail.example.org.", "write to ***")]
    [InlineData("a@b.io", "***")]
    [InlineData("card 4111 1111 1111 1111 exp", "card *** exp")]
    [InlineData("4111-1111-1111-1111", "***")]
    [InlineData("378282246310005,5555555555554444", "***,***")]
    [InlineData("4111 1111 1111 1111 20", "*** 20")]
    public void A_secret_is_hidden(string text, string hidden) => Plain.Redact(text).ShouldBe(hidden);

    [Theory]
    [InlineData("a task-1234567890123 and a desk-abcdefghijklm")]
    [InlineData("risk-free, sk-learn")]
    [InlineData("4111 1111 1111 1112")]
    [InlineData("12345678901234567890123456789012345678901234567890")]
    [InlineData("0000000000000000")]
    [InlineData("call @alice or me@home")]
    [InlineData("bearer of news")]
    [InlineData("2026-11-22T10:00:00Z, 1.5, -3, 10.0.0.1")]
    [InlineData("my password is long")]
    [InlineData("")]
    public void What_is_no_secret_stays(string text) => Plain.Redact(text).ShouldBe(text);

    [Fact]
    public void Own_patterns_hide_too()
    {
        var redactor = new Redactor([Redactor.TryPattern("EMP-[0-9]{6}", out string? problem)!]);
        problem.ShouldBeNull();
        redactor.Redact("EMP-123456 and EMP-12 and a@b.io").ShouldBe("*** and EMP-12 and ***");
    }

    [Theory]
    [InlineData("(unclosed", "unclosed")]
    [InlineData(@"(a)\1", "linear time")]
    [InlineData("(?=a)b", "linear time")]
    [InlineData("x*", "matches nothing at all")]
    public void A_pattern_that_cannot_be_used_says_why(string pattern, string why)
    {
        Redactor.TryPattern(pattern, out string? problem).ShouldBeNull();
        problem!.ShouldContain(why);
    }

    /// <summary>Quadratic work on any of these would take minutes, and the patterns' own limit of ten seconds would end it.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("a.")]
    [InlineData("a@")]
    [InlineData("eyJ")]
    [InlineData("eyJaaaaaa.")]
    [InlineData("sk-")]
    [InlineData("1 ")]
    [InlineData("4111111111111112 ")]
    [InlineData("password")]
    [InlineData("password = ")]
    [InlineData("bearer ")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("-----BEGIN ")]
    [InlineData("secret_access_key")]
    [InlineData("a.com@")]
    public void A_million_characters_are_no_trouble(string piece)
    {
        var text = new StringBuilder();
        while (text.Length < 1_000_000)
        {
            text.Append(piece);
        }

        Plain.Redact(text.ToString()).Length.ShouldBeLessThanOrEqualTo(text.Length);
    }
}
