using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;

namespace Interline.Calls;

/// <summary>What a caller may ask of the router in headers; the body wins. Texts as sent, null where a header is absent.</summary>
/// <param name="NumRetries"><c>x-litellm-num-retries</c>.</param>
/// <param name="Timeout"><c>x-litellm-timeout</c>, seconds.</param>
/// <param name="StreamTimeout"><c>x-litellm-stream-timeout</c>, seconds.</param>
/// <param name="Tags"><c>x-litellm-tags</c>, with commas between.</param>
public readonly record struct CallerHeaders(string? NumRetries, string? Timeout, string? StreamTimeout, string? Tags);

/// <summary>
/// Reads what a caller asks of the router, by LiteLLM's names and ours, and takes it out of the body: no provider knows these fields, and some refuse what they do not
/// know. All else of the body stays as it is, byte for byte.
/// </summary>
public sealed class CallerOptionsReader
{
    private const int MostRetries = 100;
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(1);

    private CallerOptions _options = CallerOptions.None;
    private TimeSpan? _requestTimeout;
    private bool _mockTimeout;
    private ApiError? _wrong;

    private CallerOptionsReader()
    {
    }

    /// <summary>Reads.</summary>
    /// <param name="headers">The headers.</param>
    /// <param name="lane">Wire format or operation.</param>
    /// <param name="body">The body; where something is taken out, another one in its place, and the old one is disposed of.</param>
    /// <param name="facts">What the peek found; of the new body in the end.</param>
    /// <param name="options">What the caller asks for.</param>
    /// <returns>Null, or a 400.</returns>
    public static ApiError? Take(in CallerHeaders headers, Lane lane, ref PooledBody body, ref RequestFacts facts, out CallerOptions options)
    {
        options = CallerOptions.None;
        if (headers == default && !facts.HasRouterFields)
        {
            return null;
        }

        var reader = new CallerOptionsReader();
        reader.ReadHeaders(headers);
        BodyEdits? edits = facts.HasRouterFields ? reader.ReadBody(body.Span) : null;
        if (reader._wrong is not null)
        {
            return reader._wrong;
        }

        options = reader.Finished();
        if (edits is not { Count: > 0 })
        {
            return null;
        }

        int length = (int)edits.LengthOf(body.Length);
        byte[] rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        edits.Apply(body.Span, rented.AsSpan(0, length));
        body.Dispose();
        body = new PooledBody(rented, length);
        return lane.Peek(body.Span, null, out facts);
    }

