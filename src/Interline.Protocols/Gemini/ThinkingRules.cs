using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>
/// How the generations of Gemini are told to reason: 2.5 by a number of tokens, from 3 on by a level; older ones do not reason. Both at once are refused.
/// Sources: Google's documentation of thinking (ranges: Pro 128 to 32,768, Flash to 24,576, Flash-Lite from 512; 0 is off, but not for Pro; -1 lets the model
/// decide; levels: Pro has no <c>minimal</c>, and 3.0 Pro no <c>medium</c>) and of its OpenAI dialect (words as tokens: 1,024, 8,192, 24,576).
/// </summary>
internal static class ThinkingRules
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>The number in a model's name (<c>gemini-2.5-pro</c> is 2.5); the newest known for names that follow the newest model; 0 for other models.</summary>
    public static double Generation(string model)
    {
        int at = model.IndexOf("gemini-", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return 0;
        }

        ReadOnlySpan<char> rest = model.AsSpan(at + "gemini-".Length);
        int end = rest.IndexOfAnyExcept(Digits);
        ReadOnlySpan<char> number = (end < 0 ? rest : rest[..end]).TrimEnd('.');
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double generation) ? generation
            : model.EndsWith("-latest", StringComparison.OrdinalIgnoreCase) ? 3.6
            : 0;
    }

    /// <summary>Writes <c>thinkingConfig</c>.</summary>
    /// <param name="w">Inside <c>generationConfig</c>.</param>
    /// <param name="reasoning">What was asked for.</param>
    /// <param name="target">The model that is called.</param>
    /// <param name="writing">Gets what was lost.</param>
    public static void Write(Utf8JsonWriter w, ReasoningSettings reasoning, TargetModel target, Writing writing)
    {
        if (reasoning.Summary is not null)
        {
            writing.Drop("reasoning.summary", "Gemini has one kind of summary");
        }

        bool off = reasoning.Effort is "none" || (reasoning.Effort is null && reasoning.Enabled == false);
        double generation = Generation(target.Model);
        if (generation < 2.5 || target.Reasons == false)
        {
            if (!off)
            {
                writing.Drop("reasoning", $"{target.Model} does not reason");
            }

            return;
        }

        bool pro = target.Model.Contains("-pro", StringComparison.OrdinalIgnoreCase);
        string? level = generation >= 3 ? Level(reasoning, off, pro, generation, writing) : null;
        long? budget = generation < 3 ? Budget(reasoning, off, pro, target.Model, writing) : null;
        bool show = !off && reasoning.Hidden != true;
        if (level is null && budget is null && !show)
        {
            return;
        }

        w.WriteStartObject("thinkingConfig"u8);
        if (level is not null)
        {
            w.WriteString("thinkingLevel"u8, level);
        }

        if (budget is { } tokens)
        {
            w.WriteNumber("thinkingBudget"u8, tokens);
        }

        if (show)
        {
            w.WriteBoolean("includeThoughts"u8, true);
        }

        w.WriteEndObject();
    }

    private static string? Level(ReasoningSettings reasoning, bool off, bool pro, double generation, Writing writing)
    {
        if (!off && reasoning is { Effort: not null, BudgetTokens: not null })
        {
            writing.Drop("reasoning.budget_tokens", "this model has levels, and an effort is asked for, too");
        }

        string? asked = off ? "none" : reasoning.Effort ?? (reasoning.BudgetTokens?.Whole) switch { null => null, <= 2048 => "low", <= 16384 => "medium", _ => "high" };
        string? level = asked switch
        {
            null => null,
            "none" or "minimal" => pro ? "LOW" : "MINIMAL",
            "low" => "LOW",
            "medium" => pro && generation < 3.1 ? "HIGH" : "MEDIUM",
            _ => "HIGH",
        };
        if (level is not null && !string.Equals(level, reasoning.Effort, StringComparison.OrdinalIgnoreCase))
        {
            writing.Losses.Add(Field(reasoning), LossAction.Changed, $"this model has levels, the nearest is {level}");
        }

        return level;
    }

    private static long? Budget(ReasoningSettings reasoning, bool off, bool pro, string model, Writing writing)
    {
        bool lite = model.Contains("-lite", StringComparison.OrdinalIgnoreCase);
        (long least, long most) = pro ? (128, 32768) : (lite ? 512 : 1, 24576L);
        long? asked = off ? 0 : reasoning.BudgetTokens?.Whole ?? reasoning.Effort switch
        {
            "minimal" or "low" => 1024,
            "medium" => 8192,
            "high" => 24576,
            "xhigh" or "max" => most,
            _ => reasoning.Adaptive || reasoning.Enabled == true || reasoning.Effort is not null ? -1 : null,
        };
        long? budget = asked is null or -1 || (asked == 0 && !pro) ? asked : Math.Clamp(asked.Value, least, most);
        bool word = reasoning.Effort is not (null or "none");
        if (word && reasoning.BudgetTokens is not null)
        {
            writing.Drop("reasoning_effort", "this model has a number of tokens, and one is asked for, too");
        }
        else if (budget != asked || word)
        {
            writing.Losses.Add(Field(reasoning), LossAction.Changed, $"this model has a number of tokens, the nearest is {budget}");
        }

        return budget;
    }

    private static string Field(ReasoningSettings reasoning) =>
        reasoning.Effort is not null ? "reasoning_effort" : reasoning.BudgetTokens is not null ? "reasoning.budget_tokens" : "reasoning.enabled";
}
