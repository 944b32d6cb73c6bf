using FsCheck;
using FsCheck.Fluent;
using Interline.Core.Configuration;

namespace Interline.Core.Tests.Configuration;

/// <summary>Mistakes put into a good file at known places: every one is told there, and nothing else is.</summary>
public sealed class PlaceProperties
{
    /// <summary>Lines of one deployment; each mistake stands for one of them.</summary>
    private static readonly string[] Good =
        ["  - model_name: NAME", "    litellm_params:", "      model: openai/gpt-4o", "      api_key: k", "      rpm: 10", "      timeout: 30", "      headers: {x-a: b}", "      tags: [one, two]"];

    /// <summary>What a line is replaced by, its number in <see cref="Good"/>, and the column at which that is told.</summary>
    private static readonly (int Line, string Text, int Column, string Expected)[] Mistakes =
    [
        (0, "  - model_nmae: NAME", 5, "model_name"),
        (1, "    litellm_prams:", 5, "litellm_params"),
        (2, "      model: opnai/gpt-4o", 14, "unknown provider 'opnai'"),
        (2, "      modle: openai/gpt-4o", 7, "expected model, found nothing but 'modle'"),
        (4, "      rpm: ten", 12, "expected a whole number from 0 on, found 'ten'"),
        (4, "      rpm: [10]", 12, "expected a whole number from 0 on, found a list"),
        (5, "      timeout: -30", 16, "expected seconds above 0, found '-30'"),
        (6, "      headers: x", 16, "expected a mapping, found 'x'"),
        (7, "      tags: [one, {two: 2}]", 19, "expected text, found a mapping"),
        (7, "      tags:\t[one]", 12, "a tab cannot separate values"),
        (5, "      timeout: *nowhere", 16, "the alias *nowhere has no anchor before it"),
    ];

    [Fact]
    public void Every_mistake_of_a_mangled_file_is_told_at_its_place_and_nothing_else_is()
    {
        Gen<int[]> which = Gen.ArrayOf(Gen.Choose(-1, Mistakes.Length - 1), 6);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(which.ToArbitrary(), Hold));
    }

    private static void Hold(int[] mistakes)
    {
        var lines = new List<string> { "model_list:" };
        var expected = new List<(int Line, int Column, string Text)>();
        for (int item = 0; item < mistakes.Length; item++)
        {
            int first = lines.Count + 1;
            lines.AddRange(Good.Select(line => line.Replace("NAME", $"m{item}", StringComparison.Ordinal)));
            if (mistakes[item] >= 0)
            {
                (int line, string text, int column, string message) = Mistakes[mistakes[item]];
                lines[first - 1 + line] = text;
                expected.Add((first + (line == 1 ? 0 : line), column, message));
            }
        }

        ConfigResult result = Reading.Read(string.Join('\n', lines) + "\n");
        ConfigProblem[] errors = [.. result.Problems.Where(static problem => problem.Severity == ConfigSeverity.Error)];
        string all = string.Join('\n', lines) + "\n---\n" + string.Join('\n', errors.Select(static error => error.ToString()));
        errors.Select(static error => (error.Line, error.Column)).ShouldBe(expected.Select(static place => (place.Line, place.Column)), all);
        errors.Zip(expected).ShouldAllBe(pair => pair.First.Message.Contains(pair.Second.Text, StringComparison.Ordinal), all);
        bool refused = mistakes.Any(static mistake => mistake >= 9);
        (result.Snapshot is null).ShouldBe(refused, all);
        if (!refused)
        {
            result.Snapshot!.Groups.Count.ShouldBe(mistakes.Count(static mistake => mistake < 0), all);
        }
    }
}
