using System.CommandLine;
using Interline.Accounts;
using Interline.Cli.Commands;
using Interline.Core.Configuration;
using Interline.Credentials;
using Interline.Storage.Accounts;
using Interline.Storage.Databases;

namespace Interline.Server.Tests.Cli;

/// <summary><c>interline credentials</c>, over a database in a file.</summary>
public sealed class CredentialsCommandTests : IDisposable
{
    private static readonly Secret Old = new("the-first-master-secret");
    private static readonly Secret New = new("the-second-master-secret");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-reseal");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Credentials_are_sealed_anew_and_the_old_secret_can_go()
    {
        await StoreAsync(new Sealer(Old).Seal("\"sk-x\"", "bound"));
        (int exit, string output, string errors) = await RunAsync(New, Old);
        (exit, errors).ShouldBe((0, ""));
        output.ShouldBe($"1 secrets sealed anew by {new Sealer(New).KeyId}\n");
        (await RunAsync(New)).Output.ShouldStartWith("0 secrets");
        await using Database database = Open();
        AccountRow row = (await new SqlAccountStore(database, null, TimeProvider.System).ReadAsync(0, 10, CancellationToken.None)).Single();
        new Sealer(New).Unseal(row.Document!.Split('"')[3], "bound").ShouldBe("\"sk-x\"");
    }

    [Fact]
    public async Task What_cannot_be_opened_is_told_and_the_database_keeps_its_secret()
    {
        await StoreAsync(new Sealer(Old).Seal("1", "bound"));
        (await RunAsync(Old)).Exit.ShouldBe(0);
        (int refused, _, string why) = await RunAsync(New);
        refused.ShouldBe(2);
        why.ShouldContain(new Sealer(Old).KeyId);
        why.ShouldNotContain("master-secret-");
        await StoreAsync(new Sealer(new Secret("a-third-master-secret")).Seal("1", "bound"));
        (int exit, _, string errors) = await RunAsync(New, Old);
        exit.ShouldBe(1);
        errors.ShouldContain("1 secrets are sealed by a secret that is not known here");
    }

    [Fact]
    public async Task A_database_that_does_not_open_and_a_secret_that_is_too_short_are_told()
    {
        (int exit, _, string errors) = await RunAsync(New, open: (_, _) => ValueTask.FromResult<(Database?, string?)>((null, "there are no books")));
        (exit, errors).ShouldBe((2, "interline: there are no books\n"));
        await StoreAsync("x");
        (await RunAsync(new Secret("short"))).Errors.ShouldContain("cannot be used");
    }

    private Database Open() => Database.Open(Path.Combine(_folder.FullName, "books.db"), TimeProvider.System);

    private async Task StoreAsync(string sealedText)
    {
        await using Database database = Open();
        await new Migrator(database, TimeProvider.System).ApplyAsync(CancellationToken.None);
        await new SqlAccountStore(database, null, TimeProvider.System).WriteAsync([new(CredentialBook.Kind, "a", $"{{\"key\":\"{sealedText}\"}}", null)], CancellationToken.None);
    }

    private async Task<(int Exit, string Output, string Errors)> RunAsync(Secret secret, Secret? earlier = null, OpenDatabase? open = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        Command command = CredentialsCommand.Create(open ?? ((_, _) => ValueTask.FromResult<(Database?, string?)>((Open(), null))), () => secret, () => earlier is null ? [] : [earlier]);
        int exit = await command.Parse(["reseal"]).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), errors.ToString());
    }
}
