using System.Diagnostics;
using System.Reflection;

namespace Interline.Server.Tests.Floors;

/// <summary>The rule of the house (docs/architecture.md): each floor uses only those below it.</summary>
public sealed class FloorTests
{
    private static readonly Dictionary<string, string[]> Floors = new(StringComparer.Ordinal)
    {
        ["Interline.Protocols"] = [],
        ["Interline.Core"] = ["Interline.Protocols"],
        ["Interline"] = ["Interline.Core", "Interline.Protocols"],
        ["Interline.Storage"] = ["Interline", "Interline.Core", "Interline.Protocols"],
        ["Interline.Server"] = ["Interline.Storage", "Interline", "Interline.Core", "Interline.Protocols"],
        ["Interline.Cli"] = ["Interline.Server", "Interline.Storage", "Interline", "Interline.Core", "Interline.Protocols"],
    };

    private static readonly string[] BelowTheServer = ["Interline.Protocols", "Interline.Core", "Interline", "Interline.Storage"];

    private static readonly string Root = FindRoot();

    public static TheoryData<string> Names => [.. Floors.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_floor_refers_only_to_those_below_it(string floor)
    {
        string[] references = [.. Assembly.Load(floor).GetReferencedAssemblies().Select(x => x.Name!)];
        references.Where(x => x.StartsWith("Interline", StringComparison.Ordinal)).ShouldBeSubsetOf(Floors[floor]);
        if (BelowTheServer.Contains(floor))
        {
            references.ShouldNotContain(x => x.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_floors_project_names_only_those_below_it(string floor)
    {
        // The compiler leaves out references that nothing uses; the project file shows them all.
        string project = File.ReadAllText(Path.Combine(Root, "src", floor, floor + ".csproj"));
        foreach (string other in Floors.Keys.Where(x => x != floor && !Floors[floor].Contains(x)))
        {
            project.ShouldNotContain($"/{other}.csproj");
        }

        project.Contains("Microsoft.AspNetCore", StringComparison.Ordinal).ShouldBe(floor == "Interline.Server");
    }

    [Fact]
    public void Every_project_of_src_is_a_floor() =>
        Directory.GetDirectories(Path.Combine(Root, "src")).Select(x => Path.GetFileName(x)!).Where(x => Directory.GetFiles(Path.Combine(Root, "src", x), "*.csproj").Length > 0)
            .Order(StringComparer.Ordinal).ShouldBe(Floors.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Folders_are_concepts_and_not_kinds() =>
        Tracked().Where(x => x.StartsWith("src/", StringComparison.Ordinal)).SelectMany(x => x.Split('/')[..^1])
            .Intersect(["Helpers", "Utils", "Utilities", "Common", "Managers", "Services"], StringComparer.OrdinalIgnoreCase).ShouldBeEmpty();

    [Fact]
    public void Every_project_has_its_lock_file()
    {
        string[] tracked = Tracked();
        string[] projects = [.. tracked.Where(x => x.EndsWith(".csproj", StringComparison.Ordinal))];
        projects.ShouldNotBeEmpty();
        projects.Select(x => x[..(x.LastIndexOf('/') + 1)] + "packages.lock.json").ShouldBeSubsetOf(tracked);
    }

    [Fact]
    public void No_tracked_file_names_a_host_of_packages()
    {
        // Put together here, so that this file names none either. The machine's own configuration says where packages come from.
        string[] hosts = ["api.nuget" + ".org", "registry.npmjs" + ".org", "pypi" + ".org", "files.pythonhosted" + ".org", "pkgs.dev.azure" + ".com", "registry.yarnpkg" + ".com", "proxy.golang" + ".org"];
        foreach (string file in Tracked().Where(x => File.Exists(Path.Combine(Root, x))))
        {
            string text = File.ReadAllText(Path.Combine(Root, file));
            foreach (string host in hosts)
            {
                text.Contains(host, StringComparison.OrdinalIgnoreCase).ShouldBeFalse($"{file} names {host}");
            }
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Interline.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }

    /// <summary>The files that are in the repository, or would be if all were added.</summary>
    private static string[] Tracked()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]) { WorkingDirectory = Root, UseShellExecute = false, RedirectStandardOutput = true };
        using Process git = Process.Start(start)!;
        string names = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        git.ExitCode.ShouldBe(0);
        return names.Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }
}
