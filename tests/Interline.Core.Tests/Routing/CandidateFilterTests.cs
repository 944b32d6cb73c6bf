using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Tests.Routing;

public class CandidateFilterTests
{
    private const Exclusion Left = Exclusion.None;

    private static readonly Deployment Paid = Deployments.One("paid") with { Tags = ["paid", "eu"] };
    private static readonly Deployment Free = Deployments.One("free") with { Tags = ["free"] };
    private static readonly Deployment Common = Deployments.One("common") with { Tags = ["default"] };
    private static readonly Deployment Untagged = Deployments.One("untagged");

    [Fact]
    public void One_matching_tag_is_enough_by_default() =>
        Tagged(["free", "nobody"], [Paid, Free, Common]).ShouldBe([Exclusion.Tag, Left, Exclusion.Tag]);

    [Fact]
    public void With_match_any_false_the_requests_tags_must_all_be_the_deployments()
    {
        Tagged(["paid", "eu"], [Paid, Free], matchAny: false).ShouldBe([Left, Exclusion.Tag]);
        Tagged(["paid", "us"], [Paid, Free], matchAny: false).ShouldBe([Exclusion.Tag, Exclusion.Tag]);
    }

    [Fact]
    public void A_request_without_tags_is_for_the_default_ones_and_else_for_all()
    {
        Tagged([], [Paid, Common, Untagged]).ShouldBe([Exclusion.Tag, Left, Exclusion.Tag]);
        Tagged([], [Paid, Untagged]).ShouldBe([Left, Left]);
    }

    [Fact]
    public void Tags_that_nobody_has_are_for_the_default_ones() =>
        Tagged(["other"], [Paid, Common]).ShouldBe([Exclusion.Tag, Left]);

    [Fact]
    public void No_tag_matches_and_no_default_is_there_so_the_error_names_the_tag_configuration()
    {
        TestWalk walk = Deployments.Walk(Deployments.Group(Paid, Free), Deployments.Healthy(2), new() { EnableTagFiltering = true }, 1, false, Request(new() { Tags = ["other"] }));
        walk.First().ShouldBe(RouteStep.End);
        ApiError error = walk.Walk.Refusal();
        error.Status.ShouldBe(400);
        error.Message.ShouldContain("enable_tag_filtering");
        error.Message.ShouldContain("other");
        error.Code.ShouldBe("no_deployment_with_tags");
    }

    [Fact]
    public void Tags_are_not_given_up_because_the_right_deployment_cools()
    {
        HealthReading[] health = [new(TimeSpan.FromSeconds(3), false), new()];
        Judge([Paid, Common], new() { EnableTagFiltering = true }, Request(new() { Tags = ["paid"] }), health).ShouldBe([Exclusion.Cooling, Exclusion.Tag]);
    }

    [Fact]
    public void Without_tag_filtering_tags_mean_nothing() =>
        Judge([Paid, Free], new(), Request(new() { Tags = ["free"] })).ShouldBe([Left, Left]);

    [Fact]
    public void A_pattern_chooses_by_the_user_agent()
    {
        Deployment agents = Deployments.One("agents") with { TagPatterns = ["^User-Agent: claude-cli/", "("] };
        var settings = new RouterSettings { EnableTagFiltering = true };
        Judge([agents, Common], settings, Request(new() { UserAgent = "claude-cli/2.1" })).ShouldBe([Left, Exclusion.Tag]);
        Judge([agents, Common], settings, Request(new() { UserAgent = "curl/8" })).ShouldBe([Exclusion.Tag, Left]);
    }

    [Fact]
    public void A_price_limit_leaves_only_what_is_known_to_cost_no_more()
    {
        Deployment[] all = [Deployments.Priced("exact", 1m, 4m), Deployments.Priced("dear-in", 1.01m, 1m), Deployments.Priced("dear-out", 1m, 4.01m), Deployments.Priced("unknown", null, null)];
        Judge(all, new(), Request(new() { MaxInputPrice = 1m, MaxOutputPrice = 4m })).ShouldBe([Left, Exclusion.Price, Exclusion.Price, Exclusion.Price]);
        Judge(all, new(), Request(new() { MaxOutputPrice = 1m })).ShouldBe([Exclusion.Price, Left, Exclusion.Price, Exclusion.Price]);
    }

    [Fact]
    public void None_within_the_price_limit_is_a_clear_error()
    {
        TestWalk walk = Deployments.Walk(Deployments.Group(Deployments.Priced("a", 2m, 8m), Deployments.Priced("b", 3m, 6m)), Deployments.Healthy(2), new(), 1, false, Request(new() { MaxInputPrice = 0.5m }));
        walk.First().ShouldBe(RouteStep.End);
        ApiError error = walk.Walk.Refusal();
        error.Status.ShouldBe(400);
        error.Code.ShouldBe("no_deployment_within_price");
        error.Message.ShouldContain("0.5");
        error.Message.ShouldContain("the lowest prices of the group are 2 in and 6 out");
    }

    [Theory]
    [InlineData("p", true, true)]
    [InlineData("p/a", true, false)]
    [InlineData("b", false, true)]
    [InlineData("p/c", false, false)]
    [InlineData("p/", false, false)]
    public void A_pin_is_a_provider_a_model_of_it_or_an_id(string pin, bool a, bool b) =>
        Judge([Deployments.One("a"), Deployments.One("b")], new(), Request(new() { Only = [pin] })).ShouldBe([a ? Left : Exclusion.Pinned, b ? Left : Exclusion.Pinned]);

