using Interline.Core.Configuration;
using Interline.Core.Cooldown;
using Interline.Core.Routing;
using Interline.Core.Tests.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Tests.Cooldown;

/// <summary>LiteLLM's numbers, from its own tests.</summary>
public class CooldownRulesTests
{
    private static readonly Deployment One = Deployments.One("a");
    private static readonly ApiError Server = new(ErrorKind.Server, 500, "x");

    [Theory]
    [InlineData(ErrorKind.BadRequest, false)]
    [InlineData(ErrorKind.ContextLength, false)]
    [InlineData(ErrorKind.ContentPolicy, false)]
    [InlineData(ErrorKind.NotFound, false)]
    [InlineData(ErrorKind.ClientGone, false)]
    [InlineData(ErrorKind.Authentication, true)]
    [InlineData(ErrorKind.Permission, true)]
    [InlineData(ErrorKind.QuotaExhausted, true)]
    [InlineData(ErrorKind.RateLimit, true)]
    [InlineData(ErrorKind.Overloaded, true)]
    [InlineData(ErrorKind.Server, true)]
    [InlineData(ErrorKind.Network, true)]
    [InlineData(ErrorKind.Timeout, true)]
    [InlineData(ErrorKind.Malformed, true)]
    public void Only_what_is_the_deployments_fault_counts(ErrorKind kind, bool counts) => CooldownRules.Counts(kind).ShouldBe(counts);

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(0, 4, false)]
    [InlineData(0, 5, true)]
    [InlineData(3, 1, false)]
    [InlineData(30, 10, false)]
    [InlineData(4, 6, true)]
    [InlineData(5, 5, false)]
    [InlineData(40, 40, false)]
    [InlineData(40, 41, true)]
    public void A_deployment_cools_when_more_than_half_of_at_least_five_calls_failed(int successes, int failures, bool cools) =>
        (CooldownRules.After(Server, new(successes, failures), One, isOnlyOne: false, new()) is not null).ShouldBe(cools);

    [Theory]
    [InlineData(ErrorKind.RateLimit, 5)]
    [InlineData(ErrorKind.Authentication, 60)]
    [InlineData(ErrorKind.Permission, 60)]
    [InlineData(ErrorKind.QuotaExhausted, 60)]
    public void A_rate_limit_or_a_refused_key_cools_at_once_and_a_key_for_longer(ErrorKind kind, int seconds)
    {
        CooldownRules.After(new(kind, 429, "x"), new(100, 1), One, isOnlyOne: false, new()).ShouldBe(TimeSpan.FromSeconds(seconds));
        CooldownRules.After(new(kind, 429, "x"), new(100, 1), One with { CooldownTime = TimeSpan.FromSeconds(3) }, isOnlyOne: false, new()).ShouldBe(TimeSpan.FromSeconds(3));
        CooldownRules.After(new(kind, 429, "x"), new(0, 100), One, isOnlyOne: true, new()).ShouldBeNull();
    }

    [Fact]
    public void The_only_deployment_of_a_group_cools_only_where_a_number_of_failures_is_set()
    {
        CooldownRules.After(Server, new(0, 100), One, isOnlyOne: true, new()).ShouldBeNull();
        CooldownRules.After(Server, new(0, 4), One, isOnlyOne: true, new() { AllowedFails = 3 }).ShouldNotBeNull();
    }

    [Fact]
    public void With_a_hundred_failures_allowed_the_hundred_and_first_cools()
    {
        var settings = new RouterSettings { AllowedFails = 100 };
        CooldownRules.After(Server, new(0, 100), One, isOnlyOne: false, settings).ShouldBeNull();
        CooldownRules.After(Server, new(0, 101), One, isOnlyOne: false, settings).ShouldNotBeNull();
        CooldownRules.After(new(ErrorKind.RateLimit, 429, "x"), new(0, 1), One, isOnlyOne: false, settings).ShouldBeNull();
        CooldownRules.After(Server, new(0, 1), One, isOnlyOne: false, new() { AllowedFails = 0 }).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(null, 7)]
    [InlineData(0, 7)]
    [InlineData(3, 3)]
    [InlineData(30, 30)]
    [InlineData(61, 61)]
    [InlineData(600, 600)]
    [InlineData(86_400, 600)]
    public void It_cools_as_long_as_the_settings_say_or_exactly_as_the_provider_asks_up_to_ten_minutes(int? asked, int seconds) =>
        CooldownRules.After(
            new(ErrorKind.RateLimit, 429, "x") { RetryAfter = asked is { } s ? TimeSpan.FromSeconds(s) : null }, new(0, 1), One, isOnlyOne: false, new() { CooldownTime = TimeSpan.FromSeconds(7) })
            .ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void A_deployments_own_time_wins_and_zero_is_never()
    {
        CooldownRules.After(Server, new(0, 9), One with { CooldownTime = TimeSpan.FromSeconds(2) }, isOnlyOne: false, new()).ShouldBe(TimeSpan.FromSeconds(2));
        CooldownRules.After(Server, new(0, 9), One with { CooldownTime = TimeSpan.Zero }, isOnlyOne: false, new()).ShouldBeNull();
        CooldownRules.After(Server, new(0, 9), One, isOnlyOne: false, new() { DisableCooldowns = true }).ShouldBeNull();
    }

    [Theory]
    [InlineData(ErrorKind.Authentication, 401, 1)]
    [InlineData(ErrorKind.Timeout, 504, 2)]
    [InlineData(ErrorKind.RateLimit, 429, 3)]
    [InlineData(ErrorKind.Server, 500, 4)]
    [InlineData(ErrorKind.Overloaded, 503, 5)]
    [InlineData(ErrorKind.Network, 502, 6)]
    [InlineData(ErrorKind.Server, 502, 6)]
    public void A_policy_says_by_class_how_many_failures_are_allowed(ErrorKind kind, int status, int allowed)
    {
        var settings = new RouterSettings { AllowedFails = 99, AllowedFailsPolicy = new() { Authentication = 1, Timeout = 2, RateLimit = 3, InternalServer = 4, ServiceUnavailable = 5, BadGateway = 6 } };
        CooldownRules.After(new(kind, status, "x"), new(0, allowed), One, isOnlyOne: true, settings).ShouldBeNull();
        CooldownRules.After(new(kind, status, "x"), new(0, allowed + 1), One, isOnlyOne: true, settings).ShouldNotBeNull();
    }

    [Fact]
    public void A_class_the_policy_is_silent_on_is_left_to_the_number_and_the_deployments_own_wins()
    {
        var settings = new RouterSettings { AllowedFails = 2, AllowedFailsPolicy = new() { Timeout = 50 } };
        CooldownRules.After(Server, new(0, 3), One, isOnlyOne: false, settings).ShouldNotBeNull();
        CooldownRules.After(Server, new(0, 3), One with { AllowedFails = 3 }, isOnlyOne: false, settings).ShouldBeNull();
        CooldownRules.After(Server, new(0, 3), One with { AllowedFails = 9, AllowedFailsPolicy = new() { InternalServer = 2 } }, isOnlyOne: false, settings).ShouldNotBeNull();
    }

    [Fact]
    public void The_only_deployment_cools_when_all_of_a_thousand_calls_in_a_minute_failed()
    {
        CooldownRules.After(Server, new(0, 999), One, isOnlyOne: true, new()).ShouldBeNull();
        CooldownRules.After(Server, new(1, 1000), One, isOnlyOne: true, new()).ShouldBeNull();
        CooldownRules.After(Server, new(0, 1000), One, isOnlyOne: true, new()).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(5, 1, 10)]
    [InlineData(5, 2, 12)]
    [InlineData(5, 9, 12)]
    [InlineData(1, 1, 2)]
    [InlineData(1, 3, 8)]
    [InlineData(1, 30, 12)]
    [InlineData(40, 5, 40)]
    public void Each_failed_probe_doubles_the_cooldown_up_to_twelve_seconds_and_never_shortens_the_configured_one(int configured, int openings, int seconds)
    {
        var settings = new RouterSettings { CooldownTime = TimeSpan.FromSeconds(configured) };
        CooldownRules.AfterProbe(Server, openings, One, settings).ShouldBe(TimeSpan.FromSeconds(seconds));
        CooldownRules.AfterProbe(Server with { RetryAfter = TimeSpan.FromSeconds(2) }, openings, One, settings).ShouldBe(TimeSpan.FromSeconds(2));
        CooldownRules.AfterProbe(Server, openings, One, settings with { DisableCooldowns = true }).ShouldBeNull();
    }

    [Fact]
    public void Three_deployments_that_each_fail_a_quarter_of_their_calls_are_none_cooled()
    {
        for (int calls = 1; calls <= 100; calls++)
        {
            CooldownRules.After(Server, new(3 * calls, calls), One, isOnlyOne: false, new()).ShouldBeNull();
        }
    }
}
