using Interline.Cli.Starting;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Testing;

namespace Interline.Server.Tests.Cli;

/// <summary>When a changed file is taken into use, and when not. No clock runs: the test says when is looked.</summary>
public sealed class ConfigWatchTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-watch");
    private readonly List<Snapshot> _used = [];
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _errors.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_changed_file_is_used_once_two_looks_have_seen_the_same()
    {
        using ConfigWatch watch = Watch(One("a"));
        Twice(watch);
        _used.ShouldBeEmpty();
        Write("config.yaml", One("longer"));
        watch.Look();
        _used.ShouldBeEmpty();
        Write("config.yaml", One("longest-name"));
        watch.Look();
        _used.ShouldBeEmpty();
        watch.Look();
        _used.ShouldHaveSingleItem().Names.ShouldBe(["longest-name"]);
        Twice(watch);
        _used.Count.ShouldBe(1);
        _errors.ToString().ShouldBe($"interline: configuration {_used[0].Version} is in use: 1 groups, 1 deployments{Environment.NewLine}");
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_told_once_with_its_places_and_the_old_one_stays_until_it_is_mended()
    {
        using ConfigWatch watch = Watch(One("a"));
        Write("config.yaml", One("a") + "router_settings:\n  num_retries: lots\n");
        Twice(watch);
        Twice(watch);
        _used.ShouldBeEmpty();
        string[] lines = _errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        lines[0].ShouldEndWith("config.yaml:4:16: router_settings.num_retries: expected a whole number from 0 on, found 'lots'");
        lines[1].ShouldEndWith("stays in use");
        Write("config.yaml", One("mended"));
        Twice(watch);
        _used.ShouldHaveSingleItem().Names.ShouldBe(["mended"]);
    }

    [Fact]
    public void A_file_that_is_gone_leaves_the_configuration_in_use()
    {
        using ConfigWatch watch = Watch(One("a"));
        File.Delete(FileOf("config.yaml"));
        Twice(watch);
        _used.ShouldBeEmpty();
        _errors.ToString().ShouldContain("there is no file");
    }

    [Fact]
    public void An_included_file_is_watched_and_so_is_one_that_was_missing()
    {
        Write("more.yaml", "model_list:\n  - {model_name: b, litellm_params: {model: openai/x, api_key: k}}\n");
        using ConfigWatch watch = Watch("include: [more.yaml]\n" + One("a"));
        Write("more.yaml", "include: [late.yaml]\nmodel_list: []\n");
        Twice(watch);
        _used.ShouldBeEmpty();
        _errors.ToString().ShouldContain("there is no '" + FileOf("late.yaml") + "'");
        Write("late.yaml", One("late"));
        Twice(watch);
        _used.ShouldHaveSingleItem().Names.ShouldBe(["a", "late"]);
    }

    [Fact]
    public void A_file_behind_a_link_is_used_when_the_link_points_elsewhere()
    {
        Directory.CreateDirectory(FileOf("one"));
        Directory.CreateDirectory(FileOf("two"));
        Write("one/config.yaml", One("a"));
        Write("two/config.yaml", One("b"));
        Directory.CreateSymbolicLink(FileOf("data"), FileOf("one"));
        File.CreateSymbolicLink(FileOf("config.yaml"), Path.Combine("data", "config.yaml"));
        File.SetLastWriteTimeUtc(FileOf("two/config.yaml"), File.GetLastWriteTimeUtc(FileOf("one/config.yaml")).AddSeconds(1));
        using ConfigWatch watch = Started();
        Directory.Delete(FileOf("data"));
        Directory.CreateSymbolicLink(FileOf("data"), FileOf("two"));
        Twice(watch);
        _used.ShouldHaveSingleItem().Names.ShouldBe(["b"]);
    }

    [Fact]
    public void The_file_is_looked_at_as_often_as_it_says_itself()
    {
        var time = new FakeTime();
        using ConfigWatch watch = Watch(One("a") + "general_settings: {proxy_config_reload_interval_seconds: 60}\n");
        watch.Start(time);
        Write("config.yaml", One("b"));
        time.Advance(TimeSpan.FromSeconds(119));
        _used.ShouldBeEmpty();
        time.Advance(TimeSpan.FromSeconds(1));
        _used.ShouldHaveSingleItem().Names.ShouldBe(["b"]);
    }

    [Fact]
    public void Asked_to_reload_it_answers_even_where_nothing_has_changed()
    {
        using ConfigWatch watch = Watch(One("a"));
        watch.Reload(asked: true);
        _used.ShouldBeEmpty();
        _errors.ToString().ShouldContain("has not changed");
        Write("config.yaml", One("b"));
        watch.Reload(asked: true);
        _used.ShouldHaveSingleItem();
    }

    private static void Twice(ConfigWatch watch)
    {
        watch.Look();
        watch.Look();
    }

    private static string One(string name) => $"model_list:\n  - {{model_name: {name}, litellm_params: {{model: openai/x, api_key: k}}}}\n";

    private string FileOf(string name) => Path.Combine(_folder.FullName, name);

    private void Write(string name, string text) => File.WriteAllText(FileOf(name), text);

    private ConfigWatch Watch(string text)
    {
        Write("config.yaml", text);
        return Started();
    }

    private ConfigWatch Started() => new(
        FileOf("config.yaml"),
        ConfigFiles.Read(FileOf("config.yaml"), ShippedCatalog.BuiltIn, out _)!,
        ShippedCatalog.BuiltIn,
        _used.Add,
        _errors);
}
