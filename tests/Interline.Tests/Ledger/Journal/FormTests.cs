using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Protocols;
using Interline.Protocols.Errors;

namespace Interline.Tests.Ledger.Journal;

public class FormTests
{
    [Fact]
    public void A_record_comes_back_as_it_was()
    {
        CallRecord record = Journals.Settled(5) with { Error = ErrorKind.RateLimit, MalformedEvents = 2, Retries = 1, Fallbacks = 3, Estimated = true, PlanVersion = "plan" };

        CallRecord back = Back(record);

        back.Tags.ShouldBe(record.Tags);
        (back with { Tags = [] }).ShouldBe(record with { Tags = [] });
    }

    [Fact]
    public void What_is_unknown_stays_unknown()
    {
        CallRecord record = new() { Number = 1, StartedAt = DateTimeOffset.UnixEpoch, Operation = "o", Group = "g", Status = 0, SnapshotVersion = "", Seed = 0, Tags = [] };

        CallRecord back = Back(record);

        back.Cost.ShouldBeNull();
        back.Usage.ShouldBeNull();
        back.FirstByte.ShouldBeNull();
        back.KeyId.ShouldBeNull();
        back.ShouldBe(record);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1.500")]
    [InlineData("-0.0000001")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001")]
    [InlineData("7.9228162514264337593543950330")]
    [InlineData("18446744073709551616.50")]
    [InlineData("0.00")]
    public void Money_is_exact_and_equal_values_have_the_same_bytes(string text)
    {
        decimal money = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        CallRecord record = Journals.Settled(1) with { Cost = money };
        byte[] bytes = RecordForm.Bytes(in record);
        CallRecord back = Back(record);

        back.Cost.ShouldBe(money);
        RecordForm.Bytes(in back).ShouldBe(bytes);
        RecordForm.Bytes(record with { Cost = money / 1.0000000000000000000000000000m }).ShouldBe(bytes);
    }

    [Fact]
    public void Texts_are_bounded_and_have_no_control_characters_and_long_ones_stay_apart()
    {
        string one = new string('ß', 900) + "1";
        string two = new string('ß', 900) + "2";
        Back(Journals.Settled(1) with { Customer = one }).Customer.ShouldBe(StoredText.Of(one));
        StoredText.Of(one).ShouldNotBe(StoredText.Of(two));
        StoredText.Of(one).Length.ShouldBeLessThanOrEqualTo(StoredText.Longest);
        Back(Journals.Settled(1) with { Customer = "a\0b\nc\ud800", Tags = ["x\u001fy", .. Enumerable.Range(0, 100).Select(x => $"{x}")] }).ShouldSatisfyAllConditions(
            x => x.Customer.ShouldBe("a b c\ufffd"),
            x => x.Tags[0].ShouldBe("x y"),
            x => x.Tags.Length.ShouldBe(RecordForm.MostTags));
    }

    [Fact]
    public void A_text_is_written_alike_the_first_time_and_again()
    {
        var random = new Random(3);
        string[] texts = [.. Enumerable.Range(0, 600).Select(x => $"{x}\n{new string('ß', random.Next(60))}")];
        for (int i = 0; i < 5000; i++)
        {
            (string one, string two) = (random.GetItems(texts, 1)[0], random.GetItems(texts, 1)[0]);
            CallRecord back = Back(Journals.Settled(1) with { Group = one, KeyId = two, Provider = null });

            (back.Group, back.KeyId, back.Provider, back.UpstreamModel).ShouldBe((StoredText.Of(one), StoredText.Of(two), null, "gpt-x"));
        }
    }

    [Fact]
    public void Every_usage_class_is_kept()
    {
        var usage = new Usage { Input = 1, CacheRead = 2, CacheWrite = 3, CacheWrite1h = 4, InputAudio = 5, InputImage = 6, Output = 7, Reasoning = 8, OutputAudio = long.MaxValue, OutputImage = 10 };
        Back(Journals.Settled(1) with { Usage = usage }).Usage.ShouldBe(usage);
    }

    private static CallRecord Back(in CallRecord record) => RecordForm.ReadSettled(RecordForm.Bytes(in record), record.Number, new TextTable());
}
