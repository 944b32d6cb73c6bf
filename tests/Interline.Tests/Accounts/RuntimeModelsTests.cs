using Interline.Accounts;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Credentials;
using Interline.Testing;

namespace Interline.Tests.Accounts;

/// <summary>Deployments added at run time, laid over the file's.</summary>
public sealed class RuntimeModelsTests
{
    private const string File = """{"model_list":[{"model_name":"of-the-file","litellm_params":{"model":"openai/gpt-4o-mini","api_key":"k"}}]}""";

    [Fact]
    public async Task One_that_cannot_be_read_is_left_out_and_told_and_takes_no_other_with_it()
    {
        using var book = new AccountBook(new InMemoryAccountStore(), new Secret("secret"), new FakeTime());
        await book.WriteAsync(
            [
                new(AccountKinds.Model, "a", """{"model_name":"good","litellm_params":{"model":"openai/gpt-4o","api_key":"k"}}""", null),
                new(AccountKinds.Model, "b", """{"model_name":"bad","litellm_params":{"model":"openai/gpt-4o","timeout":"soon"}}""", null),
                new(AccountKinds.Model, "c", """{"model_name":"good","litellm_params":{"model":"openai/gpt-4o-mini","api_key":"k"}}""", null),
            ],
            CancellationToken.None);
        Snapshot? used = null;
        List<string> told = [];
        var models = new RuntimeModels(book, new Sealer(new Secret("a-master-secret-of-tests")), ShippedCatalog.BuiltIn, ConfigReader.Read(File, "file", static _ => null, ShippedCatalog.BuiltIn).Snapshot!, x => used = x, told.Add);

        models.Refresh();

        used!.Names.ShouldBe(["of-the-file", "good"]);
        used.Groups["good"].Deployments.Length.ShouldBe(2);
        models.Problems.Single().ShouldStartWith("model b is left out: litellm_params.timeout: ");
        told.ShouldBe(models.Problems);
    }
}
