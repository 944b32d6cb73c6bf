using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Tests.Configuration;

public sealed class YamlTreeTests
{
    [Fact]
    public void Every_key_and_value_knows_its_line_and_column()
    {
        YamlMapping root = Mapping("a: 1\nb:\n  - x\n  - c: {d: e}\n");
        root.Find("a")!.Value.KeyPlace.ShouldBe(new Place(1, 1));
        root.Find("a")!.Value.Value.Place.ShouldBe(new Place(1, 4));
        var list = root.Find("b")!.Value.Value.ShouldBeOfType<YamlSequence>();
        list.Items[0].Place.ShouldBe(new Place(3, 5));
        var inner = ((YamlMapping)list.Items[1]).Find("c")!.Value.Value.ShouldBeOfType<YamlMapping>();
        inner.Place.ShouldBe(new Place(4, 8));
        inner.Find("d")!.Value.Value.Place.ShouldBe(new Place(4, 12));
    }

    [Theory]
    [InlineData("yes", YamlScalarType.Boolean)]
    [InlineData("Off", YamlScalarType.Boolean)]
    [InlineData("y", YamlScalarType.Text)]
    [InlineData("'yes'", YamlScalarType.Text)]
    [InlineData("12", YamlScalarType.Integer)]
    [InlineData("-1_000", YamlScalarType.Integer)]
    [InlineData("0x1F", YamlScalarType.Integer)]
    [InlineData("1:30", YamlScalarType.Integer)]
    [InlineData("09", YamlScalarType.Text)]
    [InlineData("1.5", YamlScalarType.Float)]
    [InlineData("1.5e-7", YamlScalarType.Float)]
    [InlineData("1e3", YamlScalarType.Text)]
    [InlineData("3e-7", YamlScalarType.Text)]
    [InlineData(".inf", YamlScalarType.Float)]
    [InlineData("~", YamlScalarType.Null)]
    [InlineData("", YamlScalarType.Null)]
    [InlineData("''", YamlScalarType.Text)]
    [InlineData("None", YamlScalarType.Text)]
    [InlineData("2025-03-01", YamlScalarType.Text)]
    [InlineData("!!str 12", YamlScalarType.Text)]
    public void Scalars_have_the_type_that_PyYAML_gives_them(string written, YamlScalarType type) => Scalar(written).Type.ShouldBe(type);

