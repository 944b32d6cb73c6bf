using Interline.Core.Retry;
using Interline.Protocols.Errors;

namespace Interline.Core.Tests.Retry;

public class RetryRulesTests
{
    private const NextMove Other = NextMove.NextDeployment;
    private const NextMove Same = NextMove.SameDeployment;
    private const NextMove Group = NextMove.NextGroup;
    private const NextMove Stop = NextMove.Stop;

    /// <summary>Kind, then the move: retry left and untried; retry left, none untried, group behind; the same without a group; no retry left, untried, group; no retry left, untried, no group.</summary>
    public static TheoryData<ErrorKind, NextMove, NextMove, NextMove, NextMove, NextMove> Table => new()
    {
        { ErrorKind.BadRequest, Stop, Stop, Stop, Stop, Stop },
        { ErrorKind.ContentPolicy, Group, Group, Stop, Group, Stop },
        { ErrorKind.ClientGone, Stop, Stop, Stop, Stop, Stop },
        { ErrorKind.ContextLength, Group, Group, Stop, Group, Stop },
        { ErrorKind.Authentication, Other, Group, Stop, Other, Other },
        { ErrorKind.Permission, Other, Group, Stop, Other, Other },
        { ErrorKind.QuotaExhausted, Other, Group, Stop, Other, Other },
        { ErrorKind.NotFound, Other, Group, Stop, Other, Other },
        { ErrorKind.Unsupported, Other, Group, Stop, Other, Other },
        { ErrorKind.RateLimit, Other, Same, Same, Group, Stop },
        { ErrorKind.Overloaded, Other, Same, Same, Group, Stop },
        { ErrorKind.Server, Other, Same, Same, Group, Stop },
        { ErrorKind.Network, Other, Same, Same, Group, Stop },
        { ErrorKind.Timeout, Other, Group, Same, Group, Stop },
        { ErrorKind.Malformed, Other, Same, Same, Group, Stop },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_kind_of_error_has_its_move(ErrorKind kind, NextMove untried, NextMove lonely, NextMove alone, NextMove spent, NextMove spentAlone)
    {
        Move(kind, retryLeft: true, untried: true, group: true).ShouldBe(untried);
        Move(kind, retryLeft: true, untried: false, group: true).ShouldBe(lonely);
        Move(kind, retryLeft: true, untried: false, group: false).ShouldBe(alone);
        Move(kind, retryLeft: false, untried: true, group: true).ShouldBe(spent);
        Move(kind, retryLeft: false, untried: true, group: false).ShouldBe(spentAlone);
    }

    [Fact]
    public void The_table_names_every_kind() => Table.Count.ShouldBe(Enum.GetValues<ErrorKind>().Length);

    [Fact]
    public void Only_a_retry_of_the_same_deployment_waits()
    {
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>())
        {
            for (int mask = 0; mask < 8; mask++)
            {
                (NextMove move, TimeSpan wait) = RetryRules.After(
                    new(kind, 500, "x") { RetryAfter = TimeSpan.FromSeconds(3) },
                    new RetryState { Attempts = 1, NumRetries = mask & 1, HasUntried = (mask & 2) > 0, HasNextGroup = (mask & 4) > 0 });
                (wait > TimeSpan.Zero).ShouldBe(move == Same);
            }
        }
    }

    [Fact]
    public void Who_broke_off_an_answer_is_asked_again_only_if_there_is_nobody_else()
    {
        RetryState state = new() { Attempts = 1, NumRetries = 1, HasUntried = false, HasNextGroup = true, Begun = true };
        ApiError cut = new(ErrorKind.Network, 502, "x");
        RetryRules.After(cut, state).Move.ShouldBe(Group);
        RetryRules.After(cut, state with { Begun = false }).Move.ShouldBe(Same);
        RetryRules.After(cut, state with { HasNextGroup = false }).Move.ShouldBe(Same);
        RetryRules.After(cut, state with { HasUntried = true }).Move.ShouldBe(Other);
        RetryRules.After(new(ErrorKind.ContentPolicy, 400, "x"), state with { HasNextGroup = false }).Move.ShouldBe(Stop);
    }

    [Fact]
    public void Waits_double_and_are_spread()
    {
        TimeSpan[] longest = [.. new[] { 0.5, 1, 2, 4, 8, 8, 8 }.Select(TimeSpan.FromSeconds)];
        for (int attempts = 1; attempts <= longest.Length; attempts++)
        {
            HashSet<TimeSpan> waits = [];
            for (ulong seed = 0; seed < 100; seed++)
            {
                TimeSpan wait = RetryRules.After(new(ErrorKind.Server, 500, "x"), new RetryState { Attempts = attempts, NumRetries = 99, HasUntried = false, HasNextGroup = false, Seed = seed }).Wait;
                wait.ShouldBeInRange(0.75 * longest[attempts - 1], longest[attempts - 1]);
                waits.Add(wait);
            }

            waits.Count.ShouldBeGreaterThan(90);
        }
    }

    [Fact]
    public void No_wait_is_shorter_than_the_settings_say()
    {
        var state = new RetryState { Attempts = 1, NumRetries = 1, HasUntried = false, HasNextGroup = false, MinimumWait = TimeSpan.FromSeconds(5) };
        RetryRules.After(new(ErrorKind.Server, 500, "x"), state).Wait.ShouldBe(TimeSpan.FromSeconds(5));
        RetryRules.After(new(ErrorKind.Server, 500, "x") { RetryAfter = TimeSpan.FromSeconds(1) }, state).Wait.ShouldBe(TimeSpan.FromSeconds(5));
        RetryRules.After(new(ErrorKind.Server, 500, "x") { RetryAfter = TimeSpan.FromSeconds(9) }, state).Wait.ShouldBe(TimeSpan.FromSeconds(9));
    }

    private static NextMove Move(ErrorKind kind, bool retryLeft, bool untried, bool group) =>
        RetryRules.After(new(kind, 500, "x"), new RetryState { Attempts = 2, NumRetries = retryLeft ? 2 : 1, HasUntried = untried, HasNextGroup = group }).Move;
}
