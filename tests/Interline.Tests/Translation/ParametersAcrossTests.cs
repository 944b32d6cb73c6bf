using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Interline.Core.Catalog;
using Interline.Core.Routing;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Translation;

/// <summary>A deployment's defaults and its provider's parameter rules where the caller speaks another format, and requests that cannot be translated.</summary>
public sealed class ParametersAcrossTests
{
    public static TheoryData<string, string> Pairs => Tongue.Pairs;

    private static Deployment Defaults(Deployment deployment) => deployment with { DefaultParameters = [new("temperature", "0.25"), new("max_tokens", "77")] };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Defaults_stand_in_the_providers_place_of_a_translated_request(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(to.Answer));
        using Engine engine = new Engine().With(upstream, to, Defaults);

        await engine.SendAsync(from.Ask, from.Plain);

        JsonElement body = Body(upstream.Requests[0]);
        JsonElement settings = provider == "gemini" ? body.GetProperty("generationConfig") : body;
        settings.GetProperty("temperature").GetDouble().ShouldBe(0.25);
        string[] limits = provider == "gemini" ? ["maxOutputTokens"] : ["max_tokens", "max_completion_tokens"];
        limits.Where(x => settings.TryGetProperty(x, out JsonElement _)).Select(x => settings.GetProperty(x).GetInt32()).ShouldBe([caller == "anthropic" ? 64 : 77], "the caller's own limit wins");
        body.TryGetProperty("temperature", out JsonElement _).ShouldBe(provider != "gemini");
    }

    [Fact]
    public async Task What_is_always_dropped_is_dropped_from_a_translated_request_too()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.OpenAI.Answer));
        using Engine engine = new Engine().With(upstream, Tongue.OpenAI, x => x with { DropAlways = new[] { "max_completion_tokens", "max_tokens" }.ToFrozenSet() });

        await engine.SendAsync(Tongue.Anthropic.Ask, Tongue.Anthropic.Plain);

        upstream.Requests[0].Text.ShouldNotContain("_tokens");
    }

    [Fact]
    public async Task A_default_that_only_openai_knows_is_reported_where_the_provider_is_another()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.Anthropic.Answer));
        using Engine engine = new Engine().With(upstream, Tongue.Anthropic, x => x with { DefaultParameters = [new("logit_bias", "{\"1\":2}")] });

        Ended ended = await engine.SendAsync("""{"model":"gpt","messages":[{"role":"user","content":"hi"}]}""");

        upstream.Requests[0].Text.ShouldNotContain("logit_bias");
        ended.Record.Losses!.Losses.ShouldContain(x => x.Field == "logit_bias");
    }

    [Fact]
    public async Task A_default_that_only_openai_knows_reaches_a_provider_of_its_format_from_a_caller_of_another()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.OpenAI.Answer));
        using Engine engine = new Engine().With(upstream, Tongue.OpenAI, x => x with { DefaultParameters = [new("logit_bias", "{\"1\":2}")] });

        await engine.SendAsync(Tongue.Anthropic.Ask, Tongue.Anthropic.Plain);

        Body(upstream.Requests[0]).GetProperty("logit_bias").GetProperty("1").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task What_only_the_translation_said_is_left_out_where_the_provider_refuses_it_and_told()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.OpenAI.Answer));
        ParameterRules rules = new() { Unsupported = new[] { "user", "parallel_tool_calls" }.ToFrozenSet() };
        using Engine engine = new Engine().With(upstream, Tongue.OpenAI, x => x with { Parameters = rules });
        string ask = """{"model":"gpt","max_tokens":9,"metadata":{"user_id":"u1"},"messages":[{"role":"user","content":"hi"}]}""";

        Ended ended = await engine.SendAsync(ask, Tongue.Anthropic.Plain);
        Ended own = await engine.SendAsync("""{"model":"gpt","user":"u1","messages":[{"role":"user","content":"hi"}]}""");

        ended.Error.ShouldBeNull();
        upstream.Requests.ShouldHaveSingleItem().Text.ShouldNotContain("u1");
        ended.Record.Losses!.Losses.ShouldContain(x => x.Field == "user");
        own.Error!.Param.ShouldBe("user", "a caller that says it itself is told");
    }

    [Fact]
    public async Task Of_the_defaults_only_what_means_the_same_reaches_a_body_of_anthropics_own_callers()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.Anthropic.Answer)).Then(FakeAnswer.Json("""{"input_tokens":5}"""));
        using Engine engine = new Engine().With(upstream, Tongue.Anthropic, x => x with
        {
            DefaultParameters = [new("temperature", "0.25"), new("stop", "[\"x\"]"), new("user", "\"u\""), new("container", "\"c\"")],
        });

        await engine.SendAsync(Tongue.Anthropic.Ask, Tongue.Anthropic.Plain);
        await engine.SendAsync(Tongue.Anthropic.Ask, CountTokensLane.Instance);

        JsonElement body = Body(upstream.Requests[0]);
        body.GetProperty("temperature").GetDouble().ShouldBe(0.25);
        body.GetProperty("container").GetString().ShouldBe("c");
        (body.TryGetProperty("stop", out JsonElement _) || body.TryGetProperty("user", out JsonElement _)).ShouldBeFalse();
        upstream.Requests[1].Text.ShouldBe(Tongue.Anthropic.Ask.Replace("\"gpt\"", "\"up-1\"", StringComparison.Ordinal), "a count has no settings");
    }

    [Fact]
    public async Task Defaults_never_reach_a_body_of_geminis_own_callers()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.Gemini.Answer));
        using Engine engine = new Engine().With(upstream, Tongue.Gemini, Defaults);

        await engine.SendAsync(Tongue.Gemini.Ask, Tongue.Gemini.Plain);

        upstream.Requests[0].Text.ShouldBe(Tongue.Gemini.Ask);
    }

    [Fact]
    public async Task What_a_configuration_says_beyond_openais_parameters_reaches_a_translated_request_as_it_is()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.Gemini.Answer));
        using Engine engine = new Engine().With(upstream, Tongue.Gemini, x => x with { DefaultParameters = [new("safetySettings", "[{\"category\":\"HARM_CATEGORY_HARASSMENT\",\"threshold\":\"OFF\"}]")] });

        await engine.SendAsync(Tongue.OpenAI.Ask, Tongue.OpenAI.Plain);

        Body(upstream.Requests[0]).GetProperty("safetySettings")[0].GetProperty("threshold").GetString().ShouldBe("OFF");
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("gemini")]
    public async Task What_a_provider_refuses_is_a_400_or_dropped_and_reported_whoever_asked(string caller)
    {
        Tongue from = Tongue.All[caller];
        string ask = caller == "gemini"
            ? """{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"temperature":0.5}}"""
            : """{"model":"gpt","max_tokens":9,"temperature":0.5,"messages":[{"role":"user","content":"hi"}]}""";
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.OpenAI.Answer));
        ParameterRules rules = new() { Unsupported = new[] { "temperature" }.ToFrozenSet() };
        using Engine strict = new Engine().With(upstream, Tongue.OpenAI, x => x with { Parameters = rules });
        using Engine lenient = new Engine().With(upstream, Tongue.OpenAI, x => x with { Parameters = rules, DropParams = true });

        Ended refused = await strict.SendAsync(ask, from.Plain);
        Ended dropped = await lenient.SendAsync(ask, from.Plain);

        (refused.Error!.Status, refused.Error.Param).ShouldBe((400, "temperature"));
        from.ReadPlain(Encoding.UTF8.GetString(from.Plain.WriteError(refused.Error))).Error!.ShouldContain("temperature");
        from.ReadPlain(dropped.Text).ShouldBeWhole();
        dropped.Record.DroppedParameters.ShouldBe(["temperature"]);
        upstream.Requests.ShouldHaveSingleItem().Text.ShouldNotContain("temperature");
    }

    [Fact]
    public async Task What_was_dropped_for_a_deployment_that_failed_is_not_said_of_the_one_that_answered()
    {
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Json(Tongue.OpenAI.ErrorBody, 500));
        two.Then(FakeAnswer.Json(Tongue.OpenAI.Answer));
        ParameterRules rules = new() { Unsupported = new[] { "temperature" }.ToFrozenSet() };
        using Engine engine = new Engine().With(one, x => x with { Parameters = rules, DropParams = true }).With(two);

        Ended ended = await engine.SendAsync("""{"model":"gpt","temperature":0.5,"messages":[{"role":"user","content":"hi"}]}""");

        one.Requests[0].Text.ShouldNotContain("temperature");
        two.Requests[0].Text.ShouldContain("temperature");
        ended.Record.DroppedParameters.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_request_as_deep_as_is_taken_is_translated_or_refused_and_never_a_fault(string caller, string provider)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        upstream.Otherwise = _ => FakeAnswer.Json(to.Answer);
        using Engine engine = new Engine().With(upstream, to);
        for (int depth = 90; depth < 130; depth++)
        {
            string schema = string.Concat(Enumerable.Repeat("{\"type\":\"object\",\"properties\":{\"a\":", depth / 2)) + "{}" + new string('}', depth / 2 * 2);
            string ask = caller switch
            {
                "openai" => $$"""{"model":"gpt","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":{{schema}} } }]}""",
                "anthropic" => $$"""{"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","input_schema":{{schema}} }]}""",
                _ => $$"""{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{{schema}} }]}]}""",
            };

            Ended ended = await engine.SendAsync(ask, from.Plain);

            (ended.Error?.Status ?? 200).ShouldBeOneOf(200, 400);
        }
    }

    [Theory]
    [InlineData("openai", "anthropic", """{"model":"gpt","messages":[{"role":"user","content":5}]}""", "messages[0].content")]
    [InlineData("openai", "gemini", """{"model":"gpt","messages":[{"role":"user","content":"x"},{"role":"wizard","content":"x"}]}""", "messages[1]")]
    [InlineData("anthropic", "openai", """{"model":"gpt","max_tokens":"many","messages":[{"role":"user","content":"x"}]}""", "max_tokens")]
    [InlineData("anthropic", "gemini", """{"model":"gpt","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":7}]}]}""", "messages[0].content[0].text")]
    [InlineData("gemini", "openai", """{"contents":[{"role":"user","parts":[{"text":7}]}]}""", "contents[0].parts[0].text")]
    [InlineData("gemini", "anthropic", """{"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"temperature":"hot"}}""", "generationConfig.temperature")]
    public async Task A_request_that_cannot_be_read_is_a_400_in_the_callers_format_that_names_the_place(string caller, string provider, string ask, string place)
    {
        (Tongue from, Tongue to) = (Tongue.All[caller], Tongue.All[provider]);
        await using var upstream = new FakeProvider();
        await using var second = new FakeProvider();
        using Engine engine = new Engine().With(upstream, to).With(second, to);

        Ended ended = await engine.SendAsync(ask, from.Plain);

        (ended.Error!.Status, ended.Error.Kind, ended.Error.Param).ShouldBe((400, ErrorKind.BadRequest, place));
        string body = Encoding.UTF8.GetString(from.Plain.WriteError(ended.Error));
        from.ReadPlain(body).Error!.ShouldContain(place.Split('.')[^1].Split('[')[0]);
        upstream.Requests.ShouldBeEmpty();
        second.Requests.ShouldBeEmpty("another deployment cannot read it either");
        engine.State("d1").Totals.Failures.ShouldBe(0);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_request_of_the_same_format_is_not_read_and_so_not_refused()
    {
        await using var upstream = new FakeProvider();
        upstream.Then(FakeAnswer.Json(Tongue.Anthropic.Answer));
        using Engine engine = new Engine().With(upstream, Tongue.Anthropic);

        Ended ended = await engine.SendAsync("""{"model":"gpt","max_tokens":"many","messages":[{"role":"user","content":"x"}]}""", Tongue.Anthropic.Plain);

        ended.Text.ShouldBe(Tongue.Anthropic.Answer);
    }

    private static JsonElement Body(FakeRequest request)
    {
        using JsonDocument document = JsonDocument.Parse(request.Body);
        return document.RootElement.Clone();
    }
}
