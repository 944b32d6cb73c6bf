using System.Globalization;
using System.Text;
using System.Text.Json;
using Interline.Contents;
using Interline.Core.Redaction;
using Interline.Core.Routing;

namespace Interline.Tests.Contents;

/// <summary>What is kept of a request or an answer holds no secret, however it was written, cut into events or cut off.</summary>
public sealed class ContentTextTests
{
    private static readonly Redactor Redactor = new([]);

    private static readonly string[] Secrets =
    [
        "sk-proj-abcDEF1234567890", "gsk_abcdefghij0123456789", "Bearer 0a1b2c3d4e5f6a7b", "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "alice.smith@mail.example.org", "4111111111111111", "5555 5555 5555 4444", "ghp_0123456789abcdefghijklmnop", "password=correcthorse99",
    ];

    private static readonly string[] Words = ["the", "quick", "brown\nfox", "häns", "猫が", "\"quoted\"", "1.5", "and", "{json: true}", "data: x", "\\", "🙂"];

    [Fact]
    public void No_secret_survives_in_a_document_however_it_is_escaped()
    {
        for (ulong seed = 1; seed <= 400; seed++)
        {
            var random = new Chance(seed);
            string secret = Pick(random, Secrets);
            string json = $"{{\"model\":\"gpt\",\"messages\":[{{\"role\":\"user\",\"content\":{Quote(Around(random, secret), random)}}}],\"{secret.Replace("\"", "", StringComparison.Ordinal)}\":[1,null,true,{{}}]}}";
            string kept = Kept(json);
            kept.ShouldNotContain(secret, Case.Sensitive, $"seed {seed}");
            kept.ShouldContain(Redactor.Mask);
            using JsonDocument document = JsonDocument.Parse(kept);
            document.RootElement.GetProperty("model").GetString().ShouldBe("gpt");
        }
    }

    [Fact]
    public void No_secret_and_no_long_beginning_of_one_survives_where_a_document_is_cut()
    {
        for (ulong seed = 1; seed <= 400; seed++)
        {
            var random = new Chance(seed);
            string secret = Pick(random, Secrets);
            byte[] json = Encoding.UTF8.GetBytes($"{{\"messages\":[{{\"content\":{Quote(Around(random, secret), random)}}}],\"n\":1}}");
            int most = 1 + (int)(random.Next() % (ulong)json.Length);
            string kept = ContentText.Of(json.AsSpan(0, most), json.Length, Redactor);
            kept.ShouldNotContain(secret[..10], Case.Sensitive, $"seed {seed}, {most} bytes");
            if (most < json.Length)
            {
                Should.NotThrow(() => JsonDocument.Parse(kept).Dispose(), $"seed {seed}: {kept}");
            }
        }
    }

    [Fact]
    public void No_secret_survives_in_a_stream_at_any_chunking_and_any_cut()
    {
        for (ulong seed = 1; seed <= 400; seed++)
        {
            var random = new Chance(seed);
            string secret = Pick(random, Secrets);
            string text = Around(random, secret);
            var stream = new StringBuilder();
            for (int at = 0; at < text.Length;)
            {
                int length = Math.Min(1 + (int)(random.Next() % 5), text.Length - at);
                length += at + length < text.Length && char.IsLowSurrogate(text[at + length]) ? 1 : 0;
                stream.Append(CultureInfo.InvariantCulture, $"data: {{\"id\":\"c1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{Quote(text.Substring(at, length), random)}}}}}]}}\n\n");
                at += length;
            }

            stream.Append("data: [DONE]\n\n");
            byte[] bytes = Encoding.UTF8.GetBytes(stream.ToString());
            string whole = ContentText.Of(bytes, bytes.Length, Redactor);
            whole.ShouldNotContain(secret, Case.Sensitive, $"seed {seed}");
            using JsonDocument document = JsonDocument.Parse(whole);
            document.RootElement.GetProperty("texts").GetProperty("choices[0].delta.content").GetString().ShouldBe(Redactor.Redact(text));
            document.RootElement.GetProperty("texts").GetProperty("id").GetString().ShouldBe("c1");
            string cut = ContentText.Of(bytes.AsSpan(0, (int)(random.Next() % (ulong)bytes.Length)), bytes.Length, Redactor);
            cut.ShouldNotContain(secret[..10], Case.Sensitive, $"seed {seed}");
        }
    }

    [Fact]
    public void A_stream_that_is_an_array_is_joined_too()
    {
        const string Array = """[{"candidates":[{"content":{"parts":[{"text":"key sk-abc"}]}}]},{"candidates":[{"content":{"parts":[{"text":"def0123456789 ok"}]}}]}]""";
        Kept(Array).ShouldBe("""{"events":2,"texts":{"candidates[0].content.parts[0].text":"key *** ok"}}""");
        string cut = ContentText.Of(Encoding.UTF8.GetBytes(Array).AsSpan(0, Array.Length - 20), Array.Length, Redactor);
        cut.ShouldBe("""{"events":1,"texts":{"candidates[0].content.parts[0].text":"key…"}}""");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData("RIFFbinary", "[10 bytes that are no JSON]")]
    [InlineData("{\"a\":}", "[6 bytes that are not valid JSON]")]
    [InlineData("{\"a\":\"\\ud800\"}", "[14 bytes that are not valid JSON]")]
    [InlineData("""{"a":4111111111111111,"b":12}""", """{"a":"***","b":12}""")]
    [InlineData("""{ "a" : [ 1.50, true, null ] }""", """{"a":[1.50,true,null]}""")]
    public void What_cannot_be_looked_through_is_not_kept(string text, string kept) => Kept(text).ShouldBe(kept);

    [Theory]
    [InlineData("""{"a":"one two thr""", """{"a":"one two…"}""")]
    [InlineData("""{"a":"one two \u00""", """{"a":"one two…"}""")]
    [InlineData("""{"a":["x","on""", """{"a":["x","…"]}""")]
    [InlineData("""{"a":12""", """{"a":"…"}""")]
    [InlineData("""{"a":1,"some pro""", """{"a":1}""")]
    [InlineData("""{"a""", """{}""")]
    public void A_document_that_was_cut_ends_at_a_whole_word(string text, string kept) => Kept(text, 1000).ShouldBe(kept);

    private static string Kept(string text, long? whole = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return ContentText.Of(bytes, whole ?? bytes.Length, Redactor);
    }

    private static string Around(Chance random, string secret)
    {
        string Some() => string.Join(' ', Enumerable.Range(0, (int)(random.Next() % 12)).Select(_ => Pick(random, Words)));
        string before = Pick(random, [" ", "\n", "\"", "(", ": ", ", "]);
        return $"{Some()}{before}{secret}{Pick(random, [" ", "\n", "\"", ")", ",", "; "])}{Some()}";
    }

    /// <summary>A JSON string; some characters by their numbers.</summary>
    private static string Quote(string text, Chance random)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            // Half a pair by its number beside half a pair as it is would be no text.
            bool escape = c is '"' or '\\' or < ' ' || (random.Next() % 8 == 0 && !char.IsSurrogate(c));
            quoted.Append(escape ? $"\\u{(int)c:x4}" : c.ToString());
        }

        return quoted.Append('"').ToString();
    }

    private static string Pick(Chance random, string[] from) => from[(int)(random.Next() % (ulong)from.Length)];

    private sealed class Chance(ulong seed)
    {
        private Seeded _seeded = new(seed);

        public ulong Next() => _seeded.Next();
    }
}
