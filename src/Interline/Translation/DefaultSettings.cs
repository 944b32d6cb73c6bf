using System.Collections.Immutable;
using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;

namespace Interline.Translation;

/// <summary>A deployment's default parameters, which are spelled as OpenAI's whatever its provider speaks, on a request that is translated anyway.</summary>
internal static class DefaultSettings
{
    /// <summary>The request with defaults where it says nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="defaults">Raw JSON by OpenAI's name.</param>
    public static ConversationRequest Apply(ConversationRequest request, ImmutableArray<KeyValuePair<string, string>> defaults)
    {
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
}
