using System.Collections.Frozen;
using Interline.Calls;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Translation;
using Interline.Upstream;

namespace Interline.Attempts;

/// <summary>The listed edits that a deployment wants on a request: its model name, the usage option of a stream, its parameter rules, its defaults.</summary>
internal static class RequestSplice
{
    private const string StreamOptions = "stream_options";

    /// <summary>What a translation may write that the caller never said by this name, and that does not change what the answer means: left out where the provider refuses it.</summary>
    private static readonly FrozenSet<string> Incidental =
        FrozenSet.Create(StringComparer.Ordinal, "user", "metadata", "store", "service_tier", "prompt_cache_key", "verbosity", "parallel_tool_calls");

    /// <summary>Computes the edits.</summary>
    /// <param name="call">The call; dropped parameters are noted in it.</param>
    /// <param name="translation">The request in the provider's format; null if the caller's is the same.</param>
    /// <param name="target">The deployment.</param>
    /// <param name="edits">Receives the edits.</param>
    /// <returns>Null, or a 400 that names a parameter the provider refuses.</returns>
    public static ApiError? Compute(Call call, AttemptTranslation? translation, Callable target, BodyEdits edits)
    {
        RequestFacts facts = translation?.Facts ?? call.Facts;
        ReadOnlySpan<byte> body = translation is null ? call.Body.Span : translation.Body.Span;
        Lane lane = translation?.Lane ?? call.Lane;
        if (facts.ModelLength > 0 || !lane.ModelInPath)
        {
            JsonSplice.Model(facts, facts.ModelIsJson ? target.ModelToken : target.ModelText, edits);
        }

        if (!facts.ModelIsJson)
        {
            return null;
        }

        Deployment deployment = target.Deployment;
        if (facts.Stream && lane.HasUsageOption && deployment.Parameters.StreamUsageOption && !deployment.DropAlways.Contains(StreamOptions))
        {
            JsonSplice.IncludeUsage(body, facts, edits);
        }

        return deployment.Parameters.Unsupported.Count > 0 || deployment.Parameters.Renames.Count > 0 || deployment.DropAlways.Count > 0 || deployment.DefaultParameters.Length > 0
            ? ApplyRules(call, lane, body, facts, translation, deployment, edits)
            : null;
    }

    private static ApiError? ApplyRules(Call call, Lane lane, ReadOnlySpan<byte> body, in RequestFacts facts, AttemptTranslation? translation, Deployment deployment, BodyEdits edits)
    {
        ParameterRules rules = deployment.Parameters;
        List<string>? dropped = null;
        HashSet<string>? given = deployment.DefaultParameters.Length > 0 || rules.Renames.Count > 0 ? Names(body) : null;
        HashSet<string>? renamedTo = null;
        var removal = new ParameterRemoval(edits);
        var at = new JsonParameters(body);
        while (at.MoveNext())
        {
            if (deployment.DropAlways.Contains(at.Name))
            {
                removal.Remove(at);
                continue;
            }

            if (rules.Unsupported.Contains(at.Name))
            {
                if (SaysNothing(at, body[at.ValueStart..at.ValueEnd], rules))
                {
                    removal.Remove(at);
                    continue;
                }

                if (translation is not null && Incidental.Contains(at.Name))
                {
                    call.Losses?.Add(at.Name, LossAction.Dropped, $"{deployment.Provider.Id} does not support it for {deployment.UpstreamModel}");
                    removal.Remove(at);
                    continue;
                }

                if (!deployment.DropParams)
                {
                    return new(ErrorKind.BadRequest, 400, $"{deployment.Provider.Id} does not support `{at.Name}` for {deployment.UpstreamModel}. Leave it out, or set `drop_params: true` to have it dropped.")
                    {
                        Param = at.Name,
                        Code = "unsupported_parameter",
                    };
                }

                // A body may name it a million times; the report names it once.
                if (dropped?.Contains(at.Name) != true)
                {
                    (dropped ??= []).Add(at.Name);
                }

                removal.Remove(at);
                continue;
            }

            bool renamed = rules.Renames.TryGetValue(at.Name, out string? name);
            if (renamed && (given!.Contains(name!) || !(renamedTo ??= new(StringComparer.Ordinal)).Add(name!)))
            {
                // The caller gave both spellings, or one twice; renaming would give the provider one name twice.
                removal.Remove(at);
                continue;
            }

            removal.Keep(at);
            if (renamed)
            {
                edits.Add(at.Rename(name!));
            }
        }

        removal.End();
        foreach ((string name, string json) in deployment.DefaultParameters)
        {
            bool inserted = name == StreamOptions && facts is { Stream: true, StreamOptionsLength: 0 } && lane.HasUsageOption && rules.StreamUsageOption;
            bool wanted = translation is null ? Takes(lane, name) : translation.Leaves(name);
            if (wanted && !given!.Contains(name) && !inserted)
            {
                JsonSplice.Insert(facts, name, json, edits);
            }
        }

        call.DroppedParameters = dropped ?? [];
        return null;
    }

    /// <summary>Whether leaving a parameter out changes nothing, so that it can go without a word: SDKs send many at their default.</summary>
    private static bool SaysNothing(in JsonParameters at, ReadOnlySpan<byte> value, ParameterRules rules) =>
        value.SequenceEqual("null"u8) || value.SequenceEqual("false"u8) || value.SequenceEqual("{}"u8) || value.SequenceEqual("[]"u8)
        || at.Name switch
        {
            "n" => value.SequenceEqual("1"u8),
            "tool_choice" => value.SequenceEqual("\"auto\""u8),

            // Where the option is not known, usage comes unasked.
            "stream_options" => !rules.StreamUsageOption,
            _ => false,
        };

    /// <summary>Whether a default stands in a body of the caller's own format by its name: it means the same there, or is none of OpenAI's and so meant for this format.</summary>
    private static bool Takes(Lane lane, string name) =>
        lane.TakesDefaults && (lane.SharedParameters is not { } shared || shared.Contains(name) || !RequestParameters.AreOpenAIs(name));

    private static HashSet<string> Names(ReadOnlySpan<byte> body)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var at = new JsonParameters(body);
        while (at.MoveNext())
        {
            names.Add(at.Name);
        }

        return names;
    }
}
