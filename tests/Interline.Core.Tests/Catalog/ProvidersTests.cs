using System.Collections.Immutable;
using Interline.Core.Catalog;
using Interline.Core.Configuration;

namespace Interline.Core.Tests.Catalog;

public sealed class ProvidersTests
{
    private static readonly ImmutableArray<ProviderInfo> All = ModelCatalog.BuiltIn.Providers;

    [Fact]
    public void At_least_95_providers_speak_OpenAIs_format_at_a_known_address() =>
        All.Count(provider => provider.Wire == "openai" && provider.BaseUrl is not null).ShouldBeGreaterThanOrEqualTo(95);

    [Fact]
    public void Ids_are_unique_and_can_stand_before_a_slash()
    {
        All.Select(provider => provider.Id).ShouldBeUnique();
        All.ShouldAllBe(provider => provider.Id.Length > 0 && provider.Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || c == '-'));
    }

    [Fact]
    public void A_base_url_is_https_or_this_machine_and_ends_in_no_slash()
    {
        foreach (ProviderInfo provider in All.Where(provider => provider.BaseUrl is not null))
        {
            Uri url = new(provider.BaseUrl!);
            (url.Scheme == "https" || url.IsLoopback).ShouldBeTrue(provider.Id);
            provider.BaseUrl!.ShouldNotEndWith("/", customMessage: provider.Id);
            provider.BaseUrl!.ShouldNotContain("{", customMessage: provider.Id);
            (url.Query + url.Fragment + url.UserInfo).ShouldBeEmpty(provider.Id);
            provider.BaseUrl!.ShouldNotEndWith("/chat/completions", customMessage: provider.Id);
        }
    }

    [Fact]
    public void Every_hosted_provider_names_its_key_and_local_ones_need_none()
    {
        foreach (ProviderInfo provider in All.Where(provider => provider.Wire == "openai" && provider.BaseUrl is not null))
        {
            bool local = new Uri(provider.BaseUrl!).IsLoopback;
            (local ? provider.KeyOptional : provider.KeyVariables.Length > 0).ShouldBeTrue(provider.Id);
        }
    }

    [Fact]
    public void Variables_look_like_variables() =>
        All.SelectMany(provider => provider.KeyVariables.Concat(provider.BaseUrlVariables))
            .ShouldAllBe(name => name.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_'));

    [Fact]
    public void Models_come_from_where_there_are_some_or_from_an_own_name_that_has_none_yet()
    {
        foreach (ProviderInfo provider in All)
        {
            (provider.ModelsFrom == provider.Id || provider.ModelsFrom == provider.VariantOf || ModelCatalog.BuiltIn.ModelsOf(provider.ModelsFrom).Any())
                .ShouldBeTrue($"{provider.Id}: {provider.ModelsFrom}");
        }
    }

    [Fact]
    public void A_variant_is_one_of_a_provider_that_is_none() =>
        All.Where(provider => provider.VariantOf is not null).ShouldAllBe(provider => ModelCatalog.BuiltIn.FindProvider(provider.VariantOf!)!.VariantOf == null);

    [Fact]
    public void No_rule_renames_what_it_refuses() =>
        All.ShouldAllBe(provider => !provider.Parameters.Renames.Keys.Any(provider.Parameters.Unsupported.Contains));

    [Fact]
    public void A_key_variable_of_one_vendor_is_only_read_for_its_own_hosts()
    {
        // A well-known key must not leave for somebody else's server because two entries name it.
        var hosts = All.Where(provider => provider.BaseUrl is not null && !provider.KeyOptional)
            .SelectMany(provider => provider.KeyVariables.Select(key => (Key: key, Host: string.Join('.', new Uri(provider.BaseUrl!).Host.Split('.')[^2..]))))
            .GroupBy(pair => pair.Key, StringComparer.Ordinal);
        hosts.ShouldAllBe(group => group.Select(pair => pair.Host).Distinct().Count() == 1);
    }

    [Theory]
    [InlineData("anthropic", "anthropic", "x-api-key", "ANTHROPIC_API_KEY")]
    [InlineData("gemini", "gemini", "x-goog-api-key", "GEMINI_API_KEY")]
    public void Anthropic_and_Gemini_are_offered_in_their_own_format_with_their_own_header(string id, string wire, string header, string variable)
    {
        ProviderInfo provider = ShippedCatalog.BuiltIn.Provider(id)!;
        provider.Wire.ShouldBe(wire);
        provider.NativeWire.ShouldBeNull();
        provider.KeyHeader.ShouldBe(header);
        provider.KeyVariables[0].ShouldBe(variable);
        provider.Parameters.ShouldBe(ParameterRules.None);
        EnvironmentConfig.Read(name => name == variable ? "key" : null, ShippedCatalog.BuiltIn).Wildcards.Select(group => group.Name).ShouldBe([id + "/*"]);
    }

    [Fact]
    public void Anthropics_format_beside_OpenAIs_is_a_path_from_the_root()
    {
        ProviderInfo[] both = [.. All.Where(provider => provider.AnthropicBasePath is not null)];
        both.Length.ShouldBeGreaterThanOrEqualTo(8);
        both.ShouldAllBe(provider => provider.AnthropicBasePath!.StartsWith('/') && !provider.AnthropicBasePath.EndsWith("/v1", StringComparison.Ordinal));
        both.ShouldAllBe(provider => BaseUrl.ForAnthropicBeside(provider, BaseUrl.ForOpenAI(provider, null)!) != null);
    }

    [Fact]
    public void The_rules_of_mistral_are_those_of_its_specification()
    {
        ParameterRules rules = ModelCatalog.BuiltIn.FindProvider("mistral")!.Parameters;

        rules.Renames["seed"].ShouldBe("random_seed");
        rules.Renames["max_completion_tokens"].ShouldBe("max_tokens");
        rules.Unsupported.ShouldContain("logit_bias");
        rules.StreamUsageOption.ShouldBeFalse();
        ModelCatalog.BuiltIn.FindProvider("openai")!.Parameters.ShouldBe(ParameterRules.None);
    }
}
