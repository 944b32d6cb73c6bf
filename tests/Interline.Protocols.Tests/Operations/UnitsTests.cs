using System.Text;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAI;
using Interline.Protocols.Operations;

namespace Interline.Protocols.Tests.Operations;

/// <summary>What operations count that is no token.</summary>
public sealed class UnitsTests
{
    [Theory]
    [InlineData("""{"input":"héllo 😀","model":"m"}""", 7)]
    [InlineData("""{"model":"m","input":"a\u00e9\n"}""", 3)]
    [InlineData("""{"model":"m","input":["a"]}""", 0)]
    [InlineData("""{"model":"m"}""", 0)]
    public void Speech_counts_characters_as_people_do(string request, long characters) =>
        JsonOperationLane.Speech.Measure(Encoding.UTF8.GetBytes(request), null)!.InputCharacters.ShouldBe(characters);

    [Fact]
    public void Images_are_counted_in_the_answer_and_looked_up_in_the_request_where_it_does_not_say()
    {
        byte[] request = Encoding.UTF8.GetBytes("""{"prompt":"a cat","n":3,"size":"1024x1792","quality":"hd"}""");

        JsonOperationLane lane = JsonOperationLane.Images;
        Units? two = lane.Measure(request, Facts("""{"created":1,"data":[{"url":"a"},{"url":"b"}]}""").Units);
        Units? said = lane.Measure(request, Facts("""{"data":[{"url":"a"}],"size":"512x512","quality":"low"}""").Units);

        two.ShouldBe(new Units { Images = 2, ImageWidth = 1024, ImageHeight = 1792, ImageQuality = "hd" });
        said.ShouldBe(new Units { Images = 1, ImageWidth = 512, ImageHeight = 512, ImageQuality = "low" });
        lane.Measure(request, Facts("""{"data":[]}""").Units).ShouldBeNull();

        static AnswerFacts Facts(string answer) => JsonOperationLane.Images.SniffAnswer(Encoding.UTF8.GetBytes(answer));
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("x")]
    [InlineData("1024x")]
    [InlineData("-1x5")]
    [InlineData("99999999999999999999x1")]
    public void A_size_that_is_none_is_not_said(string size) =>
        JsonOperationLane.Images.Measure(Encoding.UTF8.GetBytes($$"""{"size":"{{size}}"}"""), new Units { Images = 1 }).ShouldBe(new Units { Images = 1 });

    [Theory]
    [InlineData("""{"text":"a","usage":{"type":"duration","seconds":2.5}}""", "2.5")]
    [InlineData("""{"duration":"8.47","text":"a"}""", "8.47")]
    [InlineData("""{"text":"a"}""", null)]
    [InlineData("""{"duration":-1,"text":"a"}""", null)]
    [InlineData("[1]", null)]
    [InlineData("not JSON", null)]
    public void A_transcript_says_its_seconds_in_two_ways_or_not_at_all(string answer, string? seconds)
    {
        AnswerFacts facts = TranscriptionLane.Transcriptions.SniffAnswer(Encoding.UTF8.GetBytes(answer));

        facts.Valid.ShouldBeTrue("whatever it is, it passes");
        facts.Usage.ShouldBeNull();
        facts.Units?.InputSeconds.ShouldBe(decimal.Parse(seconds!, System.Globalization.CultureInfo.InvariantCulture));
        (facts.Units is null).ShouldBe(seconds is null);
    }

    [Fact]
    public void Streams_of_images_and_transcripts_are_counted_too()
    {
        EventSniffer images = new();
        Inspect(images, """{"type":"image_generation.partial_image","b64_json":"aaaa"}""");
        Inspect(images, """{"type":"image_generation.completed","b64_json":"aaaa","usage":{"input_tokens":50,"output_tokens":1056,"total_tokens":1106}}""");
        EventSniffer transcript = new();
        Inspect(transcript, """{"type":"transcript.text.delta","delta":"hello"}""");
        Inspect(transcript, """{"type":"transcript.text.done","text":"hello","usage":{"type":"duration","seconds":3}}""");

        images.Units.ShouldBe(new Units { Images = 1 });
        images.Usage.ShouldBe(new Usage { Input = 50, OutputImage = 1056 });
        transcript.Units.ShouldBe(new Units { InputSeconds = 3 });
        transcript.TextBytes.ShouldBe(5);
    }

    [Theory]
    [InlineData("""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"12345","tool_calls":[{"id":"long_id","type":"function","function":{"name":"ab","arguments":"123"}}]},"finish_reason":"stop"}],"usage":null}""", 10)]
    [InlineData("""{"type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"12345","signature":"aaaaaaaaaaaa"},{"type":"text","text":"123"}]}""", 8)]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"12345"},{"inlineData":{"mimeType":"image/png","data":"aaaaaaaaaaaa"}}],"role":"model"},"finishReason":"STOP"}],"modelVersion":"m"}""", 5)]
    [InlineData("""{"id":"r","object":"response","output":[{"type":"message","id":"m1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"12345","annotations":[{"url":"x"}]}]}]}""", 5)]
    [InlineData("""{"choices":[{"text":"12345"}""", 5)]
    [InlineData("[]", 0)]
    public void What_a_model_wrote_is_measured_in_every_format(string answer, long bytes) => WrittenText.Bytes(Encoding.UTF8.GetBytes(answer)).ShouldBe(bytes);

    private static void Inspect(EventSniffer sniffer, string data) => sniffer.Inspect(default, Encoding.UTF8.GetBytes(data)).ShouldBe(EventVerdict.Forward);
}
