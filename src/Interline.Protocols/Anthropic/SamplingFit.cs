using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Makes the sampling of another format one that Anthropic takes. Source: Anthropic's API description, <c>temperature</c>, <c>top_p</c>, <c>top_k</c>.</summary>
internal static class SamplingFit
{
    /// <summary>Fits <paramref name="s"/>.</summary>
    /// <param name="s">As given.</param>
    /// <param name="target">The model.</param>
    /// <param name="reasoning">As it will be written.</param>
    /// <param name="writing">Gets the losses.</param>
    public static Sampling Fit(Sampling s, TargetModel target, ReasoningSettings? reasoning, Writing writing)
    {
        ReportUnknown(s, writing);
        JsonNumber? temperature = s.Temperature, topP = s.TopP, topK = s.TopK;
        if (temperature is { Value: > 1 or < 0 } odd)
        {
            temperature = odd.Value > 1 ? 1 : 0;
            writing.Change("temperature", $"Anthropic takes 0 to 1: {temperature}");
        }

        if (topP is { Value: > 1 or < 0 } share)
        {
            topP = share.Value > 1 ? 1 : 0;
            writing.Change("top_p", $"Anthropic takes 0 to 1: {topP}");
        }

        if (topK is { } many && (many.Whole < 0 || many.Spelling?.AsSpan().ContainsAny(".eE") == true))
        {
            topK = Math.Max(0, many.Whole);
            writing.Change("top_k", $"Anthropic takes whole numbers from 0: {topK}");
        }

        if (ThinkingRules.RefusesSampling(target.Model))
        {
            Drop(ref temperature, t => t.Value != 1, "temperature", "this model takes 1 only");
            Drop(ref topP, p => p.Value < 0.99, "top_p", "this model takes 0.99 and above only");
            Drop(ref topK, _ => true, "top_k", "this model takes none");
        }
        else if (reasoning is { Enabled: true })
        {
            Drop(ref temperature, t => t.Value != 1, "temperature", "with thinking the model takes 1 only");
            Drop(ref topP, p => p.Value < 0.95, "top_p", "with thinking the model takes 0.95 and above only");
            Drop(ref topK, _ => true, "top_k", "with thinking the model takes none");
        }

        if (temperature is not null && ThinkingRules.TakesOneOfTemperatureAndTopP(target.Model))
        {
            Drop(ref topP, _ => true, "top_p", "this model takes temperature or top_p, not both");
        }

        return new Sampling { Temperature = temperature, TopP = topP, TopK = topK, Stop = Stops(s.Stop, writing) };

        void Drop(ref JsonNumber? number, Predicate<JsonNumber> when, string field, string why)
        {
            if (number is { } given && when(given))
            {
                number = null;
                writing.Drop(field, why);
            }
        }
    }

    private static List<string>? Stops(IReadOnlyList<string>? stops, Writing writing)
    {
        if (stops is null)
        {
            return null;
        }

        List<string> kept = [.. stops.Where(s => !string.IsNullOrWhiteSpace(s))];
        if (kept.Count < stops.Count)
        {
            writing.Drop("stop", "Anthropic takes no stop text of white space only");
        }

        return kept.Count > 0 ? kept : null;
    }

    private static void ReportUnknown(Sampling s, Writing writing)
    {
        DropIf(s.MinP is not null, "min_p");
        DropIf(s.Seed is not null, "seed");
        DropIf(s.FrequencyPenalty is not null, "frequency_penalty");
        DropIf(s.PresencePenalty is not null, "presence_penalty");
        DropIf(s.RepetitionPenalty is not null, "repetition_penalty");
        DropIf(s.Candidates is { Whole: not 1 }, "n");
        DropIf(s.Logprobs == true, "logprobs");
        DropIf(s.TopLogprobs is not null, "top_logprobs");

        void DropIf(bool said, string field)
        {
            if (said)
            {
                writing.Drop(field, $"Anthropic has no {field}");
            }
        }
    }
}
