using System.Globalization;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>
/// How a model of Anthropic's is asked to think. Sources: Anthropic's API description (<c>ThinkingConfigEnabled</c>: at least 1024 tokens and less than <c>max_tokens</c>;
/// <c>EffortLevel</c>; <c>temperature</c>, <c>top_p</c>: models released after Claude Opus 4.6 take no sampling) and its answers to wrong requests
/// (thinking with a forced tool; thinking in the middle of a tool loop that began without).
/// </summary>
internal static class ThinkingRules
{
    private const string Budget = "reasoning.budget_tokens";

    private const string Claude = "claude-";

    private const long LeastBudget = 1024;

    /// <summary>Most that is asked for where nobody says how much the model can answer with.</summary>
    private const long MostUnasked = 32_768;

    private static readonly string[] Families = ["opus-", "sonnet-", "haiku-", "fable-", "mythos-"];

    /// <summary>Models that decide by themselves how much to think: Opus and Sonnet from 4.6, and every family since.</summary>
    public static bool IsAdaptive(string model) => Version(model) >= 406 || IsNewest(model);

    /// <summary>Models released after Claude Opus 4.6: no temperature but 1, no <c>top_p</c> below 0.99, no <c>top_k</c>.</summary>
    public static bool RefusesSampling(string model) => Version(model) >= 407 || IsNewest(model);

    /// <summary>Models that refuse temperature and <c>top_p</c> together: from 4.1.</summary>
    public static bool TakesOneOfTemperatureAndTopP(string model) => Version(model) >= 401 || IsNewest(model);

    /// <summary>Settles how the model is asked to think; null for nothing said.</summary>
    /// <param name="r">The request as given.</param>
    /// <param name="target">The model.</param>
    /// <param name="limit">Most tokens of the answer; raised where it was not the caller's and leaves no room.</param>
    /// <param name="choice">The choice of tools as it will be written.</param>
    /// <param name="turns">The messages as they will be written.</param>
    /// <param name="writing">Gets the losses.</param>
    public static ReasoningSettings? Fit(ConversationRequest r, TargetModel target, ref long limit, ToolChoice? choice, Turns turns, Writing writing)
    {
        if (r.Reasoning is not { } asked)
        {
            return null;
        }

        if (asked.Summary is not null)
        {
            writing.Drop("reasoning.summary", "Anthropic decides by itself how thinking is summed up");
        }

        bool adaptive = IsAdaptive(target.Model);
        if (asked.Enabled == false || asked.Effort is "none" || asked.BudgetTokens is { Whole: 0 })
        {
            return adaptive ? new ReasoningSettings { Enabled = false } : null;
        }

        if (asked is { Effort: null, Enabled: null, BudgetTokens: null })
        {
            return null;
        }

        if (target.Reasons == false || (target.Reasons is null && Version(target.Model) is > 0 and < 307))
        {
            Drop(asked, "the model does not reason", writing);
            return null;
        }

        bool forced = choice is { Mode: ToolChoiceMode.Required or ToolChoiceMode.Named };
        if (forced)
        {
            Drop(asked, "Anthropic does not think where a tool is forced", writing);
        }

        return adaptive ? Adaptive(asked, forced, writing)
            : forced ? null
            : Budgeted(r, asked, target, ref limit, turns, writing);
    }

    private static ReasoningSettings Adaptive(ReasoningSettings asked, bool forced, Writing writing)
    {
        string? effort = asked.Effort;
        if (asked is { Effort: not null, BudgetTokens: not null } && !forced)
        {
            writing.Drop(Budget, "this model takes a word, and one is asked for, too");
        }

        if (effort is null && asked.BudgetTokens is { } budget)
        {
            effort = budget.Whole switch { <= 2048 => "low", <= 8192 => "medium", _ => "high" };
            writing.Change(Budget, $"this model takes a word, not tokens: {effort}");
        }
        else if (effort is not (null or "low" or "medium" or "high" or "xhigh" or "max"))
        {
            string near = effort is "minimal" ? "low" : "high";
            writing.Change("reasoning_effort", $"Anthropic has no {effort}: {near}");
            effort = near;
        }

        return new ReasoningSettings { Enabled = forced ? null : true, Adaptive = true, Effort = effort, Hidden = asked.Hidden };
    }