    [Theory]
    [InlineData("12", "12")]
    [InlineData("010", "8")]
    [InlineData("\"010\"", "10")]
    [InlineData("0b101", "5")]
    [InlineData("-0x1f", "-31")]
    [InlineData("1:30", "90")]
    [InlineData("1_000.5", "1000.5")]
    [InlineData("3e-7", "0.0000003")]
    [InlineData("'10'", "10")]
    public void Numbers_are_read_exactly_also_from_text(string written, string value) =>
        Scalar(written).Number.ShouldBe(decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void An_alias_is_the_node_of_its_anchor()
    {
        YamlMapping root = Mapping("a: &x {b: 1}\nc: *x\n");
        root.Find("c")!.Value.Value.ShouldBeSameAs(root.Find("a")!.Value.Value);
    }

    [Fact]
    public void Own_keys_win_over_merged_ones_and_earlier_merged_ones_over_later()
    {
        YamlMapping merged = Value<YamlMapping>("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  c: 3\n  <<: [*x, *y]\n", "z");
        Text(merged, "a").ShouldBe("1");
        Text(merged, "b").ShouldBe("1");
        Text(merged, "c").ShouldBe("3");
    }

    [Fact]
    public void Of_two_merge_keys_the_later_wins_and_a_quoted_one_is_a_key()
    {
        YamlMapping merged = Value<YamlMapping>("x: &x {a: 1}\ny: &y {a: 2}\nz:\n  <<: *x\n  <<: *y\n  '<<': 5\n", "z");
        Text(merged, "a").ShouldBe("2");
        Text(merged, "<<").ShouldBe("5");
    }

    [Fact]
    public void Of_a_key_given_twice_the_last_wins_whole_with_a_warning()
    {
        YamlTree tree = YamlTree.Parse("a: {x: 1}\nb: 2\na: {y: 3}\n");
        var value = (YamlMapping)((YamlMapping)tree.Root!).Find("a")!.Value.Value;
        value.Entries.Select(entry => entry.Key).ShouldBe(["y"]);
        YamlProblem warning = tree.Problems.ShouldHaveSingleItem();
        warning.IsError.ShouldBeFalse();
        warning.Place.ShouldBe(new Place(3, 1));
        warning.Message.ShouldContain("line 1");
    }

    [Fact]
    public void A_billion_laughs_are_refused_at_the_alias_that_is_too_much()
    {
        var text = new System.Text.StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for (int level = 1; level < 30; level++)
        {
            text.Append('a').Append(level).Append(": &a").Append(level).Append(" [").AppendJoin(", ", Enumerable.Repeat($"*a{level - 1}", 10)).AppendLine("]");
        }

        YamlProblem error = YamlTree.Parse(text.ToString()).Problems.First(problem => problem.IsError);
        error.Message.ShouldContain("aliases of this file stand for more than");
        error.Place.Line.ShouldBeInRange(5, 8);
    }

    [Fact]
    public void A_file_nested_too_deep_is_refused()
    {
        YamlTree.Parse(new string('[', 100_000)).Problems.ShouldContain(problem => problem.IsError && problem.Message.Contains("levels deep", StringComparison.Ordinal));
        YamlTree.Parse(new string('[', 90) + new string(']', 90)).IsBroken.ShouldBeFalse();
    }

    [Theory]
    [InlineData("a: *x\n", 1, 4, "no anchor")]
    [InlineData("a: &x [*x]\n", 1, 8, "inside its own anchor")]
    [InlineData("a: !!python/object:os.system x\n", 1, 4, "tag")]
    [InlineData("[a]: b\n", 1, 1, "a key must be")]
    [InlineData("a: 1\n---\nb: 2\n", 2, 1, "single document")]
    [InlineData("a:\n  <<: 1\n", 2, 7, "to merge")]
    [InlineData("a: b\t# c\n", 1, 5, "tab")]
    [InlineData("a: b: c\n", 1, 5, "invalid mapping")]
    [InlineData("a: 'b\n", 1, 4, "quoted scalar")]
    public void An_error_is_told_at_its_place(string text, int line, int column, string message)
    {
        YamlProblem error = YamlTree.Parse(text).Problems.ShouldHaveSingleItem();
        error.IsError.ShouldBeTrue();
        error.Place.ShouldBe(new Place(line, column));
        error.Message.ShouldContain(message);
    }

    [Fact]
    public void Every_syntax_error_of_a_file_is_told_and_the_rest_is_read()
    {
        YamlTree tree = YamlTree.Parse("a: 'b\nmodel_list:\n  - x: 1\n  - y: [1, 2\n    z: 3\n  - w: 4\n   v: 5\n  - u: 6\nlast: }\n");
        tree.Problems.Select(problem => problem.Place.Line).ShouldBe([1, 5, 7, 9]);
        tree.IsBroken.ShouldBeTrue();
        var list = (YamlSequence)((YamlMapping)tree.Root!).Find("model_list")!.Value.Value;
        list.Items.Length.ShouldBe(4);
        list.Items.Select(tree.WasSetAside).ShouldBe([false, true, true, false]);
    }

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_do_not_move_places()
    {
        var root = (YamlMapping)YamlTree.Parse("\uFEFFa: 1\r\nb: 2\r\n").Root!;
        root.Find("a")!.Value.KeyPlace.ShouldBe(new Place(1, 1));
        root.Find("b")!.Value.Value.Place.ShouldBe(new Place(2, 4));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    public void A_file_of_nothing_has_no_root_and_no_error(string text)
    {
        YamlTree tree = YamlTree.Parse(text);
        tree.Root.ShouldBeNull();
        tree.Problems.ShouldBeEmpty();
    }

    private static YamlMapping Mapping(string text)
    {
        YamlTree tree = YamlTree.Parse(text);
        tree.Problems.Where(problem => problem.IsError).ShouldBeEmpty();
        return tree.Root.ShouldBeOfType<YamlMapping>();
    }

    private static T Value<T>(string text, string key)
        where T : YamlNode => Mapping(text).Find(key)!.Value.Value.ShouldBeOfType<T>();

    private static YamlScalar Scalar(string written) => Value<YamlScalar>($"a: {written}\n", "a");

    private static string Text(YamlMapping mapping, string key) => ((YamlScalar)mapping.Find(key)!.Value.Value).Text;
}
