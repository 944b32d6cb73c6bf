using System.Collections.Immutable;
using Interline.Accounts;
using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Server.Tests.Accounts;

public class RuntimeModelTests
{
    [Fact]
    public async Task A_model_that_cannot_be_read_does_not_take_the_others_with_it_and_is_told_of_once()
    {
        var store = new InMemoryAccountStore();
        (string Id, string Document)[] models =
        [
            ("good", """{"model_name":"added","litellm_params":{"model":"openai/x","api_key":"sk-0123456789abcdef"}}"""),
            ("bad", """{"model_name":"broken","litellm_params":{"model":"openai/x","api_key":"sk-0123456789abcdef","rpm":"many"}}"""),
            ("torn", """{"model_name":5}"""),
        ];
        await store.WriteAsync([.. models.Select(x => new AccountChange(AccountKinds.Model, x.Id, x.Document, null))], CancellationToken.None);
        using var book = new AccountBook(store, new Secret("an-installation-secret-0123456789"), TimeProvider.System);
        await book.StartAsync(CancellationToken.None);
        Snapshot file = ConfigReader.Read("model_list: [{model_name: own, litellm_params: {model: openai/y, api_key: sk-0123456789abcdef}}]", "test.yaml", static _ => null, ShippedCatalog.BuiltIn).Snapshot!;
        List<string> told = [];
        Snapshot? used = null;
        var runtime = new RuntimeModels(book, new NoSealer(), ShippedCatalog.BuiltIn, file, x => used = x)
        {
            Unusable = (id, problems) => told.Add(id + (problems.IsEmpty ? " without a word" : "")),
        };

        runtime.Refresh();
        runtime.Refresh();

        used!.Groups.Keys.Order(StringComparer.Ordinal).ShouldBe(["added", "own"]);
        told.ShouldBe(["bad", "torn"]);
    }

    private sealed class NoSealer : ISealer
    {
        public string Seal(string plaintext, string boundTo) => plaintext;

        public string? Unseal(string sealedText, string boundTo) => sealedText;
    }
}
