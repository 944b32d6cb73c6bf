using System.Text;
using System.Text.Json;
using Interline.Core.Configuration;

namespace Interline.Core.Tests.Configuration;

public sealed class ConfigSchemaTests
{
    [Fact]
    public void The_schema_in_the_docs_is_the_one_the_program_prints()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Interline.slnx")))
        {
            folder = folder.Parent;
        }

        File.ReadAllText(Path.Combine(folder.FullName, "docs", "interline.schema.json")).ShouldBe(Text(), "./run schema > docs/interline.schema.json");
    }

    [Theory]
    [InlineData("router_settings", "router_settings: {KEY: }")]
    [InlineData("litellm_settings", "litellm_settings: {KEY: }")]
    [InlineData("general_settings", "general_settings: {KEY: }")]
    [InlineData("routing_strategy_args", "router_settings: {routing_strategy_args: {KEY: }}")]
    [InlineData("retry_policy", "router_settings: {retry_policy: {KEY: }}")]
    [InlineData("allowed_fails_policy", "router_settings: {allowed_fails_policy: {KEY: }}")]
    [InlineData("credential", "credential_list: [{KEY: }]")]
    [InlineData("model", "model_list: [{KEY: }]")]
    [InlineData("model_info", "model_list: [{model_name: m, litellm_params: {model: openai/x, api_key: k}, model_info: {KEY: }}]")]
    [InlineData("litellm_params", "model_list: [{model_name: m, litellm_params: {model: openai/x, KEY: }}]")]
    [InlineData(null, "KEY: ")]
    public void A_key_is_read_where_the_schema_does_not_say_that_it_has_no_effect(string? section, string text)
    {
        int read = 0;
        foreach (JsonProperty key in Properties(section))
        {
            bool hasEffect = key.Value.GetProperty("description").GetString() != ConfigSchema.NoEffect;
            string[] told = Reading.Read(text.Replace("KEY", key.Name, StringComparison.Ordinal)).Ignored();
            told.Any(problem => problem.Contains($"{key.Name}: ", StringComparison.Ordinal)).ShouldBe(!hasEffect, $"{section}.{key.Name}: {string.Join('\n', told)}");
            read += hasEffect ? 1 : 0;
        }

        read.ShouldBeGreaterThan(0);
    }

    private static JsonElement.ObjectEnumerator Properties(string? section)
    {
        JsonElement root = JsonDocument.Parse(Text()).RootElement;
        return (section is null ? root : root.GetProperty("definitions").GetProperty(section)).GetProperty("properties").EnumerateObject();
    }

    private static string Text()
    {
        using var output = new MemoryStream();
        ConfigSchema.Write(output);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