    [Theory]
    [InlineData("eu", "eu", true)]
    [InlineData("eu-west-1", "eu", true)]
    [InlineData("europe-west4", "EU", true)]
    [InlineData("us-east-1", "eu", false)]
    [InlineData("usual", "us", false)]
    [InlineData(null, "eu", false)]
    public void A_region_is_kept_and_one_that_is_not_known_is_none(string? region, string asked, bool left) =>
        Judge([Deployments.One("a") with { RegionName = region }], new(), Request(new() { Region = asked })).ShouldBe([left ? Left : Exclusion.Region]);

    [Fact]
    public void A_window_that_is_too_small_is_left_out_only_with_pre_call_checks()
    {
        Deployment[] all = [Deployments.Windowed("small", 1000), Deployments.Windowed("large", 9000), Deployments.Windowed("unknown", null)];
        RouteRequest request = new() { InputTokens = 1001 };
        Judge(all, new() { EnablePreCallChecks = true }, request).ShouldBe([Exclusion.Window, Left, Left]);
        Judge(all, new(), request).ShouldBe([Left, Left, Left]);
    }

    [Fact]
    public void A_group_of_windows_that_are_too_small_is_left_as_too_long_a_request()
    {
        TestWalk walk = Deployments.Walk(Deployments.Group(Deployments.Windowed("a", 10)), Deployments.Healthy(1), new() { EnablePreCallChecks = true }, 1, false, new() { InputTokens = 11 });
        walk.First().ShouldBe(RouteStep.End);
        walk.Walk.Refusal().Kind.ShouldBe(ErrorKind.ContextLength);
    }

    [Fact]
    public void A_missing_capability_counts_only_if_another_of_the_group_has_it()
    {
        var settings = new RouterSettings { EnablePreCallChecks = true };
        Deployment without = Deployments.Windowed("without", 1, capabilities: ModelCapabilities.Vision);
        Deployment with = Deployments.Windowed("with", 1, capabilities: ModelCapabilities.Vision | ModelCapabilities.Tools);
        Judge([without, with], settings, new() { HasTools = true, HasImages = true }).ShouldBe([Exclusion.Capability, Left]);
        Judge([without, without], settings, new() { HasTools = true }).ShouldBe([Left, Left]);
    }

    [Fact]
    public void Limits_of_the_minute_hold_where_they_are_asked_for()
    {
        Deployment rpm = Deployments.One("rpm") with { Rpm = 2 };
        Deployment tpm = Deployments.One("tpm") with { Tpm = 100 };
        HealthReading[] health = [new() { MinuteRequests = 2 }, new() { MinuteTokens = 95 }];
        RouteRequest request = new() { InputTokens = 6 };
        Judge([rpm, tpm], new() { Strategy = RoutingStrategy.UsageBasedV2 }, request, health).ShouldBe([Exclusion.Requests, Exclusion.Tokens]);
        Judge([rpm, tpm], new() { EnablePreCallChecks = true }, request, health).ShouldBe([Exclusion.Requests, Exclusion.Tokens]);
        Judge([rpm, tpm], new(), request, health).ShouldBe([Left, Left], "with simple-shuffle they are weights");
    }

    [Fact]
    public void A_deployment_takes_as_many_calls_at_once_as_it_says_or_the_router()
    {
        Deployment two = Deployments.One("two") with { MaxParallelRequests = 2 };
        HealthReading[] health = [new() { InFlight = 1 }, new() { InFlight = 1 }];
        Judge([two, Untagged], new() { DefaultMaxParallelRequests = 1 }, new(), health).ShouldBe([Left, Exclusion.Busy]);
    }

    [Fact]
    public void A_spent_budget_is_told_as_one()
    {
        Deployment capped = Deployments.One("a") with { Budget = new Budget(1, TimeSpan.FromDays(1)) };
        TestWalk walk = Deployments.Walk(Deployments.Group(capped), [new() { OverBudget = true }], new(), 1, false);
        walk.First().ShouldBe(RouteStep.End);
        walk.Walk.Refusal().Code.ShouldBe("budget_exceeded");
    }

    [Fact]
    public void Every_reason_has_its_words()
    {
        string[] words = [.. Enum.GetValues<Exclusion>().Select(RouteRefusal.Words)];
        words.Distinct().Count().ShouldBe(words.Length);
    }

    private static Exclusion[] Tagged(string[] tags, Deployment[] deployments, bool matchAny = true) =>
        Judge(deployments, new() { EnableTagFiltering = true, TagFilteringMatchAny = matchAny }, Request(new() { Tags = [.. tags] }));

    private static RouteRequest Request(CallerOptions options) => new() { Options = options };

    private static Exclusion[] Judge(Deployment[] deployments, RouterSettings settings, RouteRequest request, HealthReading[]? health = null)
    {
        var verdicts = new Exclusion[deployments.Length];
        CandidateFilter.Judge(new RoutePlan(Deployments.Group(deployments), settings), health ?? Deployments.Healthy(deployments.Length), request, verdicts);
        return verdicts;
    }
}
