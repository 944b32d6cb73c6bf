using Interline.Contents;

namespace Interline.Tests.Contents;

/// <summary>Contents in memory, and which calls are of the sample.</summary>
public sealed class ContentStoreTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_newest_stay_and_the_store_stays_small()
    {
        var store = new InMemoryContentStore(mostBytes: 10_000);
        for (int i = 0; i < 100; i++)
        {
            await store.WriteAsync([Content(i)], None);
        }

        (await store.FindAsync("99", None))!.Request.Length.ShouldBe(500);
        (await store.FindAsync("0", None)).ShouldBeNull();
        int kept = 0;
        for (int i = 0; i < 100; i++)
        {
            kept += await store.FindAsync($"{i}", None) is null ? 0 : 1;
        }

        kept.ShouldBe(10_000 / ((2 * 500) + 200));
    }

    [Fact]
    public async Task What_is_old_is_forgotten_and_what_is_there_is_not_written_over()
    {
        var store = new InMemoryContentStore();
        await store.WriteAsync([Content(1), Content(2)], None);
        await store.WriteAsync([Content(2) with { Request = "other" }], None);
        (await store.FindAsync("2", None))!.Request.ShouldNotBe("other");
        await store.PruneAsync(DateTimeOffset.UnixEpoch.AddMinutes(2), None);
        (await store.FindAsync("1", None)).ShouldBeNull();
        (await store.FindAsync("2", None)).ShouldNotBeNull();
    }

    [Fact]
    public void A_sample_is_as_large_as_it_says_and_the_same_every_time()
    {
        ContentLog.IsSampled(5, 0).ShouldBeFalse();
        ContentLog.IsSampled(5, 1).ShouldBeTrue();
        int tenth = Enumerable.Range(0, 100_000).Count(x => ContentLog.IsSampled((ulong)x, 0.1));
        tenth.ShouldBeInRange(9_500, 10_500);
        for (ulong seed = 0; seed < 1000; seed++)
        {
            // Who is in a smaller sample is in a larger one.
            (ContentLog.IsSampled(seed, 0.1) && !ContentLog.IsSampled(seed, 0.5)).ShouldBeFalse();
        }
    }

    private static StoredContent Content(int number) => new() { Id = $"{number}", StartedAt = DateTimeOffset.UnixEpoch.AddMinutes(number), Request = new string('x', 500), Answer = "" };
}
