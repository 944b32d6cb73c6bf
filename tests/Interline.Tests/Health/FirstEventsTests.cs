using Interline.Health;

namespace Interline.Tests.Health;

/// <summary>What is learned of a deployment's first events, and how long they are waited for.</summary>
public sealed class FirstEventsTests
{
    [Fact]
    public void Nothing_is_said_of_few()
    {
        var events = new FirstEvents();
        for (int i = 1; i < FirstEvents.Fewest; i++)
        {
            events.Add(TimeSpan.FromSeconds(2));
        }

        events.Limit.ShouldBeNull();
        events.Add(TimeSpan.FromSeconds(2));
        events.Usual.ShouldBe(TimeSpan.FromSeconds(2));
        events.Limit.ShouldBe(TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData(0.01, 5)]
    [InlineData(1.2, 5)]
    [InlineData(3, 12)]
    [InlineData(15, 60)]
    [InlineData(300, 60)]
    public void The_limit_is_four_times_the_usual_within_5_and_60_seconds(double seconds, double limit) =>
        Full(_ => seconds).Limit.ShouldBe(TimeSpan.FromSeconds(limit));

    [Fact]
    public void One_in_twenty_may_be_slower()
    {
        Full(i => i < 3 ? 50 : 2).Usual.ShouldBe(TimeSpan.FromSeconds(2));
        Full(i => i < 4 ? 50 : 2).Usual.ShouldBe(TimeSpan.FromSeconds(50));
    }

    [Fact]
    public void Old_ones_are_forgotten_and_waiting_in_vain_makes_the_limit_grow()
    {
        FirstEvents events = Full(_ => 0.5);
        events.Limit.ShouldBe(FirstEvents.Shortest);
        for (int i = 0; i < 8; i++)
        {
            events.Add(events.Limit!.Value);
        }

        events.Limit.ShouldBe(TimeSpan.FromSeconds(20));
    }

    private static FirstEvents Full(Func<int, double> seconds)
    {
        var events = new FirstEvents();
        for (int i = 0; i < FirstEvents.Kept; i++)
        {
            events.Add(TimeSpan.FromSeconds(seconds(i)));
        }

        return events;
    }
}