    private void ReadHeaders(in CallerHeaders headers)
    {
        if (headers.NumRetries is { } retries)
        {
            _options = _options with { NumRetries = int.TryParse(retries, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MostRetries ? number : Wrong<int?>("x-litellm-num-retries", $"a whole number from 0 to {MostRetries}") };
        }

        _options = headers.Timeout is { } timeout ? _options with { Timeout = Seconds("x-litellm-timeout", timeout) } : _options;
        _options = headers.StreamTimeout is { } gap ? _options with { StreamTimeout = Seconds("x-litellm-stream-timeout", gap) } : _options;
        _options = headers.Tags is { } tags ? _options with { Tags = [.. tags.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] } : _options;
    }

    private BodyEdits ReadBody(ReadOnlySpan<byte> body)
    {
        var edits = new BodyEdits();
        var removal = new ParameterRemoval(edits);
        var at = new JsonParameters(body);
        while (at.MoveNext() && _wrong is null)
        {
            ReadOnlySpan<byte> value = body[at.ValueStart..at.ValueEnd];
            if (at.Name == "metadata")
            {
                TakeTags(value, at.ValueStart, edits);
                removal.Keep(at);
            }
            else if (RouterFields.Is(body.Slice(at.NameStart + 1, at.NameLength - 2)))
            {
                removal.Remove(at);
                using JsonDocument document = JsonDocument.Parse(value.ToArray(), new JsonDocumentOptions { MaxDepth = JsonPeek.MaxDepth });
                if (document.RootElement.ValueKind != JsonValueKind.Null)
                {
                    Read(at.Name, document.RootElement);
                }
            }
            else
            {
                removal.Keep(at);
            }
        }

        removal.End();
        return edits;
    }

    /// <summary>Tags may stand in <c>metadata</c>, as LiteLLM's clients send them. The rest of it is the provider's.</summary>
    private void TakeTags(ReadOnlySpan<byte> value, int offset, BodyEdits edits)
    {
        if (value is not [(byte)'{', ..])
        {
            return;
        }

        var inner = new BodyEdits();
        var removal = new ParameterRemoval(inner);
        var at = new JsonParameters(value);
        while (at.MoveNext())
        {
            // A text is an entry of OpenAI's own metadata, whose values are texts.
            if (at.Name == "tags" && value[at.ValueStart] == '[')
            {
                removal.Remove(at);
                using JsonDocument document = JsonDocument.Parse(value[at.ValueStart..at.ValueEnd].ToArray());
                _options = _options with { Tags = Names("metadata.tags", document.RootElement) };
            }
            else
            {
                removal.Keep(at);
            }
        }

        removal.End();
        foreach (BodyEdit edit in inner.Items)
        {
            edits.Add(edit with { Start = edit.Start + offset });
        }
    }

    private void Read(string name, JsonElement value)
    {
        switch (name)
        {
            case "num_retries":
                _options = _options with { NumRetries = Count(name, value) };
                break;
            case "max_fallbacks":
                _options = _options with { MaxFallbacks = Count(name, value) };
                break;
            case "timeout":
                _options = _options with { Timeout = Seconds(name, value.ToString()) };
                break;
            case "request_timeout":
                _requestTimeout = Seconds(name, value.ToString());
                break;
            case "stream_timeout":
                _options = _options with { StreamTimeout = Seconds(name, value.ToString()) };
                break;
            case "stream_recovery":
                _options = _options with { StreamRecovery = Recovery(name, value) };
                break;
            case "fallbacks":
                _options = _options with { Fallbacks = Names(name, value) };
                break;
            case "context_window_fallbacks" or "context_window_fallback_dict":
                _options = _options with { ContextWindowFallbacks = Names(name, value) };
                break;
            case "content_policy_fallbacks":
                _options = _options with { ContentPolicyFallbacks = Names(name, value) };
                break;
            case "disable_fallbacks":
                _options = _options with { DisableFallbacks = Flag(name, value) };
                break;
            case "tags":
                _options = _options with { Tags = Names(name, value) };
                break;
            case "litellm_metadata":
                if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("tags", out JsonElement tags) && tags.ValueKind == JsonValueKind.Array)
                {
                    _options = _options with { Tags = Names("litellm_metadata.tags", tags) };
                }

                break;
            case "allowed_model_region":
                _options = _options with { Region = Text(name, value) };
                break;
            case "interline":
                ReadOwn(value);
                break;
            default:
                ReadMock(name, value);
                break;
        }
    }

    /// <summary>Our own: <c>{"only": […], "max_price": {"input": 1.5, "output": 6}, "region": "eu", "tags": […]}</c>.</summary>
    private void ReadOwn(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Wrong<object?>("interline", "an object");
            return;
        }

