using FsCheck;
using FsCheck.Fluent;
using Interline.Core.Configuration;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Tests.Configuration;

public sealed class YamlTreeProperties
{
    private const string Sample = """
        model_list:
          - model_name: "a b"
            litellm_params: &p
              model: openai/gpt-4o
              api_key: os.environ/KEY   # note
              rpm: 10
              headers: {x-a: 'b', y: [1, 2.5]}
          - model_name: b/*
            litellm_params:
              <<: *p
              model: groq/*
              system: |
                two
                lines
        router_settings:
          fallbacks: [{ "a b": ["b/x"] }]
          num_retries: "3"
        """;

    private const string Insertions = "\n\t\r :-[]{}&*!|>'\"%@`,?#\\\0\uFEFFabc019~<=./_\u2028\uD83D";

    [Fact]
    public void A_mangled_file_never_throws_and_every_problem_is_on_a_line_of_the_file()
    {
        Gen<(int Place, int Length, int Character)[]> mutations = Gen.ArrayOf(
            Gen.Choose(0, Sample.Length - 1).SelectMany(place => Gen.Choose(0, 6).SelectMany(length => Gen.Choose(-1, Insertions.Length - 1).Select(character => (place, length, character)))));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500).WithEndSize(6), Prop.ForAll(mutations.ToArbitrary(), edits => Hold(Mangle(edits))));
    }

    [Fact]
    public void Any_text_at_all_is_read_or_refused() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll<string>(text => Hold(text ?? "")));

    [Fact]
    public void The_sample_itself_is_fine() =>
        ConfigReader.Read(Sample, "f", name => name == "KEY" ? "k" : null, new FakeCatalog()).HasErrors.ShouldBeFalse();

    private static string Mangle((int Place, int Length, int Character)[] edits)
    {
        string text = Sample;
        foreach ((int place, int length, int character) in edits)
        {
            int start = Math.Min(place, text.Length);
            text = text.Remove(start, Math.Min(length, text.Length - start));
            text = character < 0 ? text : text.Insert(start, Insertions[character].ToString());
        }

        return text;
    }

    private static bool Hold(string text)
    {
        ConfigResult result = ConfigReader.Read(text, "f", _ => null, new FakeCatalog());
        int lines = 1 + text.Count(character => character is '\n' or '\r' or '\u2028' or '\u2029' or '\u0085');
        return result.Problems.All(problem => problem.Line >= 1 && problem.Line <= lines && problem.Column >= 1 && problem.Message.Length > 0)
            && (result.Snapshot is not null || result.HasErrors)
            && (!YamlTree.Parse(text).IsBroken || result.Snapshot is null);
    }
}
