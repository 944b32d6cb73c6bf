using Interline.Core.Configuration;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Tests.Routing;

public class RouteWalkTests
{
    private static readonly ApiError Server = new(ErrorKind.Server, 500, "x");
    private static readonly ApiError Refused = new(ErrorKind.Authentication, 401, "x");

    [Fact]
    public void A_bad_request_stops_at_once()
    {
        TestWalk walk = Walk(3, hasNext: true);
        walk.First().Index.ShouldBe(0);
        walk.After(new(ErrorKind.BadRequest, 400, "x"), out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.Stop);
    }

    [Fact]
    public void The_second_deployment_is_tried_at_once()
    {
        TestWalk walk = Walk(2);
        walk.First().ShouldBe(new(0, TimeSpan.Zero));
        walk.After(Server with { RetryAfter = TimeSpan.FromSeconds(30) }, out NextMove move).ShouldBe(new(1, TimeSpan.Zero));
        move.ShouldBe(NextMove.NextDeployment);
    }

    [Fact]
    public void Retries_are_counted_per_group()
    {
        TestWalk walk = Deployments.Walk(Deployments.Group([.. Enumerable.Range(0, 5).Select(i => Deployments.One($"d{i}"))]), Deployments.Healthy(5), new() { NumRetries = 2 }, 1, hasNextGroup: true);
        HashSet<int> tried = [walk.First().Index];
        tried.Add(walk.After(Server, out _).Index);
        tried.Add(walk.After(Server, out _).Index);
        tried.Count.ShouldBe(3);
        walk.After(Server, out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.NextGroup);
        walk.Attempts.ShouldBe(3);
    }

    [Fact]
    public void Every_order_is_tried_before_another_group_whatever_the_retries()
    {
        TestWalk walk = Walk(4, settings: new() { NumRetries = 0 }, hasNext: true);
        walk.First().Index.ShouldBe(0);
        walk.After(Server, out _).Index.ShouldBe(1);
        walk.After(Server, out _).Index.ShouldBe(2);
        walk.After(Server, out _).Index.ShouldBe(3);
        walk.After(Server, out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.NextGroup);
    }

    [Fact]
    public void A_prompt_that_is_too_long_goes_to_a_larger_window_of_the_group_first()
    {
        ModelGroup group = Deployments.Group(Deployments.Windowed("small", 1000, 1), Deployments.Windowed("same", 1000, 2), Deployments.Windowed("unknown", null, 3), Deployments.Windowed("large", 9000, 4));
        TestWalk walk = Deployments.Walk(group, Deployments.Healthy(4), new() { NumRetries = 0 }, 1, hasNextGroup: true);
        walk.First().Index.ShouldBe(0);
        walk.After(new(ErrorKind.ContextLength, 400, "x"), out _).Index.ShouldBe(3);
        walk.After(new(ErrorKind.ContextLength, 400, "x"), out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.NextGroup);
    }

    [Fact]
    public void A_deployment_without_room_takes_no_retry()
    {
        TestWalk walk = Walk(3, settings: new() { NumRetries = 0 });
        walk.First().Index.ShouldBe(0);
        walk.Walk.Full(Exclusion.Requests).Index.ShouldBe(1);
        walk.Walk.Full(Exclusion.Busy).Index.ShouldBe(2);
        walk.Attempts.ShouldBe(1);
        walk.Walk.Full(Exclusion.Busy).ShouldBe(RouteStep.End);
        walk.Walk.Refusal().Status.ShouldBe(429);
    }

    [Fact]
    public void The_same_deployment_waits_as_long_as_it_asks()
    {
        TestWalk walk = Walk(1);
        walk.First();
        walk.After(new(ErrorKind.RateLimit, 429, "x") { RetryAfter = TimeSpan.FromSeconds(60) }, out NextMove move).ShouldBe(new(0, TimeSpan.FromSeconds(60)));
        move.ShouldBe(NextMove.SameDeployment);
    }

