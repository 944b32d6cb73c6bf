using System.Globalization;
using Interline.Core.Budgets;

namespace Interline.Core.Tests.Budgets;

public class BudgetWindowTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData("1h", "2026-08-05T12:00:00Z", "2026-08-05T13:00:00Z")]
    [InlineData("24h", "2026-08-05T00:00:00Z", "2026-08-06T00:00:00Z")]
    [InlineData("1d", "2026-08-05T00:00:00Z", "2026-08-06T00:00:00Z")]
    [InlineData("7d", "2026-08-03T00:00:00Z", "2026-08-10T00:00:00Z")]
    [InlineData("1w", "2026-08-03T00:00:00Z", "2026-08-10T00:00:00Z")]
    [InlineData("30d", "2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z")]
    [InlineData("1mo", "2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z")]
    [InlineData("30s", "2026-08-05T12:34:30Z", "2026-08-05T12:35:00Z")]
    [InlineData("30m", "2026-08-05T12:30:00Z", "2026-08-05T13:00:00Z")]
    [InlineData("12h", "2026-08-05T12:00:00Z", "2026-08-06T00:00:00Z")]
    [InlineData("3mo", "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z")]
    public void Windows_stand_where_LiteLLM_resets(string text, string from, string to)
    {
        WindowSpan span = Parse(text).At(At("2026-08-05T12:34:56Z"));
        span.From.ShouldBe(At(from));
        span.To.ShouldBe(At(to));
    }

    [Fact]
    public void Other_lengths_stand_at_their_multiples_since_1970()
    {
        WindowSpan span = Parse("5d").At(At("2026-08-05T12:34:56Z"));
        ((span.From - DateTimeOffset.UnixEpoch).TotalDays % 5).ShouldBe(0);
        (span.To - span.From).ShouldBe(TimeSpan.FromDays(5));
    }

    [Theory]
    [InlineData("2026-03-29T12:00:00Z", 23)]
    [InlineData("2026-10-25T12:00:00Z", 25)]
    [InlineData("2026-08-05T12:00:00Z", 24)]
    public void A_day_of_a_zone_has_the_hours_it_has(string moment, int hours)
    {
        WindowSpan span = Parse("1d", Berlin).At(At(moment));
        (span.To - span.From).ShouldBe(TimeSpan.FromHours(hours));
        TimeZoneInfo.ConvertTime(span.From, Berlin).TimeOfDay.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void An_hour_stays_an_hour_when_the_clock_is_put_back()
    {
        BudgetWindow hour = Parse("1h", Berlin);
        WindowSpan first = hour.At(At("2026-10-25T00:30:00Z"));
        WindowSpan second = hour.At(At("2026-10-25T01:30:00Z"));
        first.To.ShouldBe(second.From);
        (second.To - second.From).ShouldBe(TimeSpan.FromHours(1));
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("America/Sao_Paulo")]
    [InlineData("Asia/Kolkata")]
    [InlineData("Asia/Beirut")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Pacific/Apia")]
    public void Windows_follow_each_other_without_gap_or_overlap(string zone)
    {
        var random = new Random(11);
        TimeZoneInfo of = TimeZoneInfo.FindSystemTimeZoneById(zone);
        foreach (string text in (string[])["45s", "7m", "1h", "2h", "5h", "12h", "1d", "3d", "7d", "14d", "30d", "1mo", "5mo"])
        {
            BudgetWindow window = Parse(text, of);
            for (int i = 0; i < 400; i++)
            {
                DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(random.NextInt64(0, 4_000_000_000));
                WindowSpan span = window.At(now);
                string what = $"{text} {now:O}";
                span.From.ShouldBeLessThanOrEqualTo(now, what);
                span.To.ShouldBeGreaterThan(now, what);
                window.At(span.To).From.ShouldBe(span.To, what);
                window.At(span.From).ShouldBe(span, what);
                window.At(span.From.AddSeconds(-1)).To.ShouldBe(span.From, what);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("0d")]
    [InlineData("-1d")]
    [InlineData("1.5h")]
    [InlineData("1x")]
    [InlineData("5000mo")]
    public void What_is_no_window_is_told(string text)
    {
        BudgetWindowText.Parse(text, null, out string? error).ShouldBeNull();
        error.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("30s")]
    [InlineData("5m")]
    [InlineData("12h")]
    [InlineData("7d")]
    [InlineData("2w")]
    [InlineData("1mo")]
    [InlineData("rolling 30d")]
    public void A_window_is_written_as_it_is_read(string text) => BudgetWindowText.Write(Parse(text)).ShouldBe(text);

    [Theory]
    [InlineData("1000000w")]
    [InlineData("rolling 5000mo")]
    [InlineData("rolling")]
    [InlineData(null)]
    public void What_is_too_long_or_no_window_is_none(string? text) => BudgetWindowText.Read(text).ShouldBeNull();

    [Fact]
    public void A_window_that_is_asked_to_roll_does()
    {
        BudgetWindowText.Read("rolling 30d").ShouldBe(new BudgetWindow(30, WindowUnit.Day, null, Rolling: true));
        new BudgetWindow(1, WindowUnit.Month).After(At("2026-01-31T00:00:00Z")).ShouldBe(At("2026-02-28T00:00:00Z"));
    }

    [Fact]
    public void A_rolling_window_reaches_back_by_its_length()
    {
        var window = new BudgetWindow(1, WindowUnit.Hour, null, Rolling: true);
        DateTimeOffset now = At("2026-08-05T12:34:56Z");
        window.At(now).ShouldBe(new WindowSpan(now.AddHours(-1), now));
        window.BucketSeconds.ShouldBe(60);
    }

    private static BudgetWindow Parse(string text, TimeZoneInfo? zone = null) => BudgetWindowText.Parse(text, zone, out _).ShouldNotBeNull();

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
