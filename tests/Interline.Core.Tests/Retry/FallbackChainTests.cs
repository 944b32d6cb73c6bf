using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Tests.Retry;

public class FallbackChainTests
{
    private static readonly RouterSettings All = new()
    {
        Fallbacks = Rules(("g", ["f1", "f2"])),
        ContextWindowFallbacks = Rules(("g", ["long"])),
        ContentPolicyFallbacks = Rules(("g", ["lenient"])),
    };

    [Theory]
    [InlineData(ErrorKind.Server, "f1 f2")]
    [InlineData(ErrorKind.Network, "f1 f2")]
    [InlineData(ErrorKind.Timeout, "f1 f2")]
    [InlineData(ErrorKind.RateLimit, "f1 f2")]
    [InlineData(ErrorKind.Overloaded, "f1 f2")]
    [InlineData(ErrorKind.Malformed, "f1 f2")]
    [InlineData(ErrorKind.Authentication, "f1 f2")]
    [InlineData(ErrorKind.Permission, "f1 f2")]
    [InlineData(ErrorKind.QuotaExhausted, "f1 f2")]
    [InlineData(ErrorKind.Unsupported, "f1 f2")]
    [InlineData(ErrorKind.ContextLength, "long")]
    [InlineData(ErrorKind.ContentPolicy, "lenient")]
    [InlineData(ErrorKind.BadRequest, "")]
    [InlineData(ErrorKind.ClientGone, "")]
    public void Each_kind_of_error_has_its_groups(ErrorKind kind, string groups) => Walk(All, kind).ShouldBe(groups);

    [Fact]
    public void A_request_that_is_too_long_goes_to_the_fallbacks_where_no_larger_window_is_named() =>
        Walk(All with { ContextWindowFallbacks = FrozenDictionary<string, ImmutableArray<string>>.Empty }, ErrorKind.ContextLength).ShouldBe("f1 f2");

    [Fact]
    public void A_refusal_by_content_policy_goes_nowhere_else() =>
        Walk(All with { ContentPolicyFallbacks = FrozenDictionary<string, ImmutableArray<string>>.Empty }, ErrorKind.ContentPolicy).ShouldBe("");

    [Fact]
    public void The_groups_of_each_new_error_come_next()
    {
        FallbackChain chain = Chain(All)!;
        chain.Take(ErrorKind.Server).ShouldBe("f1");
        chain.Take(ErrorKind.ContextLength).ShouldBe("long");
        chain.Take(ErrorKind.Server).ShouldBe("f2");
        chain.Has(ErrorKind.Server).ShouldBeFalse();
        chain.Take(ErrorKind.ContentPolicy).ShouldBe("lenient");
    }

    [Fact]
    public void A_default_fallback_to_itself_does_not_loop()
    {
        Walk(new() { Fallbacks = Rules(("*", ["g", "spare", "g", "spare"])) }, ErrorKind.Server).ShouldBe("spare");
        Walk(new() { Fallbacks = Rules(("*", ["alias-of-g"])) }, ErrorKind.Server).ShouldBe("");
    }

    [Fact]
    public void A_rule_is_found_by_name_then_without_the_provider_then_for_all()
    {
        RouterSettings settings = new() { Fallbacks = Rules(("openai/gpt", ["exact"]), ("gpt", ["bare"]), ("*", ["all"])) };
        Walk(settings, ErrorKind.Server, "openai/gpt").ShouldBe("exact");
        Walk(settings, ErrorKind.Server, "azure/gpt").ShouldBe("bare");
        Walk(settings, ErrorKind.Server, "other").ShouldBe("all");
    }

    [Fact]
    public void There_are_no_more_than_max_fallbacks_and_the_request_wins()
    {
        RouterSettings settings = new() { Fallbacks = Rules(("g", ["f1", "f2", "f3", "f4"])), MaxFallbacks = 3 };
        Walk(settings, ErrorKind.Server).ShouldBe("f1 f2 f3");
        Walk(settings, ErrorKind.Server, options: new() { MaxFallbacks = 1 }).ShouldBe("f1");
    }

    [Fact]
    public void A_requests_own_fallbacks_take_the_place_of_the_configured_ones()
    {
        Walk(All, ErrorKind.Server, options: new() { Fallbacks = ["own"] }).ShouldBe("own");
        Walk(All, ErrorKind.Server, options: new() { Fallbacks = [] }).ShouldBe("");
        Walk(All, ErrorKind.ContextLength, options: new() { Fallbacks = ["own"] }).ShouldBe("long");
        Walk(All, ErrorKind.ContextLength, options: new() { ContextWindowFallbacks = ["own"] }).ShouldBe("own");
        Walk(All, ErrorKind.ContentPolicy, options: new() { ContentPolicyFallbacks = ["own"] }).ShouldBe("own");
    }

    [Fact]
    public void Disabled_fallbacks_are_none_also_not_the_requests_own() =>
        Chain(All, options: new() { DisableFallbacks = true, Fallbacks = ["own"] }).ShouldBeNull();

    [Fact]
    public void Names_that_nothing_answers_to_are_passed_over() =>
        Walk(new() { Fallbacks = Rules(("g", ["nobody", "f1"])) }, ErrorKind.Server).ShouldBe("f1");

    private static string Walk(RouterSettings settings, ErrorKind kind, string group = "g", CallerOptions? options = null)
    {
        FallbackChain? chain = Chain(settings, group, options);
        var taken = new List<string>();
        while (chain?.Take(kind) is { } next)
        {
            taken.Add(next);
        }

        return string.Join(' ', taken);
    }

    private static FallbackChain? Chain(RouterSettings settings, string group = "g", CallerOptions? options = null) =>
        FallbackChain.Of(group, settings, options ?? CallerOptions.None, new Names());

    private static FrozenDictionary<string, ImmutableArray<string>> Rules(params (string Group, ImmutableArray<string> To)[] rules) => rules.ToFrozenDictionary(x => x.Group, x => x.To);

    private sealed class Names : IGroups
    {
        public string? Find(string name) => name switch { "nobody" => null, "alias-of-g" => "g", _ => name };
    }
}
