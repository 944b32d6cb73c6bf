using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Routing;
using Interline.Translation;

namespace Interline.Budgets;

/// <summary>How large a call can get, from its request alone.</summary>
internal static class CallSizes
{
    /// <summary>Most tokens of one image of the models that count them: GPT Image at high quality and largest size takes 6,240.</summary>
    private const long TokensOfAnImage = 6_240;

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

    /// <summary>The size of a call on a deployment.</summary>
    /// <param name="call">The call.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="input">From <see cref="InputTokens"/>.</param>
    /// <param name="learned">Learned length of its answers; null if none.</param>
    public static CallSize Of(Call call, Deployment deployment, long input, long? learned)
    {
        // What is longer than the window is refused by the provider and costs nothing.
        long most = deployment.Model?.ContextWindow is { } window ? Math.Min(input, window) : input;
        long choices = Math.Max(1, call.Facts.Choices);
        var size = new CallSize { InputTokens = most, ServiceTier = call.Facts.ServiceTier };
        return call.Lane.Name switch
        {
            _ when call.Lane.CountsTokens => default,
            "openai.embeddings" or "gemini.embeddings" or "openai.moderations" => size,
            "openai.images" => size with { Images = choices, ImageTokens = choices * TokensOfAnImage },
            "openai.speech" => size with { Characters = call.Body.Length, OutputTokens = 2L * call.Body.Length },
            "openai.transcriptions" or "openai.translations" => Sound(1 + (call.Body.Length / BytesOfASecond)),
            _ => size with { OutputTokens = WorstCase.OutputTokens(call.Facts.MaxTokens, call.Facts.Choices, learned, deployment.Model?.MaxOutput) },
        };
    }

    /// <summary>Twenty tokens a second in and ten out, twice what providers count.</summary>
    private static CallSize Sound(long seconds) => new() { Seconds = seconds, InputTokens = 1_000 + (20 * seconds), OutputTokens = 100 + (10 * seconds) };
}