    private static ReasoningSettings? Budgeted(ConversationRequest r, ReasoningSettings asked, TargetModel target, ref long limit, Turns turns, Writing writing)
    {
        if (turns.LoopBeganWithoutThinking)
        {
            Drop(asked, "the tool calls being answered came without signed thinking, and Anthropic does not begin to think in the middle of them", writing);
            return null;
        }

        long budget = asked.BudgetTokens?.Whole ?? asked.Effort switch
        {
            "minimal" or "low" => LeastBudget,
            "high" => 16_384,
            "xhigh" or "max" => 32_768,
            _ => 4096,
        };
        if (r.MaxOutputTokens is null && target.MaxOutput is null)
        {
            limit += Math.Clamp(budget, 0, MostUnasked);
        }

        long most = limit - Math.Max(1, limit / 5);
        if (most < LeastBudget)
        {
            Drop(asked, $"thinking needs {LeastBudget} tokens and the answer has {limit}", writing);
            return null;
        }

        long fitted = Math.Clamp(budget, LeastBudget, most);
        if (asked.BudgetTokens is null)
        {
            writing.Losses.Add(Field(asked), LossAction.Emulated, $"this model takes tokens, not words: {fitted}");
        }
        else if (asked.Effort is not null)
        {
            writing.Drop("reasoning_effort", "this model takes tokens, and a number is asked for, too");
        }

        if (asked.BudgetTokens is not null && fitted != budget)
        {
            writing.Change(Budget, $"thinking takes {LeastBudget} to {most} of the answer's tokens: {fitted}");
        }

        return new ReasoningSettings { Enabled = true, BudgetTokens = fitted, Hidden = asked.Hidden };
    }

    private static void Drop(ReasoningSettings asked, string why, Writing writing)
    {
        writing.Drop(Field(asked), why);
        if (asked is { Effort: not null, BudgetTokens: not null })
        {
            writing.Drop(Budget, why);
        }
    }

    private static string Field(ReasoningSettings asked) => asked.Effort is not null ? "reasoning_effort" : "reasoning";

    /// <summary>A Claude's version times 100 (<c>claude-sonnet-4-5-20250929</c> is 405, <c>claude-3-7-sonnet</c> 307); 0 if the name says none.</summary>
    private static int Version(ReadOnlySpan<char> model)
    {
        for (int at = model.IndexOf(Claude); at >= 0; at = model.IndexOf(Claude))
        {
            model = model[(at + Claude.Length)..];
            ReadOnlySpan<char> rest = model;
            foreach (string family in Families)
            {
                if (rest.StartsWith(family))
                {
                    rest = rest[family.Length..];
                    break;
                }
            }

            int major = Digits(rest);
            if (major is 1 or 2)
            {
                int minor = rest.Length > major && rest[major] is '-' or '.' ? Digits(rest[(major + 1)..]) : 0;
                return (Number(rest[..major]) * 100) + (minor is 1 or 2 ? Number(rest.Slice(major + 1, minor)) : 0);
            }
        }

        return 0;
    }

    /// <summary>Families that are newer than version 4.7, whatever number they have.</summary>
    private static bool IsNewest(string model) =>
        model.Contains("claude-mythos", StringComparison.Ordinal) || model.Contains("claude-fable", StringComparison.Ordinal);

    /// <summary>How many digits a text begins with; a date has more than a version.</summary>
    private static int Digits(ReadOnlySpan<char> text)
    {
        int count = text.IndexOfAnyExceptInRange('0', '9');
        return count < 0 ? text.Length : count;
    }

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
