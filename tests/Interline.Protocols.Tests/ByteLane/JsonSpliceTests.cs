using System.Text;
using System.Text.Json;
using Interline.Protocols.ByteLane;

namespace Interline.Protocols.Tests.ByteLane;

public class JsonSpliceTests
{
    private static readonly byte[] Model = "\"new/mödel\""u8.ToArray();

    [Theory]
    [InlineData("{}", "{\"model\":\"new/mödel\"}")]
    [InlineData("{ }", "{\"model\":\"new/mödel\" }")]
    [InlineData("{\"a\":1}", "{\"model\":\"new/mödel\",\"a\":1}")]
    [InlineData(" { \"a\" : 1.50 } ", " {\"model\":\"new/mödel\", \"a\" : 1.50 } ")]
    [InlineData("{\"model\":\"x\"}", "{\"model\":\"new/mödel\"}")]
    [InlineData("{\"é\":\"\\u00e9\", \"model\" :\t\"old\" ,\"z\":[1, 2]}", "{\"é\":\"\\u00e9\", \"model\" :\t\"new/mödel\" ,\"z\":[1, 2]}")]
    public void The_model_is_put_in_and_every_other_byte_stays(string body, string expected)
    {
        var edits = new BodyEdits();
        JsonSplice.Model(Facts(body), Model, edits);
        edits.Apply(body).ShouldBe(expected);
        JsonDocument.Parse(expected).Dispose();
    }

    [Theory]
    [InlineData("{\"a\":1}", "{\"stream_options\":{\"include_usage\":true},\"a\":1}")]
    [InlineData("{\"a\":1,\"stream_options\":null}", "{\"a\":1,\"stream_options\":{\"include_usage\":true}}")]
    [InlineData("{\"stream_options\":{},\"a\":1}", "{\"stream_options\":{\"include_usage\":true},\"a\":1}")]
    [InlineData("{\"stream_options\":{ \n },\"a\":1}", "{\"stream_options\":{\"include_usage\":true \n },\"a\":1}")]
    [InlineData("{\"stream_options\":{\"x\":1},\"a\":1}", "{\"stream_options\":{\"include_usage\":true,\"x\":1},\"a\":1}")]
    [InlineData("{\"stream_options\":{\"x\":1,\"include_usage\":false},\"a\":1}", "{\"stream_options\":{\"x\":1,\"include_usage\":true},\"a\":1}")]
    [InlineData("{\"stream_options\":{\"include_usage\": null },\"a\":1}", "{\"stream_options\":{\"include_usage\": true },\"a\":1}")]
    [InlineData("{\"stream_options\":{\"include_usage\":{\"x\":[]}},\"a\":1}", "{\"stream_options\":{\"include_usage\":true},\"a\":1}")]
    [InlineData("{\"stream_options\":{\"include_usage\":true},\"a\":1}", "{\"stream_options\":{\"include_usage\":true},\"a\":1}")]
    public void Usage_is_asked_for_in_every_shape(string body, string expected)
    {
        var edits = new BodyEdits();
        JsonSplice.IncludeUsage(Encoding.UTF8.GetBytes(body), Facts(body), edits);
        edits.Apply(body).ShouldBe(expected);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"a\":1}")]
    public void Several_insertions_keep_the_commas_right(string body)
    {
        RequestFacts facts = Facts(body);
        var edits = new BodyEdits();
        if (!facts.IsEmptyObject)
        {
            JsonSplice.Model(facts, Model, edits);
            JsonSplice.IncludeUsage(Encoding.UTF8.GetBytes(body), facts, edits);
            JsonSplice.Insert(facts, "te\"mp", "0.50", edits);
        }
        else
        {
            JsonSplice.Insert(facts, "te\"mp", "0.50", edits);
        }

        using JsonDocument document = JsonDocument.Parse(edits.Apply(body));
        document.RootElement.GetProperty("te\"mp").GetRawText().ShouldBe("0.50");
    }

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("é😀<>", "\"é\\uD83D\\uDE00<>\"")]
    public void A_text_is_quoted(string text, string expected) => JsonSplice.Quote(text).ShouldBe(expected);

    private static RequestFacts Facts(string body)
    {
        JsonPeek.Read(Encoding.UTF8.GetBytes(body), null, false, out RequestFacts facts).ShouldBeNull();
        return facts;
    }
}
