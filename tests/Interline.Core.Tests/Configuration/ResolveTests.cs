using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Configuration;

public sealed class ResolveTests
{
    private static readonly Snapshot Snapshot = Reading.Read("""
        model_list:
          - {model_name: "*", litellm_params: {model: openrouter/*, api_key: k}}
          - {model_name: openai/*, litellm_params: {model: openai/*, api_key: k}}
          - {model_name: openai/gpt-*, litellm_params: {model: mirror/gpt-*, api_key: k}}
          - {model_name: openai/gpt-4o, litellm_params: {model: openai/gpt-4o, api_key: k}}
          - {model_name: wild/*, litellm_params: {model: openai/*, api_key: k, order: 1}}
          - {model_name: wild/*, litellm_params: {model: groq/fixed, api_key: k, order: 2}}
          - {model_name: eu/*/x-*, litellm_params: {model: "groq/*-in-*", api_key: k}}
        router_settings: {model_group_alias: {gpt: openai/gpt-4o, any: wild/z, again: gpt, openai/o1: wild/alias}}
        """).Snapshot!;

    [Theory]
    [InlineData("openai/gpt-4o", "openai", "gpt-4o")]
    [InlineData("openai/gpt-5", "mirror", "gpt-5")]
    [InlineData("openai/o3", "openai", "o3")]
    [InlineData("claude", "openrouter", "claude")]
    [InlineData("a/b/c", "openrouter", "a/b/c")]
    [InlineData("wild/x/y", "openai", "x/y")]
    [InlineData("eu/llama/x-8b", "groq", "llama-in-8b")]
    [InlineData("gpt", "openai", "gpt-4o")]
    [InlineData("any", "openai", "z")]
    [InlineData("openai/o1", "openai", "alias")]
    [InlineData("again", "openrouter", "gpt")]
    public void An_alias_then_the_exact_name_then_the_most_specific_pattern_is_taken(string name, string provider, string model)
    {
        Deployment deployment = Snapshot.Resolve(name).ShouldNotBeNull().Deployments[0];
        deployment.Provider.Id.ShouldBe(provider);
        deployment.UpstreamModel.ShouldBe(model);
    }

    [Fact]
    public void A_filled_group_has_the_name_asked_for_and_the_ids_of_its_pattern()
    {
        ModelGroup group = Snapshot.Resolve("wild/gpt-4o", new FakeCatalog())!;
        group.Name.ShouldBe("wild/gpt-4o");
        group.Deployments.Select(deployment => deployment.UpstreamModel).ShouldBe(["gpt-4o", "fixed"]);
        group.Deployments.Select(deployment => deployment.Id).ShouldBe(Snapshot.Wildcards.Single(wildcard => wildcard.Name == "wild/*").Deployments.Select(deployment => deployment.Id));
        group.Deployments[0].Price!.Input.ShouldBe(2.5m);
    }

    [Fact]
    public void A_name_that_nothing_fits_is_nothing() =>
        Reading.Read("model_list: [{model_name: a, litellm_params: {model: openai/x, api_key: k}}]").Snapshot!.Resolve("b").ShouldBeNull();

    [Fact]
    public void An_exact_name_is_found_without_allocation()
    {
        Snapshot.Resolve("openai/gpt-4o");
        Snapshot.Resolve("gpt");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
        {
            _ = Snapshot.Resolve("openai/gpt-4o".AsSpan());
            _ = Snapshot.Resolve("gpt".AsSpan());
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Theory]
    [InlineData("*", "", true, "")]
    [InlineData("a*", "a", true, "")]
    [InlineData("a*c", "abc", true, "b")]
    [InlineData("a*c", "ac", true, "")]
    [InlineData("ab*ba", "aba", false, "")]
    [InlineData("a.*", "abx", false, "")]
    [InlineData("*-*", "a-b-c", true, "a-b|c")]
    [InlineData("**", "ab", true, "ab|")]
    [InlineData("x", "x", true, "")]
    [InlineData("x", "X", false, "")]
    public void A_star_stands_for_anything_the_earlier_for_the_more(string pattern, string name, bool matches, string captures)
    {
        ModelNamePattern.Matches(pattern, name).ShouldBe(matches);
        if (matches)
        {
            string.Join('|', ModelNamePattern.Captures(pattern, name)).ShouldBe(captures);
        }
    }

    [Fact]
    public void Patterns_match_as_greedy_regular_expressions_do() =>
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000), FsCheck.Fluent.Prop.ForAll(
            FsCheck.Fluent.ArbMap.Default.ArbFor<int[]>(),
            numbers =>
            {
                string text = string.Concat(numbers.Select(number => "ab*"[Math.Abs(number % 3)]));
                string pattern = text[..(text.Length / 2)];
                string name = text[(text.Length / 2)..].Replace('*', 'a');
                System.Text.RegularExpressions.Match expected = System.Text.RegularExpressions.Regex.Match(
                    name, "^" + pattern.Replace("*", "(.*)", StringComparison.Ordinal) + "\\z", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5));
                return ModelNamePattern.Matches(pattern, name) == expected.Success
                    && (!expected.Success || !pattern.Contains('*', StringComparison.Ordinal)
                        || ModelNamePattern.Captures(pattern, name).SequenceEqual(expected.Groups.Values.Skip(1).Select(group => group.Value)));
            }));
}
