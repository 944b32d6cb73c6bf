using System.Buffers;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>
/// Makes a request of another format one that Anthropic takes: what it would refuse is left out, changed or said otherwise, and reported.
/// Sources: Anthropic's API description, <c>CreateMessageParams</c>; its answers to wrong requests.
/// </summary>
internal static class RequestFit
{
    /// <summary>The limit where neither caller nor catalogue know one: every model of this format takes it.</summary>
    private const long UsualLimit = 4096;

    private static readonly SearchValues<char> OfPhones = SearchValues.Create("0123456789 ()-./");

    private const string JsonOnly = "Answer with one JSON object and nothing else: no explanation, no code fence.";

    /// <summary>Fits <paramref name="r"/>; the result has no native fields, they are reported.</summary>
    public static ConversationRequest Fit(ConversationRequest r, TargetModel target, Writing writing)
    {
        ArgumentNullException.ThrowIfNull(target);
        writing.Foreign(r.Native, "");
        r = ToolNames.Fit(r, WireFormat.AnthropicMessages, writing.Losses);
        Turns turns = TurnFit.Fit(r, writing);
        (IReadOnlyList<Tool>? tools, ToolChoice? choice, bool? parallel) = ToolFit.Fit(r, writing);
        long limit = Limit(r, target, writing);
        ReasoningSettings? reasoning = ThinkingRules.Fit(r, target, ref limit, choice, turns, writing);
        (ResponseFormat? form, Part? instruction) = Form(r.ResponseFormat, writing);
        ReportRest(r, writing);
        return new ConversationRequest(r.Model, turns.Messages)
        {
            Instructions = instruction is null ? turns.System : [.. turns.System, instruction],
            InstructionsAsParts = turns.System.Count > 0 || instruction is not null,
            Tools = tools,
            ToolChoice = choice,
            ParallelToolCalls = parallel,
            ResponseFormat = form,
            MaxOutputTokens = limit,
            Reasoning = reasoning,
            Sampling = SamplingFit.Fit(r.Sampling, target, reasoning, writing),
            ServiceTier = Tier(r.ServiceTier, writing),
            EndUser = User(r.EndUser, writing),
            Stream = r.Stream,
        };
    }

    private static long Limit(ConversationRequest r, TargetModel target, Writing writing)
    {
        if (r.MaxOutputTokens is not { } asked)
        {
            return target.MaxOutput ?? UsualLimit;
        }

        long limit = Math.Clamp(asked.Whole, 1, target.MaxOutput ?? long.MaxValue);
        if (limit != asked.Whole)
        {
            writing.Change(r.MaxOutputTokensSpelling ?? "max_tokens", $"the model answers with 1 to {target.MaxOutput ?? long.MaxValue} tokens: {limit}");
        }

        return limit;
    }

    private static (ResponseFormat? Form, Part? Instruction) Form(ResponseFormat? form, Writing writing)
    {
        const string path = "response_format";
        writing.Foreign(form?.Native, path);
        writing.Foreign(form?.InnerNative, path + ".json_schema");
        switch (form?.Kind)
        {
            case ResponseFormatKind.JsonSchema:
                Told(form.Name, "name");
                Told(form.Description, "description");
                if (form.Strict == false)
                {
                    writing.Change(path + ".json_schema.strict", "Anthropic always follows the schema");
                }

                return (new ResponseFormat(ResponseFormatKind.JsonSchema) { Schema = SchemaFit.Close(form.Schema, writing, path + ".json_schema.schema") }, null);
            case ResponseFormatKind.JsonObject:
                writing.Losses.Add(path, LossAction.Emulated, "Anthropic knows JSON by a schema only: the model is told to answer with an object");
                return (null, new TextPart(JsonOnly));
            case ResponseFormatKind.Opaque:
                writing.Drop(path, "Anthropic has no such form of answer");
                return (null, null);
            default:
                return (null, null);
        }

        void Told(string? value, string name)
        {
            if (value is not null)
            {
                writing.Drop($"{path}.json_schema.{name}", "Anthropic's form of answer has the schema only");
            }
        }
    }

    private static string? Tier(string? tier, Writing writing)
    {
        switch (tier)
        {
            case null or "auto" or "standard_only":
                return tier;
            case "default" or "standard":
                return "standard_only";
            default:
                writing.Drop("service_tier", "Anthropic has auto and standard_only");
                return null;
        }
    }

    /// <summary>The name of the person who asks, if it is opaque: the API wants no address or phone number, and takes 512 characters.</summary>
    private static string? User(string? user, Writing writing)
    {
        bool personal = user is not null && (user.Contains('@', StringComparison.Ordinal)
            || (user.StartsWith('+') && !user.AsSpan(1).ContainsAnyExcept(OfPhones)));
        if (!personal && user is not { Length: > 512 })
        {
            return user;
        }

        writing.Drop("user", personal ? "Anthropic wants no e-mail address or phone number in metadata.user_id" : "metadata.user_id takes 512 characters");
        return null;
    }

    private static void ReportRest(ConversationRequest r, Writing writing)
    {
        DropIf(r.Verbosity is not null, "verbosity");
        DropIf(r.Metadata is not null, "metadata");
        DropIf(r.Store is not null, "store");
        DropIf(r.PromptCacheKey is not null, "prompt_cache_key");
        DropIf(r.OutputModalities is { } modalities && modalities.Any(m => m is not "text"), "modalities");
        writing.Foreign(r.StreamOptions?.Native, "stream_options");

        void DropIf(bool said, string field)
        {
            if (said)
            {
                writing.Drop(field, $"Anthropic has no {field} in this sense");
            }
        }
    }
}