        foreach (JsonProperty property in value.EnumerateObject())
        {
            string path = $"interline.{property.Name}";
            switch (property.Name)
            {
                case "only":
                    _options = _options with { Only = Names(path, property.Value) };
                    break;
                case "tags":
                    _options = _options with { Tags = Names(path, property.Value) };
                    break;
                case "region":
                    _options = _options with { Region = Text(path, property.Value) };
                    break;
                case "max_price" when property.Value.ValueKind == JsonValueKind.Object:
                    ReadPrices(path, property.Value);
                    break;
                case "max_price":
                    Wrong<object?>(path, "an object with input and output, USD per million tokens");
                    break;
                default:
                    Wrong<object?>(path, "one of only, max_price, region, tags");
                    break;
            }
        }
    }

    private void ReadPrices(string path, JsonElement value)
    {
        foreach (JsonProperty price in value.EnumerateObject())
        {
            string place = $"{path}.{price.Name}";
            decimal? limit = price.Value.ValueKind == JsonValueKind.Number && price.Value.TryGetDecimal(out decimal number) && number >= 0 ? number : Wrong<decimal?>(place, "a number of USD per million tokens, from 0");

            // OpenRouter's clients say prompt and completion.
            switch (price.Name)
            {
                case "input" or "prompt":
                    _options = _options with { MaxInputPrice = limit };
                    break;
                case "output" or "completion":
                    _options = _options with { MaxOutputPrice = limit };
                    break;
                default:
                    Wrong<object?>(place, "input or output");
                    break;
            }
        }
    }

    private void ReadMock(string name, JsonElement value)
    {
        switch (name)
        {
            case "mock_response":
                ReadMockResponse(Text(name, value));
                break;
            case "mock_delay":
                _options = _options with { MockDelay = Seconds(name, value.ToString()) ?? default };
                break;
            case "mock_timeout":
                _mockTimeout = Flag(name, value);
                break;
            case "mock_testing_fallbacks":
                Pretend(Flag(name, value) ? MockErrors.Server(name) : null);
                break;
            case "mock_testing_context_fallbacks":
                Pretend(Flag(name, value) ? MockErrors.Window(name) : null);
                break;
            case "mock_testing_content_policy_fallbacks":
                Pretend(Flag(name, value) ? MockErrors.Policy(name) : null);
                break;
            case "mock_testing_rate_limit_error":
                Pretend(Flag(name, value) ? MockErrors.RateLimit(name) : null);
                break;
            default:
                Wrong<object?>(name, "nothing: this version does not pretend tool calls");
                break;
        }
    }

    private void ReadMockResponse(string? text)
    {
        if (text is null)
        {
            return;
        }

        if (!MockErrors.IsName(text))
        {
            _options = _options with { MockAnswer = text };
        }
        else if (MockErrors.Named(text) is { } error)
        {
            Pretend(error);
        }
        else
        {
            Wrong<object?>("mock_response", "a text, or the name of an error that can be pretended: " + MockErrors.Names);
        }
    }

    private void Pretend(ApiError? error) => _options = _options with { MockError = error ?? _options.MockError };

    private CallerOptions Finished()
    {
        CallerOptions options = _options with { Timeout = _options.Timeout ?? _requestTimeout };
        if (_mockTimeout && options.Timeout is { } timeout)
        {
            // LiteLLM waits as long as the limit, then fails as if it had run out.
            options = options with { MockDelay = timeout, MockError = MockErrors.Timeout("mock_timeout") };
        }

        return options;
    }

    private int? Count(string name, JsonElement value) =>
        int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= MostRetries ? count : Wrong<int?>(name, $"a whole number from 0 to {MostRetries}");

    private TimeSpan? Seconds(string name, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds > 0 && seconds <= LongestTime.TotalSeconds
            ? TimeSpan.FromSeconds(seconds) : Wrong<TimeSpan?>(name, "a number of seconds above 0, at most a day");

    private StreamRecovery? Recovery(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.False ? StreamRecovery.Off
        : StreamRecoveries.Of(value.ToString()) ?? Wrong<StreamRecovery?>(name, StreamRecoveries.Expected);

    private bool Flag(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => Wrong<bool>(name, "true or false"),
    };

    private string? Text(string name, JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : Wrong<string?>(name, "a text");

    /// <summary>A list of names; one of models may also be an object with a <c>model</c> and nothing else.</summary>
    private ImmutableArray<string> Names(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Wrong<object?>(name, "an array of names");
            return [];
        }

        var names = ImmutableArray.CreateBuilder<string>();
        foreach (JsonElement item in value.EnumerateArray())
        {
            string? text = item.ValueKind == JsonValueKind.String ? item.GetString()
                : item.ValueKind == JsonValueKind.Object && item.GetPropertyCount() == 1 && item.TryGetProperty("model", out JsonElement model) && model.ValueKind == JsonValueKind.String ? model.GetString()
                : Wrong<string?>($"{name}[{names.Count}]", "a name: fallbacks with parameters or messages of their own are not served");
            names.Add(text ?? "");
        }

        return names.ToImmutable();
    }

    private T? Wrong<T>(string name, string expected)
    {
        _wrong ??= new ApiError(ErrorKind.BadRequest, 400, $"`{name}`: expected {expected}.") { Param = name };
        return default;
    }
}
