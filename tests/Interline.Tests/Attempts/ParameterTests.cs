using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Interline.Core.Catalog;
using Interline.Core.Routing;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

public class ParameterTests
{
    private const string Body = """{"logit_bias":{"1":2},"model":"gpt","messages":[{"role":"user","content":"hi"}],"max_tokens":5,"seed":7,"n":1,"user":null}""";

    private static readonly ParameterRules Rules = new()
    {
        Unsupported = new[] { "logit_bias", "seed", "n", "user", "stream_options" }.ToFrozenSet(),
        Renames = new Dictionary<string, string> { ["max_tokens"] = "max_completion_tokens" }.ToFrozenDictionary(),
        StreamUsageOption = false,
    };

    [Fact]
    public async Task Unsupported_parameters_are_dropped_and_reported_and_others_renamed()
    {
        Ended ended = await SendAsync(Body, """{"model":"up-1","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":5}""", x => x with { DropParams = true });
        ended.Record.DroppedParameters.ShouldBe(["logit_bias", "seed"]);
    }

    [Fact]
    public async Task Without_drop_params_the_first_unsupported_parameter_is_named()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider, x => x with { Parameters = Rules });

        Ended ended = await engine.SendAsync(Body);

        ended.Error!.Kind.ShouldBe(ErrorKind.BadRequest);
        ended.Error.Param.ShouldBe("logit_bias");
        provider.Requests.ShouldBeEmpty();
        engine.NothingInFlight();
    }

    [Fact]
    public async Task Parameters_that_say_nothing_are_dropped_without_a_word()
    {
        Ended ended = await SendAsync(
            """{"model":"gpt","messages":[],"n":1,"user":null,"seed":false,"logit_bias":{},"stream_options":{"include_usage":false}}""",
            """{"model":"up-1","messages":[]}""",
            x => x);
        ended.Record.DroppedParameters.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_parameter_given_under_both_names_is_sent_once() =>
        await SendAsync(
            """{"model":"gpt","messages":[],"max_tokens":5,"max_completion_tokens":6}""",
            """{"model":"up-1","messages":[],"max_completion_tokens":6}""",
            x => x);

    [Fact]
    public async Task Defaults_are_put_in_where_the_client_said_nothing() =>
        await SendAsync(
            """{"temperature":1,"messages":[],"model":"gpt"}""",
            """{"top_p":0.5,"temperature":1,"messages":[],"model":"up-1"}""",
            x => x with { DefaultParameters = [new("temperature", "0.2"), new("top_p", "0.5")] });

    [Fact]
    public async Task What_is_always_dropped_goes_without_a_word()
    {
        Ended ended = await SendAsync(
            """{"metadata":{"a":[1,2]},"model":"gpt","messages":[],"store":true}""",
            """{"model":"up-1","messages":[]}""",
            x => x with { DropAlways = new[] { "metadata", "store" }.ToFrozenSet() });
        ended.Record.DroppedParameters.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_parameter_repeated_a_hundred_thousand_times_is_renamed_once_and_reported_once()
    {
        string renamed = string.Concat(Enumerable.Repeat("\"max_tokens\":5,", 100_000));
        string refused = string.Concat(Enumerable.Repeat("\"seed\":7,", 100_000));
        Ended ended = await SendAsync($"{{{renamed}{refused}\"model\":\"gpt\",\"messages\":[]}}", """{"max_completion_tokens":5,"model":"up-1","messages":[]}""", x => x with { DropParams = true });
        ended.Record.DroppedParameters.ShouldBe(["seed"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","stream_options":{"include_usage":false}""")]
    [InlineData(""","stream_options":{}""")]
    [InlineData(""","stream_options":null""")]
    public async Task Stream_options_that_are_always_dropped_are_not_put_in_by_the_gateway(string options)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.EventsWithoutUsage));
        using Engine engine = new Engine().With(provider, x => x with { DropAlways = new[] { "stream_options" }.ToFrozenSet() });

        Ended ended = await engine.SendAsync($$"""{"model":"gpt","messages":[],"stream":true{{options}}}""");

        ended.Error.ShouldBeNull();
        provider.Requests[0].Text.ShouldNotContain("stream_options");
    }

    private static async Task<Ended> SendAsync(string body, string expected, Func<Deployment, Deployment> change)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider, x => change(x with { Parameters = Rules }));

        Ended ended = await engine.SendAsync(body);

        ended.Error.ShouldBeNull();
        JsonNode.DeepEquals(JsonNode.Parse(provider.Requests[0].Text), JsonNode.Parse(expected)).ShouldBeTrue(provider.Requests[0].Text);
        engine.NothingInFlight();
        return ended;
    }
}
