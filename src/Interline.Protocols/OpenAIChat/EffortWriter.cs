using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes how much the model is to reason.</summary>
internal static class EffortWriter
{
    /// <summary>Writes <c>reasoning_effort</c>, inside the request's object.</summary>
    public static void Write(Utf8JsonWriter w, ConversationRequest r, Writing writing)
    {
        if (r.Reasoning is not { } reasoning)
        {
            return;
        }

        // `reasoning` and `thinking` are written back whole with the native fields, and reasoning_effort beside `reasoning` too.
        if (Writing.Ours(r.Native))
        {
            if (r.Native!.Find("reasoning") is null)
            {
                WriteWord(w, reasoning.Effort);
            }

            return;
        }

        if (!writing.Dialect.Effort)
        {
            if (reasoning.Enabled is not false || reasoning.Effort is not null)
            {
                writing.Losses.Add("reasoning", LossAction.Dropped, "this model does not reason, as far as is known");
            }

            return;
        }

        if (reasoning.Summary is not null)
        {
            writing.Losses.Add("reasoning.summary", LossAction.Dropped, "OpenAI Chat gives no summaries of reasoning");
        }

        if (reasoning.Hidden is not null)
        {
            writing.Losses.Add("reasoning.exclude", LossAction.Dropped, "OpenAI Chat has no such setting");
        }

        WriteEffort(w, reasoning, writing);
    }

    private static void WriteEffort(Utf8JsonWriter w, ReasoningSettings reasoning, Writing writing)
    {
        bool beyond = reasoning.Effort is "max" && !writing.Dialect.OpenValues;
        WriteWord(w, beyond ? "xhigh" : reasoning.Effort);
        if (beyond)
        {
            writing.Losses.Add("reasoning.effort", LossAction.Changed, "the most OpenAI Chat can say is xhigh");
        }

        if (reasoning.Effort is null && reasoning.BudgetTokens is { } budget && reasoning.Enabled is not false)
        {
            // The steps at which OpenRouter and LiteLLM change the word.
            string effort = budget.Whole switch { <= 0 => "none", <= 2048 => "low", <= 8192 => "medium", _ => "high" };
            WriteWord(w, effort);
            writing.Losses.Add("reasoning.budget_tokens", LossAction.Changed, $"OpenAI Chat has words, not tokens: {effort}");
            return;
        }

        if (reasoning.BudgetTokens is not null)
        {
            writing.Losses.Add("reasoning.budget_tokens", LossAction.Dropped, "OpenAI Chat has words for effort, not tokens");
        }

        if (reasoning.Effort is null && reasoning.Enabled is { } enabled)
        {
            writing.Losses.Add("reasoning.enabled", LossAction.Dropped, enabled ? "the model decides by itself" : "not every model can leave reasoning out");
        }
        else if (reasoning.Enabled is false)
        {
            writing.Losses.Add("reasoning.enabled", LossAction.Dropped, "an effort is asked for, too");
        }
        else if (reasoning is { Adaptive: true, Enabled: null })
        {
            writing.Losses.Add("reasoning.adaptive", LossAction.Dropped, "the model decides by itself");
        }
    }

    private static void WriteWord(Utf8JsonWriter w, string? effort)
    {
        if (effort is not null)
        {
            w.WriteString("reasoning_effort"u8, effort);
        }
    }
}
