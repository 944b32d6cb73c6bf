using Interline.Accounts;
using Interline.Core.Configuration;
using Interline.Credentials;

namespace Interline.Tests.Credentials;

public class CredentialBookTests
{
    private static readonly Sealer Sealer = new(new Secret("the-first-master-secret"));

    [Theory]
    [InlineData(null, true)]
    [InlineData("https://api.example.com/v2", true)]
    [InlineData("https://API.example.com:443/", true)]
    [InlineData("http://api.example.com/", false)]
    [InlineData("https://api.example.com:8443/", false)]
    [InlineData("https://evil.example/", false)]
    [InlineData("https://api.example.com@evil.example/", false)]
    [InlineData("nonsense", false)]
    public void A_credential_with_an_address_goes_there_alone(string? address, bool goes)
    {
        CredentialUse use = Book("""{"api_base":"https://api.example.com/v1"}""", "{}", "credential mine at https://api.example.com:443").Use("mine", "openai", address);
        (use.Refusal is null).ShouldBe(goes, use.Refusal);
        use.Parameters.ContainsKey("api_key").ShouldBe(goes);
        if (goes)
        {
            use.Parameters["api_key"].ShouldBe("\"sk-x\"");
            use.Parameters["api_base"].ShouldBe("\"https://api.example.com/v1\"");
        }
    }

    [Theory]
    [InlineData("openai", null, true)]
    [InlineData("OpenAI", null, true)]
    [InlineData("openai", "https://api.openai.com/v1", true)]
    [InlineData("openai", "https://evil.example/v1", false)]
    [InlineData("groq", null, false)]
    [InlineData(null, null, false)]
    public void A_credential_with_a_provider_goes_to_its_usual_address_alone(string? provider, string? address, bool goes)
    {
        CredentialUse use = Book("{}", """{"custom_llm_provider":"openai"}""", "credential mine provider openai").Use("mine", provider, address);
        (use.Refusal is null).ShouldBe(goes, use.Refusal);
    }

    [Fact]
    public void A_document_that_was_pointed_elsewhere_behind_our_back_does_not_open()
    {
        CredentialBook book = Book("""{"api_base":"https://evil.example/"}""", "{}", "credential mine at https://api.example.com:443");
        book.Use("mine", "openai", null).Refusal!.ShouldContain("cannot be opened");
        Book("""{"api_base":"https://api.example.com","base_url":"https://evil.example/"}""", "{}", "credential mine at https://api.example.com:443").Use("mine", "openai", null).Refusal.ShouldNotBeNull();
        Book("{}", "{}", "credential mine provider openai").Use("mine", "openai", null).Refusal!.ShouldContain("where it may be sent");
    }

    [Fact]
    public void What_is_not_there_is_told()
    {
        Book("{}", "{}", "x").Use("other", null, null).Refusal!.ShouldContain("'other'");
        new CredentialBook([new AccountRow("credential", "mine", null, 1), new AccountRow("key", "k", "{}", 2)], Sealer, ShippedCatalog.BuiltIn).Use("mine", null, null).Refusal!.ShouldContain("'mine'");
    }

    private static CredentialBook Book(string values, string info, string bound) => new(
        [new AccountRow("credential", "mine", $$$"""{"credential_values":{{{values}}},"credential_info":{{{info}}},"sealed":{"api_key":"{{{Sealer.Seal("\"sk-x\"", bound)}}}"}}""", 1)],
        Sealer,
        ShippedCatalog.BuiltIn);
}
