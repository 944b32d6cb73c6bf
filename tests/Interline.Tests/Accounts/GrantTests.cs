using Interline.Accounts;
using Interline.Core.Budgets;

namespace Interline.Tests.Accounts;

/// <summary>Lists of models and routes, and durations.</summary>
public sealed class GrantTests
{
    [Theory]
    [InlineData("openai/*", "openai/gpt", true)]
    [InlineData("openai/*", "openai/*", true)]
    [InlineData("openai/*", "openai/g*", true)]
    [InlineData("openai/g*", "openai/*", false)]
    [InlineData("*", "a*b", true)]
    [InlineData("a*", "*", false)]
    [InlineData("gpt", "gpt", true)]
    [InlineData("gpt", "GPT", false)]
    [InlineData("gpt", "gpt*", false)]
    public void A_pattern_is_on_a_list_only_with_all_it_fits(string own, string asked, bool has) => ModelList.Of("key", [own])!.Has(asked).ShouldBe(has);

    [Fact]
    public void Empty_lists_and_those_with_everything_limit_nothing_and_none_is_none()
    {
        ModelList.Of("key", null).ShouldBeNull();
        ModelList.Of("key", []).ShouldBeNull();
        ModelList.Of("key", ["a", ModelList.All]).ShouldBeNull();
        ModelList.Of("key", [ModelList.AllOfTeam], inTeam: true).ShouldBeNull();
        ModelList.Of("key", [ModelList.AllOfTeam])!.Has("a").ShouldBeFalse();
        ModelList.Of("key", [ModelList.None])!.Has("a").ShouldBeFalse();
        ModelList.Of("key", [ModelList.None])!.Has(ModelList.None).ShouldBeFalse();
    }

    [Fact]
    public void Every_list_has_to_have_a_model_and_the_one_that_has_not_is_named()
    {
        ModelGrants grants = ModelGrants.Of(ModelList.Of("key", ["a", "b"]), ModelList.Of("team", ["a", "c"]))!;
        grants.Allows("a", "a").ShouldBeTrue();
        grants.Allows("b", "b").ShouldBeFalse();
        grants.Refusal("b", "b").Type.ShouldBe("team_model_access_denied");
        grants.Refusal("c", "c").Type.ShouldBe("key_model_access_denied");
        grants.Refusal("c", "c").Message.ShouldContain("a, b");
    }

    [Theory]
    [InlineData("/v1/*", "/v1/chat/completions", true)]
    [InlineData("/v1/*", "/v2/key/info", false)]
    [InlineData("/key/info", "/key/info", true)]
    [InlineData("/key/info", "/key/information", false)]
    [InlineData("llm_api_routes", "/anything", true)]
    [InlineData("management_routes", "/anything", false)]
    public void Routes_are_paths_beginnings_or_groups(string granted, string path, bool allowed) => RouteGrants.Of([granted])!.Allows(path, RouteKind.Call).ShouldBe(allowed);

    [Theory]
    [InlineData("/*", "/key/*", true)]
    [InlineData("/key/*", "/*", false)]
    [InlineData("/key/*", "/key/info", true)]
    [InlineData("/key/info", "/key/info*", false)]
    [InlineData("management_routes", "info_routes", true)]
    [InlineData("info_routes", "management_routes", false)]
    [InlineData("/*", "llm_api_routes", false)]
    public void A_route_is_covered_only_with_all_it_allows(string own, string asked, bool covered) => RouteGrants.Of([own])!.Covers(asked).ShouldBe(covered);

    [Theory]
    [InlineData("30s", 30, WindowUnit.Second)]
    [InlineData("15m", 15, WindowUnit.Minute)]
    [InlineData("24h", 24, WindowUnit.Hour)]
    [InlineData("7d", 7, WindowUnit.Day)]
    [InlineData("2w", 2, WindowUnit.Week)]
    [InlineData("1mo", 1, WindowUnit.Month)]
    public void A_duration_is_read(string text, int count, WindowUnit unit) => BudgetWindowText.Read(text).ShouldBe(new BudgetWindow(count, unit));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("d")]
    [InlineData("0d")]
    [InlineData("-1d")]
    [InlineData("1.5d")]
    [InlineData("1y")]
    [InlineData("1000001d")]
    [InlineData("99999999999999999999d")]
    [InlineData("1d2h")]
    public void What_is_no_duration_is_none(string? text) => BudgetWindowText.Read(text).ShouldBeNull();
}
