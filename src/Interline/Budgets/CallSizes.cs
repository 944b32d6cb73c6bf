using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Pricing;
using Interline.Core.Routing;
using Interline.Protocols;
using Interline.Translation;

namespace Interline.Budgets;

/// <summary>How large a call can get, from its request alone.</summary>
internal static class CallSizes
{
    /// <summary>Most tokens of one image of the models that count them: GPT Image at high quality and largest size takes 6,240.</summary>
    private const long TokensOfAnImage = 6_240;

    /// <summary>Searches of one answer; few make as many.</summary>
    private const long SearchesOfAnAnswer = 10;

    /// <summary>As slow as speech is estimated where its provider does not say how long it is.</summary>
    private const long CharactersOfASecond = 15;

    /// <summary>Sound of a telephone, the worst that is sent: 8 kbit a second.</summary>
    private const long BytesOfASecond = 1_000;

    /// <summary>Most input tokens: the bytes of the body, for no text has more tokens than bytes. A picture has: with one, twice what is estimated.</summary>
    public static long InputTokens(Call call)
    {
        if (!call.Facts.HasImages || call.Lane.Conversation is null || (call.Conversation is null && ConversationTranslation.Read(call) is not null))
        {
            return call.Body.Length;
        }

        return 1_000 + (2 * TokenEstimate.Of(call.Conversation!));
    }

    /// <summary>Answers asked for at once: choices, for each of the prompts.</summary>
    public static int Answers(Call call) => (int)Math.Min(int.MaxValue, Math.Max(1L, call.Facts.Choices) * Math.Max(1, call.Facts.Prompts));

    /// <summary>The size of a call on a deployment.</summary>
    /// <param name="call">The call.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="input">From <see cref="InputTokens"/>.</param>
    /// <param name="learned">Learned length of its answers; null if none.</param>
    public static CallSize Of(Call call, Deployment deployment, long input, long? learned)
    {
        // What is longer than the window is refused by the provider and costs nothing.
        long most = deployment.Model?.ContextWindow is { } window ? Math.Min(input, window) : input;
        int choices = Answers(call);
        var size = new CallSize { InputTokens = most, ServiceTier = call.Facts.ServiceTier };
        return call.Lane.Name switch
        {
            _ when call.Lane.CountsTokens => default,
            "openai.embeddings" or "gemini.embeddings" or "openai.moderations" => size,
            "openai.images" => Images(call, size, choices, deployment.Price),
            "openai.speech" => size with { Characters = call.Body.Length, OutputTokens = 2L * call.Body.Length, OutputSeconds = 1 + (call.Body.Length / CharactersOfASecond) },
            "openai.transcriptions" or "openai.translations" => Sound(1 + (call.Body.Length / BytesOfASecond)),
            _ => size with { Searches = Searches(call, choices, deployment.Price), OutputTokens = WorstCase.OutputTokens(call.Facts.MaxTokens, choices, learned, deployment.Model?.MaxOutput) },
        };
    }

    private static CallSize Images(Call call, in CallSize size, long count, Price? price)
    {
        // Only prices by the pixel have to know how large they are to be; what the provider chooses itself is at most four times its usual size.
        Units? asked = price is { PerPixel: null, PerOutputPixel: null } or null ? null : call.Lane.Measure(call.Body.Span, new Units { Images = count });
        decimal pixels = asked is null ? 0 : asked.ImageWidth > 0 ? asked.Pixels : 4 * asked.Pixels;
        return size with { Images = count, Pixels = pixels, ImageTokens = count * TokensOfAnImage };
    }

    /// <summary>Searches of the web, where the request has the tool and they have a price.</summary>
    private static long Searches(Call call, long answers, Price? price) =>
        call.Facts.HasTools && price is { PerSearchLow: not null } or { PerSearchMedium: not null } or { PerSearchHigh: not null } && call.Body.Span.IndexOf("web_search"u8) >= 0 ? SearchesOfAnAnswer * answers : 0;

    /// <summary>Twenty tokens a second in and ten out, twice what providers count.</summary>
    private static CallSize Sound(long seconds) => new() { Seconds = seconds, InputTokens = 1_000 + (20 * seconds), OutputTokens = 100 + (10 * seconds) };
}
