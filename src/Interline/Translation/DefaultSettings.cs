using System.Collections.Immutable;
using System.Text;
using Interline.Core.Configuration;
using Interline.Protocols;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;

namespace Interline.Translation;

/// <summary>A deployment's default parameters, which are spelled as OpenAI's whatever its provider speaks, on a request that is translated anyway.</summary>
internal static class DefaultSettings
{
    /// <summary>The request with defaults where it says nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="defaults">Raw JSON by OpenAI's name.</param>
    /// <param name="left">Gets those that the model has no place for; null if there are none.</param>
    public static ConversationRequest Apply(ConversationRequest request, ImmutableArray<KeyValuePair<string, string>> defaults, out NativeFields? left)
    {
        left = null;
        if (defaults.Length == 0)
        {
            return request;
        }

        var json = new StringBuilder("{\"messages\":[{\"role\":\"user\",\"content\":\"\"}]");
        foreach ((string name, string value) in defaults)
        {
            json.Append(",\"").Append(name).Append("\":").Append(value);
        }

        if (!RequestReader.TryRead(Encoding.UTF8.GetBytes(json.Append('}').ToString()), out ConversationRequest? d, out _))
        {
            return request;
        }

        left = d.Native;
        Sampling own = request.Sampling, other = d.Sampling;
        return request with
        {
            Sampling = own with
            {
                Temperature = own.Temperature ?? other.Temperature,
                TopP = own.TopP ?? other.TopP,
                TopK = own.TopK ?? other.TopK,
                MinP = own.MinP ?? other.MinP,
                Seed = own.Seed ?? other.Seed,
                FrequencyPenalty = own.FrequencyPenalty ?? other.FrequencyPenalty,
                PresencePenalty = own.PresencePenalty ?? other.PresencePenalty,
                RepetitionPenalty = own.RepetitionPenalty ?? other.RepetitionPenalty,
                Stop = own.Stop ?? other.Stop,
                Candidates = own.Candidates ?? other.Candidates,
                Logprobs = own.Logprobs ?? other.Logprobs,
                TopLogprobs = own.TopLogprobs ?? other.TopLogprobs,
            },
            MaxOutputTokens = request.MaxOutputTokens ?? d.MaxOutputTokens,
            Reasoning = request.Reasoning ?? d.Reasoning,
            ResponseFormat = request.ResponseFormat ?? d.ResponseFormat,
            ToolChoice = request.ToolChoice ?? d.ToolChoice,
            Tools = request.Tools ?? d.Tools,
            ParallelToolCalls = request.ParallelToolCalls ?? d.ParallelToolCalls,
            Verbosity = request.Verbosity ?? d.Verbosity,
            ServiceTier = request.ServiceTier ?? d.ServiceTier,
            EndUser = request.EndUser ?? d.EndUser,
            Metadata = request.Metadata ?? d.Metadata,
            Store = request.Store ?? d.Store,
        };
    }

    /// <summary>
    /// Of the defaults that the model has no place for, those that go to the provider by their own name: all to a provider of OpenAI's format, to others what is none
    /// of OpenAI's parameters and so must be theirs (<c>safetySettings</c>). The rest is reported.
    /// </summary>
    /// <param name="left">The defaults.</param>
    /// <param name="format">Format of the provider.</param>
    /// <param name="losses">Gets the rest.</param>
    public static IReadOnlyList<string> Left(NativeFields? left, WireFormat format, LossList losses)
    {
        List<string> names = [];
        foreach (NativeField field in left?.AsEnumerable() ?? [])
        {
            if (field.Understood)
            {
                continue;
            }

            if (format == WireFormat.OpenAIChat || !RequestParameters.AreOpenAIs(field.Name))
            {
                names.Add(field.Name);
            }
            else
            {
                losses.Add(field.Name, LossAction.Dropped, $"a default of the deployment; {format} has no such field");
            }
        }

        return names;
    }
}
