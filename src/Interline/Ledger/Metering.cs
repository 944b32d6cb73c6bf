using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Operations;
using Interline.Translation;

namespace Interline.Ledger;

/// <summary>
/// Takes down what an attempt used, and estimates what its provider did not say: an answer that was produced is never without a cost because a count is missing.
/// Estimates are rough, are marked as such, and cost nothing where they are not needed.
/// </summary>
internal readonly struct Metering
{
    /// <summary>Bytes of text in a token, about: English has four, and what is written otherwise has fewer characters in as many bytes.</summary>
    private const long BytesPerToken = 4;

    /// <summary>Characters that are spoken in a second: 150 words a minute.</summary>
    private const decimal CharactersPerSecond = 15m;

    /// <summary>Tokens of a second of audio that is heard, as OpenAI counts them.</summary>
    private const decimal HeardPerSecond = 10m;

    /// <summary>Tokens of a second of audio that is spoken: OpenAI's two prices of gpt-4o-mini-tts, by the minute and by the token, lie so far apart.</summary>
    private const decimal SpokenPerSecond = 21m;

    private readonly Call _call;
    private readonly Deployment _deployment;
    private readonly Lane _lane;
    private readonly ReadOnlyMemory<byte> _request;
    private readonly TimeProvider _time;
    private readonly long _start;

    /// <summary>For an attempt.</summary>
    /// <param name="call">The call.</param>
    /// <param name="deployment">Who answers.</param>
    /// <param name="lane">Byte lane of the provider's format.</param>
    /// <param name="request">The request in that format.</param>
    /// <param name="time">The clock.</param>
    /// <param name="start">Its timestamp of when the attempt began.</param>
    public Metering(Call call, Deployment deployment, Lane lane, ReadOnlyMemory<byte> request, TimeProvider time, long start)
    {
        _time = time;
        _start = start;
        _call = call;
        _deployment = deployment;
        _lane = lane;
        _request = request;
    }

    /// <summary>A whole plain answer.</summary>
    /// <param name="facts">What was found in it.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="serviceTier">Tier that served it.</param>
    public Used Plain(in AnswerFacts facts, ReadOnlySpan<byte> answer, string? serviceTier)
    {
        Used used = Said(facts.Usage, facts.Units, facts.Finish, serviceTier);
        return IsWhole(used) ? used : Estimate(used, WrittenText.Bytes(answer));
    }

    /// <summary>A streamed answer, as far as it came.</summary>
    /// <param name="sniffer">What was found in it.</param>
    /// <param name="statedBytes">Bytes of text that had passed when usage was last stated.</param>
    /// <param name="serviceTier">Tier that served it.</param>
    public Used Streamed(StreamSniffer sniffer, long statedBytes, string? serviceTier)
    {
        Used used = Said(sniffer.Usage, sniffer.Units, sniffer.Finish, serviceTier);
        long unstated = used.Usage is null ? sniffer.TextBytes : sniffer.TextBytes - statedBytes;
        if (unstated > 0 && used.Usage is { } said)
        {
            // What was said counts, and what passed after it is added: Anthropic's input comes first and its output last.
            used = used with { Usage = said with { Output = said.Output + Tokens(unstated) }, Estimated = true };
        }

        return IsWhole(used) ? used : Estimate(used, sniffer.TextBytes);
    }

    /// <summary>An answer that passes unread.</summary>
    /// <param name="bytes">Its bytes so far.</param>
    /// <param name="serviceTier">Tier that was asked for.</param>
    public Used Unread(long bytes, string? serviceTier)
    {
        Used used = Said(null, null, default, serviceTier);
        return IsWhole(used) ? used : Estimate(used, bytes);
    }

    /// <summary>A request that was sent and whose answer nobody saw: its input, estimated.</summary>
    /// <param name="serviceTier">Tier that was asked for.</param>
    public Used Asked(string? serviceTier)
    {
        Used used = Said(null, null, default, serviceTier);
        return used.IsFree || _lane is TranscriptionLane ? used : used with { Usage = new Usage { Input = InputTokens() }, Estimated = true };
    }

    /// <summary>Own servers may be priced by the second and by nothing else; what hears or speaks counts the seconds of the sound.</summary>
    private bool IsPricedByTime => _deployment.Price is { Input: null, Output: null, PerSecond: not null } && _lane is not TranscriptionLane && _lane != JsonOperationLane.Speech;

    private Used Said(Usage? usage, Units? units, FinishReason finish, string? serviceTier) => new()
    {
        Usage = usage is { Total: > 0 } ? usage : null,
        Units = _lane.Measure(_request.Span, units) ?? (IsPricedByTime ? new Units { ComputeSeconds = _time.GetElapsedTime(_start).Ticks / (decimal)TimeSpan.TicksPerSecond } : null),
        Finish = finish,
        ServiceTier = serviceTier,
        IsFree = _lane.IsFree,
    };

    /// <summary>Whether nothing is missing. Embeddings and the like have no output, and a conversation has both sides unless nothing was written.</summary>
    private bool IsWhole(in Used used) =>
        used.IsFree
        || (used.Usage is { } usage && (_lane.Conversation is null || (usage.TotalInput > 0 && usage.TotalOutput > 0)))
        || (used.Usage is null && CallCost.IsPriced(_deployment, used.Units, used.ServiceTier));

    private Used Estimate(in Used used, long textBytes)
    {
        if (_lane is TranscriptionLane)
        {
            return Heard(used, textBytes);
        }

        if (_lane == JsonOperationLane.Speech)
        {
            return Spoken(used);
        }

        Usage said = used.Usage ?? default;
        Usage whole = said;
        if (said.TotalInput == 0)
        {
            whole = whole with { Input = InputTokens() };
        }

        if (said.TotalOutput == 0)
        {
            whole = used.Units is { Images: > 0 } images ? whole with { OutputImage = images.Images * TokensOf(images) } : whole with { Output = Tokens(textBytes) };
        }

        return whole == said ? used : used with { Usage = whole, Estimated = true };
    }

    private static Used Spoken(in Used used)
    {
        long characters = used.Units?.InputCharacters ?? 0;
        decimal seconds = Seconds(characters);
        return used with
        {
            Usage = new Usage { Input = Tokens(characters), OutputAudio = (long)Math.Ceiling(seconds * SpokenPerSecond) },
            Units = (used.Units ?? new Units()) with { OutputSeconds = seconds },
            Estimated = true,
        };
    }

    private static Used Heard(in Used used, long textBytes)
    {
        decimal seconds = used.Units?.InputSeconds is > 0 and { } said ? said : Seconds(textBytes);
        return used with
        {
            Usage = new Usage { InputAudio = (long)Math.Ceiling(seconds * HeardPerSecond), Output = Tokens(textBytes) },
            Units = new Units { InputSeconds = seconds },
            Estimated = true,
        };
    }

    /// <summary>To the microsecond: the whole quotient would leave a sum of costs no room for dollars.</summary>
    private static decimal Seconds(long characters) => decimal.Round(characters / CharactersPerSecond, 6);

    /// <summary>Tokens of an image by its quality. Source: OpenAI's guide to image generation, square images of gpt-image-1.</summary>
    private static long TokensOf(Units images) => images.ImageQuality switch { "low" => 272, "high" => 4160, _ => 1056 };

    private long InputTokens() => _call.Lane.Conversation is not null && TokenEstimate.OfRequest(_call) is { } tokens ? tokens : Tokens(_request.Length);

    private static long Tokens(long bytes) => (bytes + BytesPerToken - 1) / BytesPerToken;
}
