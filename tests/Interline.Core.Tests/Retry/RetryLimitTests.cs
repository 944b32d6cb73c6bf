using System.Collections.Frozen;
using Interline.Core.Configuration;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Core.Tests.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Tests.Retry;

public class RetryLimitTests
{
    private static readonly RetryPolicy Policy = new() { Authentication = 1, Timeout = 2, RateLimit = 3, ContentPolicy = 4, BadRequest = 5, InternalServer = 6 };

    [Theory]
    [InlineData(ErrorKind.Authentication, 1)]
    [InlineData(ErrorKind.Permission, 1)]
    [InlineData(ErrorKind.Timeout, 2)]
    [InlineData(ErrorKind.RateLimit, 3)]
    [InlineData(ErrorKind.ContentPolicy, 4)]
    [InlineData(ErrorKind.BadRequest, 5)]
    [InlineData(ErrorKind.Server, 6)]
    [InlineData(ErrorKind.Overloaded, 6)]
    [InlineData(ErrorKind.Network, 6)]
    [InlineData(ErrorKind.Malformed, 6)]
    [InlineData(ErrorKind.ContextLength, null)]
    [InlineData(ErrorKind.QuotaExhausted, null)]
    public void A_policy_says_so_by_class(ErrorKind kind, int? retries) =>
        Of(kind, new() { NumRetries = 9, RetryPolicy = Policy }).ShouldBe(new(retries ?? 9, retries is not null));

    [Fact]
    public void The_nearest_that_says_something_wins()
    {
        var settings = new RouterSettings { NumRetries = 1 };
        Of(ErrorKind.Server, settings).ShouldBe(new(1, false));
        settings = settings with { RetryPolicy = new() { InternalServer = 2 } };
        Of(ErrorKind.Server, settings).ShouldBe(new(2, true));
        settings = settings with { GroupRetryPolicies = new Dictionary<string, RetryPolicy> { ["g"] = new() { InternalServer = 3 } }.ToFrozenDictionary() };
        Of(ErrorKind.Server, settings).ShouldBe(new(3, true));
        Of(ErrorKind.Timeout, settings).ShouldBe(new(1, false), "a policy that is silent on a class leaves it to the others");
        Deployment deployment = Deployments.One("a", retries: 4);
        Of(ErrorKind.Server, settings, deployment).ShouldBe(new(4, false));
        Of(ErrorKind.Server, settings, deployment with { RetryPolicy = new() { InternalServer = 5 } }).ShouldBe(new(5, true));
        Of(ErrorKind.Server, settings, deployment, new() { NumRetries = 6 }).ShouldBe(new(6, false));
    }

    private static RetryLimit Of(ErrorKind kind, RouterSettings settings, Deployment? deployment = null, CallerOptions? options = null) =>
        RetryLimit.Of(kind, deployment ?? Deployments.One("a"), "g", settings, options ?? CallerOptions.None);
}
