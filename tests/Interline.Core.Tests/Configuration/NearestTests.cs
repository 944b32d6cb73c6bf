using System.Diagnostics;
using Interline.Core.Configuration;

namespace Interline.Core.Tests.Configuration;

public sealed class NearestTests
{
    [Theory]
    [InlineData("api_bsae", "api_base", 1)]
    [InlineData("tempreature", "temperature", 1)]
    [InlineData("gtp-4o", "gpt-4o", 1)]
    [InlineData("GPT-4o", "gpt-4o", 0)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    public void The_distance_counts_inserts_deletes_replacements_and_swaps(string left, string right, int distance)
    {
        Nearest.Distance(left, right, 5).ShouldBe(distance);
        Nearest.Distance(right, left, 5).ShouldBe(distance);
    }

    [Fact]
    public void Beyond_the_bound_the_distance_is_only_known_to_be_beyond() => Nearest.Distance("abcdef", "uvwxyz", 2).ShouldBeGreaterThan(2);

    [Fact]
    public void The_nearest_come_first_and_nothing_far_comes_at_all() =>
        Nearest.Find("gpt-4o-mni", ["claude", "gpt-4o", "gpt-4o-mini", "gpt-4o-min"]).ShouldBe(["gpt-4o-mini", "gpt-4o-min"]);

    [Fact]
    public void A_name_without_its_prefix_is_near() => Nearest.Find("gpt-4o", ["openai/gpt-4o", "other"]).ShouldBe(["openai/gpt-4o"]);

    [Fact]
    public void A_name_cut_short_is_near() => Nearest.Find("together", ["openai", "together_ai"]).ShouldBe(["together_ai"]);

    [Fact]
    public void Several_are_written_as_a_sentence_does() => Nearest.Text("abcde", ["abcdf", "abcdg", "abcdh", "abcdi"]).ShouldBe("abcdf, abcdg or abcdh");

    [Fact]
    public void Nothing_is_near_an_empty_or_an_endless_name()
    {
        Nearest.Find("", ["a"]).ShouldBeEmpty();
        Nearest.Find(new string('a', 1_000_000), [new string('a', 1_000_000)]).ShouldBeEmpty();
    }

    [Fact]
    public void Thousands_of_names_are_searched_in_a_moment()
    {
        string[] names = [.. Enumerable.Range(0, 5000).Select(index => $"provider-{index % 70}/some-model-{index}-instruct")];
        Nearest.Find("provider-7/some-model-77-instrct", names);
        var watch = Stopwatch.StartNew();
        Nearest.Find("provider-7/some-modle-77-instruct", names)[0].ShouldBe("provider-7/some-model-77-instruct");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromMilliseconds(500));
    }
}
