using Interline.Accounts;
using Interline.Core.Configuration;
using Interline.Credentials;
using Interline.Storage.Accounts;
using Interline.Storage.Credentials;
using Interline.Storage.Databases;

namespace Interline.Storage.Tests.Credentials;

public sealed class ResealingTests
{
    private static readonly Secret Old = new("the-first-master-secret");
    private static readonly Secret New = new("the-second-master-secret");

    public static TheoryData<SqlDialect> Both => TestDatabase.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_node_with_another_master_secret_is_refused_and_told_which_it_needs(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var first = new Sealer(Old);
        await new SealCheck(test.Database, first).VerifyAsync(CancellationToken.None);
        await new SealCheck(test.Database, first).VerifyAsync(CancellationToken.None);
        await new SealCheck(test.Database, new Sealer(New, Old)).VerifyAsync(CancellationToken.None);
        var other = new Sealer(New);
        DatabaseException error = await Should.ThrowAsync<DatabaseException>(() => new SealCheck(test.Database, other).VerifyAsync(CancellationToken.None));
        error.Message.ShouldContain(first.KeyId);
        error.Message.ShouldContain(other.KeyId);
        error.Message.ShouldNotContain("master-secret");
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_master_secret_is_changed_and_the_old_one_can_go(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var old = new Sealer(Old);
        await new SealCheck(test.Database, old).VerifyAsync(CancellationToken.None);
        var store = new SqlAccountStore(test.Database, null, TimeProvider.System);
        string lost = new Sealer(new Secret("a-third-master-secret")).Seal("z", "c");
        await store.WriteAsync(
            [
                new("credential", "a", $$"""{"sealed":{"api_key":"{{old.Seal("x", "a")}}","other":"{{old.Seal("y", "a")}}"},"note":"v1:none"}""", 0),
                new("model", "b", $$"""{"key": "{{old.Seal("z", "b")}}"}""", 0),
                new("key", "c", "{}", 0),
                new("key", "d", "{}", 0),
            ],
            CancellationToken.None);
        await store.WriteAsync([new("key", "d", null, null)], CancellationToken.None);

        var both = new Sealer(New, Old);
        (await Resealing.RunAsync(store, test.Database, both, CancellationToken.None)).ShouldBe(new ResealResult(3, 0));
        (await Resealing.RunAsync(store, test.Database, both, CancellationToken.None)).ShouldBe(new ResealResult(0, 0));

        var anew = new Sealer(New);
        await new SealCheck(test.Database, anew).VerifyAsync(CancellationToken.None);
        Dictionary<string, string?> rows = (await store.ReadAsync(0, 10, CancellationToken.None)).ToDictionary(x => x.Id, x => x.Document);
        string model = rows["b"]!.Split('"')[3];
        anew.Unseal(model, "b").ShouldBe("z");
        rows["a"]!.ShouldContain("\"note\":\"v1:none\"");
        rows["a"]!.Split(anew.KeyId).Length.ShouldBe(3);
        rows["c"].ShouldBe("{}");
        rows["d"].ShouldBeNull();

        // What nobody can open is counted and left as it is, and the database stays marked by the secret it may have been sealed by.
        await store.WriteAsync([new("credential", "z", $"{{\"k\":\"{lost}\"}}", 0)], CancellationToken.None);
        (await Resealing.RunAsync(store, test.Database, anew, CancellationToken.None)).ShouldBe(new ResealResult(0, 1));
    }
}
