using System.Collections.Frozen;
using System.Text;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Pricing;
using Interline.Ledger;
using Interline.Protocols;
using Interline.Protocols.Anthropic;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.OpenAIResponses;
using Interline.Protocols.Operations;
using Interline.Testing;
using Interline.Tests.Translation;

namespace Interline.Tests.Ledger;

/// <summary>What an answer used where its provider does not say: estimated, marked, never zero. Prices are 2 and 10 USD per million tokens.</summary>
public class MeteringTests
{
    private const string Answer = """{"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"sixteen letters."},"finish_reason":"stop"}]}""";

    [Fact]
    public async Task An_answer_without_usage_is_estimated_and_marked()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Answer));
        using Engine engine = new Engine().With(provider);

        CallRecord record = (await engine.SendAsync(Wire.Plain)).Record;

        record.Estimated.ShouldBeTrue();
        record.Usage!.Value.Output.ShouldBe(4);
        record.Usage.Value.Input.ShouldBeInRange(5, 30);
        record.Cost.ShouldBe(((record.Usage.Value.Input * 2m) + 40m) / 1_000_000);
    }

    [Fact]
    public async Task An_answer_with_usage_is_not_marked()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer)).Then(FakeAnswer.Stream(Wire.Events));
        using Engine engine = new Engine().With(provider);

        (await engine.SendAsync(Wire.Plain)).Record.Estimated.ShouldBeFalse();
        (await engine.SendAsync(Wire.Streamed)).Record.Estimated.ShouldBeFalse();
    }

    [Fact]
    public async Task Usage_of_nothing_but_zeros_counts_as_none()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Answer[..^1] + ",\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}}"));
        using Engine engine = new Engine().With(provider);

        CallRecord record = (await engine.SendAsync(Wire.Plain)).Record;

        record.Estimated.ShouldBeTrue();
        record.Cost!.Value.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Only_the_missing_side_of_an_answers_usage_is_estimated()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Answer[..^1] + ",\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":0}}"))
            .Then(FakeAnswer.Json(Answer[..^1] + ",\"usage\":{\"completion_tokens\":9}}"));
        using Engine engine = new Engine().With(provider);

        CallRecord input = (await engine.SendAsync(Wire.Plain)).Record;
        CallRecord output = (await engine.SendAsync(Wire.Plain)).Record;

        input.Usage.ShouldBe(new Usage { Input = 100, Output = 4 });
        input.Estimated.ShouldBeTrue();
        output.Usage!.Value.Output.ShouldBe(9);
        output.Usage.Value.Input.ShouldBeGreaterThan(0);
        output.Estimated.ShouldBeTrue();
    }

    [Fact]
    public async Task A_stream_without_usage_is_estimated_by_the_text_that_passed()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.First + Wire.Second + Wire.Second + Wire.Second + Wire.Finish + Wire.Done));
        using Engine engine = new Engine().With(provider);

        CallRecord record = (await engine.SendAsync(Wire.Streamed)).Record;

        record.Estimated.ShouldBeTrue();

        // "hé" and three times "llo 😀", in UTF-8.
        record.Usage!.Value.Output.ShouldBe((3 + (3 * 8) + 3) / 4);
        record.Cost!.Value.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Reasoning_and_arguments_of_tools_count_as_text_that_passed()
    {
        const string Head = "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":";
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(
            Head + "{\"role\":\"assistant\",\"reasoning_content\":\"12345678\"}}]}\n\n"
            + Head + "{\"tool_calls\":[{\"index\":0,\"id\":\"call_that_is_long\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}\n\n"
            + Wire.Finish + Wire.Done));
        using Engine engine = new Engine().With(provider);

        // The arguments stand in the stream with their escapes.
        (await engine.SendAsync(Wire.Streamed)).Record.Usage!.Value.Output.ShouldBe((8 + 9 + 3) / 4);
    }

    [Theory]
    [InlineData("anthropic", 100, 1 + 2)]
    [InlineData("openai", 0, 1)]
    [InlineData("gemini", 100, 1)]
    public async Task A_stream_that_the_client_leaves_costs_what_came_until_then(string wire, long input, long output)
    {
        Tongue tongue = Tongue.All[wire];
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.StreamHead().Events(tongue.Events[0]).Hang());
        using Engine engine = new Engine().With(provider, tongue);

        Running running = engine.Start(tongue.AskStreamed, tongue.Streamed);
        await running.Sink.ReceivedAsync("hé");
        running.Abort();
        CallRecord record = (await running.EndAsync()).Record;

        record.Error.ShouldBe(ErrorKind.ClientGone);
        record.Estimated.ShouldBeTrue();
        record.Usage!.Value.TotalInput.ShouldBe(input == 0 ? record.Usage.Value.Input : input);
        record.Usage.Value.TotalInput.ShouldBeGreaterThan(0);
        record.Usage.Value.TotalOutput.ShouldBeInRange(1, output);
        record.Cost!.Value.ShouldBe(((record.Usage.Value.TotalInput * 2m) + (record.Usage.Value.TotalOutput * 10m)) / 1_000_000);
    }

    [Fact]
    public async Task A_stream_that_breaks_off_costs_what_came_until_then()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.CutStream(Wire.First + Wire.Second));
        using Engine engine = new Engine().With(provider);

        CallRecord record = (await engine.SendAsync(Wire.Streamed)).Record;

        record.Error.ShouldBe(ErrorKind.Network);
        record.Estimated.ShouldBeTrue();
        record.Usage!.Value.Output.ShouldBe(3);
    }

    [Fact]
    public async Task What_failed_before_anything_was_produced_costs_nothing_and_is_no_estimate()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.Json("{}", 503));
        second.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(first).With(second);

        CallRecord record = (await engine.SendAsync(Wire.Plain)).Record;

        record.Failed.Single().Cost.ShouldBeNull();
        record.Cost.ShouldBe(Wire.Cost);
        record.Estimated.ShouldBeFalse();
    }

    [Fact]
    public async Task Speech_costs_its_characters()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Body("audio/mpeg", [1, 2, 3]));
        using Engine engine = new Engine().With(provider, x => x with { Price = new Price { PerMillionCharacters = 15 } });

        Ended ended = await engine.SendAsync("""{"model":"gpt","voice":"alloy","input":"h\u00e9llo 😀"}""", JsonOperationLane.Speech);

        ended.Record.Cost.ShouldBe(7 * 15m / 1_000_000);
        ended.Sink.CostAtBegin.ShouldBe(ended.Record.Cost);
        ended.Record.Estimated.ShouldBeFalse();
    }

    [Fact]
    public async Task Speech_that_is_priced_by_the_token_is_estimated()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Body("audio/mpeg", [1, 2, 3]));
        using Engine engine = new Engine().With(provider, x => x with { Price = ModelCatalog.BuiltIn.FindModel("openai", "gpt-4o-mini-tts")!.Price });

        CallRecord record = (await engine.SendAsync($$"""{"model":"gpt","voice":"alloy","input":"{{new string('a', 900)}}"}""", JsonOperationLane.Speech)).Record;

        // 900 characters are a minute, and a minute costs about 0.015 USD by OpenAI's own word.
        record.Estimated.ShouldBeTrue();
        record.Cost!.Value.ShouldBeInRange(0.014m, 0.017m);
    }

    [Fact]
    public async Task No_cost_has_more_places_than_the_sums_of_the_books_take()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Body("audio/mpeg", [1, 2, 3])).Then(FakeAnswer.Json("""{"text":"not fifteen letters"}"""));
        using Engine engine = new Engine { General = new GeneralSettings { Costs = new CostTerms { GlobalMargin = new Margin(1m / 3, 0) } } }.With(provider, x => x with { Price = new Price { PerSecond = 0.0001m, PerOutputSecond = 0.00025m } });
        const string Speech = """{"model":"gpt","voice":"alloy","input":"hello there"}""";

        CallRecord[] records = [(await engine.SendAsync(Speech, JsonOperationLane.Speech)).Record, (await engine.SendAsync(Form, TranscriptionLane.Transcriptions, FormType)).Record];

        records[0].Cost.ShouldBe(0.733333m * 0.00025m);
        records[1].Cost.ShouldBe(1.266667m * 0.0001m);
        records.ShouldAllBe(x => x.Cost!.Value.Scale <= 18 && x.BilledPrice!.Value.Scale <= 18 && x.BilledPrice > x.Cost);
    }

    [Theory]
    [InlineData("""{"text":"hi","usage":{"type":"duration","seconds":10}}""", "0.001", false)]
    [InlineData("""{"task":"transcribe","duration":12.5,"text":"hi"}""", "0.00125", false)]
    [InlineData("""{"text":"fifteen letters"}""", "0.0001", true)]
    public async Task A_transcript_costs_its_seconds(string answer, string cost, bool estimated)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(answer));
        using Engine engine = new Engine().With(provider, x => x with { Price = new Price { PerSecond = 0.0001m } });

        Ended ended = await engine.SendAsync(Form, TranscriptionLane.Transcriptions, FormType);

        ended.Text.ShouldBe(answer);
        ended.Record.Cost.ShouldBe(decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture));
        ended.Record.Estimated.ShouldBe(estimated);
    }

    [Fact]
    public async Task A_transcript_by_token_costs_its_tokens()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"text":"hi","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,"audio_tokens":14},"output_tokens":45,"total_tokens":59}}"""));
        using Engine engine = new Engine().With(provider, x => x with { Price = ModelCatalog.BuiltIn.FindModel("openai", "gpt-4o-transcribe")!.Price });

        CallRecord record = (await engine.SendAsync(Form, TranscriptionLane.Transcriptions, FormType)).Record;

        record.Cost.ShouldBe(0.000534m);
        record.Estimated.ShouldBeFalse();
    }

    [Fact]
    public async Task A_transcript_that_is_no_JSON_passes_unread_and_is_estimated()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Body("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(new string('a', 150))));
        using Engine engine = new Engine().With(provider, x => x with { Price = new Price { PerSecond = 0.0001m } });

        CallRecord record = (await engine.SendAsync(Form, TranscriptionLane.Transcriptions, FormType)).Record;

        record.Cost.ShouldBe(0.001m);
        record.Estimated.ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"data":[{"url":"a"},{"url":"b"}]}""", "0.16")]
    [InlineData("""{"data":[{"url":"a"}],"size":"1024x1024","quality":"standard"}""", "0.04")]
    public async Task Images_cost_by_their_number_size_and_quality(string answer, string cost)
    {
        Price price = PriceKeys.Read([new("output_cost_per_image", 0.04m), new("output_cost_per_image_above_1024_and_1024_pixels", 0.08m)])!;
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(answer));
        using Engine engine = new Engine().With(provider, x => x with { Price = price });

        CallRecord record = (await engine.SendAsync("""{"model":"gpt","prompt":"a cat","n":2,"size":"1024x1792","quality":"standard"}""", JsonOperationLane.Images)).Record;

        record.Cost.ShouldBe(decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture));
        record.Estimated.ShouldBeFalse();
    }

    [Fact]
    public async Task Images_by_token_pay_the_price_of_image_tokens()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"data":[{"b64_json":"aaaa"}],"usage":{"input_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40},"output_tokens":1056,"total_tokens":1106}}"""))
            .Then(FakeAnswer.Json("""{"data":[{"b64_json":"aaaa"}],"quality":"low"}"""));
        using Engine engine = new Engine().With(provider, x => x with { Price = ModelCatalog.BuiltIn.FindModel("openai", "gpt-image-1.5")!.Price });
        const string Body = """{"model":"gpt","prompt":"a cat"}""";

        CallRecord said = (await engine.SendAsync(Body, JsonOperationLane.Images)).Record;
        CallRecord unsaid = (await engine.SendAsync(Body, JsonOperationLane.Images)).Record;

        said.Cost.ShouldBe(((10 * 5m) + (40 * 8m) + (1056 * 32m)) / 1_000_000);
        said.Estimated.ShouldBeFalse();
        unsaid.Estimated.ShouldBeTrue();
        unsaid.Usage!.Value.OutputImage.ShouldBe(272);
    }

    [Fact]
    public async Task Embeddings_without_usage_cost_by_the_bytes_of_the_request()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"data":[{"embedding":[0.1]}]}"""));
        using Engine engine = new Engine().With(provider, x => x with { Price = new Price { Input = 1 } });
        const string Body = """{"model":"gpt","input":"a text"}""";

        CallRecord record = (await engine.SendAsync(Body, JsonOperationLane.Embeddings)).Record;

        record.Estimated.ShouldBeTrue();
        record.Cost.ShouldBe((Body.Length + 3) / 4 / 1_000_000m);
    }

    [Fact]
    public async Task A_model_that_is_priced_by_the_second_alone_costs_the_time_its_answer_took()
    {
        var gate = new TaskCompletionSource();
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.StreamHead().Gate(gate.Task).Events(Wire.Events).End());
        using Engine engine = new Engine().With(provider, x => x with { Price = new Price { PerSecond = 0.00042m } });

        Running running = engine.Start(Wire.Streamed);
        await (await provider.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(2.5));
        gate.SetResult();
        CallRecord record = (await running.EndAsync()).Record;

        record.Cost.ShouldBe(2.5m * 0.00042m);
        record.Estimated.ShouldBeFalse();
    }

    [Fact]
    public async Task Web_searches_of_an_answer_are_paid_beside_its_tokens()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Tongue.Anthropic.Answer.Replace("\"output_tokens\":10", "\"output_tokens\":10,\"server_tool_use\":{\"web_search_requests\":2,\"web_fetch_requests\":0}", StringComparison.Ordinal)));
        using Engine engine = new Engine().With(provider, Tongue.Anthropic, x => x with { Price = Engine.TestPrice with { PerSearchMedium = 0.01m } });

        (await engine.SendAsync(Tongue.Anthropic.Ask, MessagesLane.Instance)).Record.Cost.ShouldBe(Wire.Cost + 0.02m);
    }

    [Fact]
    public async Task Counting_tokens_is_free()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"input_tokens":11,"object":"response.input_tokens"}"""));
        using Engine engine = new Engine().With(provider);

        CallRecord record = (await engine.SendAsync("""{"model":"gpt","input":"hi"}""", ResponsesLane.InputTokens)).Record;

        record.Cost.ShouldBe(0);
        record.Estimated.ShouldBeFalse();
    }

    [Fact]
    public async Task Discount_margin_and_list_price_are_kept_apart()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.Json("""{"choices":[{"message":{"content":5}}],"usage":{"prompt_tokens":1000000}}"""));
        second.Then(FakeAnswer.Json(Tongue.Anthropic.Answer));
        Price list = new() { Input = 4, Output = 20 };
        using Engine engine = new Engine
        {
            General = new GeneralSettings
            {
                Costs = new CostTerms
                {
                    Discounts = new Dictionary<string, decimal>(StringComparer.Ordinal) { ["fake2"] = 0.5m }.ToFrozenDictionary(),
                    GlobalMargin = new Margin(0.1m, 0.001m),
                },
            },
        }.With(first, Tongue.OpenAI, x => x with { ListPrice = list }).With(second, Tongue.Anthropic, x => x with { ListPrice = list });

        CallRecord record = (await engine.SendAsync(Tongue.Anthropic.Ask, MessagesLane.Instance)).Record;

        // The first answer cannot be read and is paid for: 2 USD. The second costs 0.0003, half of it taken off.
        record.Failed.Single().Cost.ShouldNotBeNull();
        decimal failed = record.Failed.Single().Cost!.Value;
        record.Cost.ShouldBe(failed + (Wire.Cost / 2));
        record.BilledPrice.ShouldBe((failed * 1.1m) + (Wire.Cost / 2 * 1.1m) + 0.001m);
        record.ListPrice.ShouldBe((failed * 2) + (Wire.Cost * 2));
        record.PriceVersion.ShouldBe($"config v1, catalogue {ModelCatalog.BuiltInVersion}");
    }

    [Fact]
    public async Task A_price_of_the_catalogue_has_the_catalogues_version()
    {
        Price price = ModelCatalog.BuiltIn.FindModel("openai", "gpt-4o-mini")!.Price!;
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider, x => x with { Price = price, ListPrice = price });

        CallRecord record = (await engine.SendAsync(Wire.Plain)).Record;

        record.PriceVersion.ShouldBe($"catalogue {ModelCatalog.BuiltInVersion}");
        record.ListPrice.ShouldBe(record.Cost);
        record.BilledPrice.ShouldBe(record.Cost);
        record.PriceSource.ShouldBe("catalogue");
    }

    [Theory]
    [InlineData("openai", "openai")]
    [InlineData("openai", "anthropic")]
    [InlineData("openai", "gemini")]
    [InlineData("anthropic", "openai")]
    [InlineData("anthropic", "anthropic")]
    [InlineData("anthropic", "gemini")]
    [InlineData("gemini", "openai")]
    [InlineData("gemini", "anthropic")]
    [InlineData("gemini", "gemini")]
    public async Task A_streamed_and_a_plain_exchange_cost_the_same(string caller, string spoken)
    {
        Tongue asks = Tongue.All[caller];
        Tongue answers = Tongue.All[spoken];
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(answers.Answer)).Then(FakeAnswer.Stream(string.Concat(answers.Events)));
        using Engine engine = new Engine().With(provider, answers);

        CallRecord plain = (await engine.SendAsync(asks.Ask, asks.Plain)).Record;
        CallRecord streamed = (await engine.SendAsync(asks.AskStreamed, asks.Streamed)).Record;

        plain.Cost.ShouldBe(Wire.Cost);
        streamed.Cost.ShouldBe(Wire.Cost);
        streamed.Usage.ShouldBe(plain.Usage);
        (plain.Estimated || streamed.Estimated).ShouldBeFalse();
    }

    private const string FormType = "multipart/form-data; boundary=b";

    private const string Form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\nabc\r\n--b--\r\n";
}