    [Theory]
    [InlineData(true, NextMove.NextGroup)]
    [InlineData(false, NextMove.Stop)]
    public void A_wait_of_over_a_minute_goes_to_the_fallback(bool hasNext, NextMove expected)
    {
        TestWalk walk = Walk(1, hasNext: hasNext);
        walk.First();
        walk.After(new(ErrorKind.RateLimit, 429, "x") { RetryAfter = TimeSpan.FromSeconds(60.1) }, out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(expected);
    }

    [Fact]
    public void Silence_with_a_fallback_group_is_not_asked_twice()
    {
        TestWalk walk = Walk(1, hasNext: true);
        walk.First();
        walk.After(new(ErrorKind.Timeout, 504, "x"), out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.NextGroup);
    }

    [Fact]
    public void Silence_with_nobody_else_is_asked_again()
    {
        TestWalk walk = Walk(1);
        walk.First();
        walk.After(new(ErrorKind.Timeout, 504, "x"), out _).Index.ShouldBe(0);
    }

    [Fact]
    public void Whether_somebody_else_would_be_asked_depends_on_groups_and_on_retries()
    {
        Has(1).ShouldBeFalse();
        Has(1, hasNext: true).ShouldBeTrue();
        Has(2).ShouldBeTrue();

        static bool Has(int deployments, bool hasNext = false)
        {
            TestWalk walk = Walk(deployments, hasNext: hasNext);
            walk.First();
            return walk.HasOther();
        }
    }

    [Fact]
    public void A_prompt_that_is_too_long_goes_to_the_fallback_group()
    {
        TestWalk walk = Walk(3, hasNext: true);
        walk.First();
        walk.After(new(ErrorKind.ContextLength, 400, "x"), out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.NextGroup);
    }

    [Fact]
    public void A_refused_key_is_never_used_twice()
    {
        TestWalk walk = Walk(2, settings: new() { NumRetries = 5 });
        walk.First().Index.ShouldBe(0);
        walk.After(Refused, out _).Index.ShouldBe(1);
        walk.After(Server, out _).Index.ShouldBe(1);
        walk.After(Server, out _).Index.ShouldBe(1);
        walk.After(Server, out _).Index.ShouldBe(1);
    }

    [Fact]
    public void A_refused_key_is_not_used_through_a_deployment_that_shares_it()
    {
        ModelGroup group = Deployments.Group(
            Deployments.One("a", order: 1, key: "shared"), Deployments.One("b", order: 2, key: "shared"), Deployments.One("c", order: 3), Deployments.One("d", order: 4, key: "shared"));
        var walk = Deployments.Walk(group, Deployments.Healthy(4), new() { NumRetries = 9 }, 1, hasNextGroup: false);
        walk.First().Index.ShouldBe(0);
        walk.After(Refused, out _).Index.ShouldBe(2);
        walk.After(Server, out _).Index.ShouldBe(2);
        walk.After(Refused, out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.Stop);
    }

    [Fact]
    public void The_same_key_at_another_address_is_another_key()
    {
        ModelGroup group = Deployments.Group(Deployments.One("a", order: 1, key: "shared"), Deployments.One("b", order: 2, key: "shared") with { BaseUrl = new Uri("https://other.example.com/v1") });
        var walk = Deployments.Walk(group, Deployments.Healthy(2), new(), 1, hasNextGroup: false);
        walk.First();
        walk.After(Refused, out _).Index.ShouldBe(1);
    }

    [Fact]
    public void A_refused_key_takes_no_retry_from_the_others()
    {
        TestWalk walk = Walk(4, settings: new() { NumRetries = 1 });
        walk.First().Index.ShouldBe(0);
        walk.After(Refused, out _).Index.ShouldBe(1);
        walk.After(Refused, out _).Index.ShouldBe(2);
        walk.After(Server, out _).Index.ShouldBe(3);
        walk.After(Server, out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.Stop);
    }

    [Fact]
    public void Without_retries_a_refused_key_still_goes_to_the_next_deployment()
    {
        TestWalk walk = Walk(2, settings: new() { NumRetries = 0 });
        walk.First();
        walk.After(Refused, out NextMove move).Index.ShouldBe(1);
        move.ShouldBe(NextMove.NextDeployment);
    }

    [Fact]
    public void When_all_were_tried_the_round_begins_again_with_the_one_tried_longest_ago()
    {
        TestWalk walk = Walk(3, settings: new() { NumRetries = 7 });
        var indices = new List<int> { walk.First().Index };
        for (int i = 0; i < 7; i++)
        {
            indices.Add(walk.After(Server, out _).Index);
        }

        indices.ShouldBe([0, 1, 2, 0, 1, 2, 0, 1]);
    }

    [Fact]
    public void A_deployment_that_cools_is_not_tried()
    {
        HealthReading[] health = Deployments.Healthy(3);
        health[1] = new(TimeSpan.FromSeconds(3), false);
        var walk = Deployments.Walk(Deployments.Group(Deployments.One("a", order: 1), Deployments.One("b", order: 2), Deployments.One("c", order: 3)), health, new(), 1, hasNextGroup: false);
        walk.First().Index.ShouldBe(0);
        walk.After(Server, out _).Index.ShouldBe(2);
        walk.After(Server, out _).Index.ShouldBe(0);
    }

    [Fact]
    public void A_group_whose_deployments_all_cool_has_no_first_step() =>
        Deployments.Walk(Deployments.Group(Deployments.One("a")), [new(TimeSpan.FromSeconds(1), true)], new(), 1, hasNextGroup: true).First().ShouldBe(RouteStep.End);

    [Fact]
    public void A_deployments_own_retries_win_over_the_routers()
    {
        var walk = Deployments.Walk(Deployments.Group(Deployments.One("a", retries: 0)), Deployments.Healthy(1), new() { NumRetries = 5 }, 1, hasNextGroup: false);
        walk.First();
        walk.After(Server, out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.Stop);
    }

    [Fact]
    public void A_rate_limit_and_then_a_bad_request_stops_at_the_bad_request()
    {
        TestWalk walk = Walk(1);
        walk.First();
        walk.After(new(ErrorKind.RateLimit, 429, "x"), out _).Index.ShouldBe(0);
        walk.After(new(ErrorKind.BadRequest, 400, "x"), out NextMove move).ShouldBe(RouteStep.End);
        move.ShouldBe(NextMove.Stop);
    }

    private static TestWalk Walk(int deployments, RouterSettings? settings = null, bool hasNext = false) =>
        Deployments.Walk(Deployments.Group([.. Enumerable.Range(0, deployments).Select(i => Deployments.One($"d{i}", order: i))]), Deployments.Healthy(deployments), settings ?? new(), 1, hasNext);

    [Fact]
    public void A_deployment_that_another_call_is_trying_is_passed_over_while_there_is_another()
    {
        HealthReading[] health = [new(default, false) { Probing = true }, default];
        TestWalk walk = Deployments.Walk(Deployments.Group(Deployments.One("a", order: 1), Deployments.One("b", order: 2)), health, new() { NumRetries = 2 }, 1, hasNextGroup: false);
        walk.First().Index.ShouldBe(1);
        walk.Walk.Forced.ShouldBeFalse();
        walk.After(new(ErrorKind.Server, 500, "x"), out _).Index.ShouldBe(0, "nobody else is left");
        walk.Walk.Forced.ShouldBeTrue();
    }

    [Fact]
    public void With_nobody_but_the_one_being_tried_another_group_comes_first_and_without_one_the_call_joins()
    {
        HealthReading[] health = [new(default, true) { Probing = true }];
        TestWalk walk = Deployments.Walk(Deployments.Group(Deployments.One("a")), health, new(), 1, hasNextGroup: true);
        walk.Walk.First(hasNextGroup: true).ShouldBe(RouteStep.End);
        ApiError refusal = walk.Walk.Refusal();
        (refusal.Kind, refusal.RetryAfter).ShouldBe((ErrorKind.RateLimit, TimeSpan.FromSeconds(1)));
        walk = Deployments.Walk(Deployments.Group(Deployments.One("a")), health, new(), 1, hasNextGroup: false);
        walk.First().Index.ShouldBe(0);
        walk.Walk.Forced.ShouldBeTrue();
    }

    [Fact]
    public void Who_is_too_late_to_be_the_probe_goes_elsewhere()
    {
        TestWalk walk = Deployments.Walk(Deployments.Group(Deployments.One("a", order: 1), Deployments.One("b", order: 2)), Deployments.Healthy(2), new(), 1, hasNextGroup: false);
        walk.First().Index.ShouldBe(0);
        walk.Walk.Full(Exclusion.Probing).Index.ShouldBe(1);
        walk.Walk.Forced.ShouldBeFalse();
    }
}
