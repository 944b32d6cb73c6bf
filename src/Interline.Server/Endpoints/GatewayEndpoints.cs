using System.Collections.Immutable;
using Interline.Accounts;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.OpenAIResponses;
using Interline.Protocols.Operations;
using Interline.Server.Auth;
using Interline.Server.Health;
using Interline.Server.OpenApi;
using Interline.Server.Spend;
using Interline.Server.Telemetry;

namespace Interline.Server.Endpoints;

/// <summary>The endpoint table. LiteLLM's path variants stand beside OpenAI's, so that either's clients need only another base URL.</summary>
internal static class GatewayEndpoints
{
    public static EndpointTable Build(ModelEndpoints models, CallEndpoints calls, HealthEndpoints health, MetricsEndpoint metrics, params ReadOnlySpan<IEnumerable<Endpoint>> more)
    {
        EndpointTable? table = null;
        ImmutableArray<Endpoint> rows =
        [
            .. Calls(ChatLane.Instance, "chat/completions", "Chat", "Answers a conversation (OpenAI Chat Completions), plain or streamed.", deployments: true),
            .. Calls(CompletionsLane.Instance, "completions", "Completions", "Continues a text (OpenAI Completions), plain or streamed.", deployments: true),
            Call(MessagesLane.Instance, "/v1/messages", "Messages", "Answers a conversation (Anthropic Messages), plain or streamed."),
            Call(Protocols.Anthropic.CountTokensLane.Instance, "/v1/messages/count_tokens", "Messages", "Counts the input tokens of a conversation (Anthropic Messages)."),
            .. Gemini("/v1beta/models/"),
            .. Gemini("/v1/models/"),
            .. Calls(JsonOperationLane.Embeddings, "embeddings", "Embeddings", "Turns texts into vectors.", deployments: true),
            .. Calls(ResponsesLane.Create, "responses", "Responses", "Answers by OpenAI's Responses API; passes to deployments that speak it."),
            .. Calls(ResponsesLane.InputTokens, "responses/input_tokens", "Responses", "Counts the input tokens of a Responses request."),
            .. Calls(JsonOperationLane.Images, "images/generations", "Images", "Makes images."),
            .. Calls(JsonOperationLane.Moderations, "moderations", "Moderations", "Classifies texts and images as harmful or not."),
            .. Calls(JsonOperationLane.Speech, "audio/speech", "Audio", "Speaks a text."),
            .. Calls(TranscriptionLane.Transcriptions, "audio/transcriptions", "Audio", "Writes down speech."),
            .. Calls(TranscriptionLane.Translations, "audio/translations", "Audio", "Writes down speech in English."),
            Own("GET", "/v1/models", Role.Caller, "Models", "Lists the models a caller can ask for; in Anthropic's shape where the request has an anthropic-version header.", (http, _) => models.ListAsync(http)),
            Own("GET", "/models", Role.Caller, "Models", "Lists the models a caller can ask for; in Anthropic's shape where the request has an anthropic-version header.", (http, _) => models.ListAsync(http)),
            Own("GET", "/v1/models/{model}", Role.Caller, "Models", "One model.", models.GetAsync),
            Own("GET", "/models/{model}", Role.Caller, "Models", "One model.", models.GetAsync),
            Own("GET", "/v1beta/models", Role.Caller, "Models", "Lists the models a caller can ask for, in the Gemini API's shape.", (http, _) => models.ListAsync(http)),
            Own("GET", "/v1beta/models/{model}", Role.Caller, "Models", "One model, in the Gemini API's shape.", models.GetAsync),
            Own("GET", "/v1/calls/{id}", Role.Caller, "Calls", "A settled call: who answered, usage, cost, attempts.", calls.GetAsync),
            Own("GET", "/v1/decisions/{call}", Role.Caller, "Calls", "How a settled call was routed: every deployment, why it was or was not eligible, every step; decided again from the kept inputs.", calls.DecisionAsync),
            Own("GET", "/health", Role.Viewer, "Health", "State of every deployment, as seen by live calls; calls none.", (http, _) => health.AllAsync(http)),
            Own("GET", "/health/liveliness", Role.Anonymous, "Health", "Whether the process lives.", (http, _) => HealthEndpoints.LiveAsync(http)),
            Own("GET", "/health/liveness", Role.Anonymous, "Health", "Whether the process lives.", (http, _) => HealthEndpoints.LiveAsync(http)),
            Own("GET", "/health/readiness", Role.Anonymous, "Health", "Whether calls are taken.", (http, _) => health.ReadyAsync(http)),
            Own("GET", "/metrics", Role.Viewer, "Telemetry", "Metrics in Prometheus' text format.", (http, _) => metrics.GetAsync(http)),
            Own("GET", "/openapi/v1.json", Role.Anonymous, "Telemetry", "This interface as an OpenAPI document.", (http, _) => OpenApiDocument.WriteAsync(http, table!)),
        ];
        foreach (IEnumerable<Endpoint> others in more)
        {
            rows = rows.AddRange(others);
        }

        return table = new EndpointTable(rows);
    }

    private static IEnumerable<Endpoint> Calls(Lane lane, string path, string tag, string summary, bool deployments = false)
    {
        yield return Call(lane, "/v1/" + path, tag, summary);
        yield return Call(lane, "/" + path, tag, summary);
        if (deployments)
        {
            yield return Call(lane, "/openai/deployments/{model}/" + path, tag, summary);
            yield return Call(lane, "/engines/{model}/" + path, tag, summary);
        }
    }

    private static IEnumerable<Endpoint> Gemini(string models)
    {
        yield return Call(GenerateLane.Plain, models + "{model}:generateContent", "Gemini", "Answers a conversation (Gemini generateContent).");
        yield return Call(GenerateLane.Stream, models + "{model}:streamGenerateContent", "Gemini", "Answers a conversation as an event stream with `alt=sse`, else as a JSON array that grows.");
        yield return Call(Protocols.Gemini.CountTokensLane.Instance, models + "{model}:countTokens", "Gemini", "Counts the input tokens of a conversation (Gemini).");
    }

    private static Endpoint Call(Lane lane, string path, string tag, string summary) =>
        new() { Method = "POST", Path = path, Role = Role.Caller, Tag = tag, Summary = summary, Lane = lane };

    private static Endpoint Own(string method, string path, Role role, string tag, string summary, Func<HttpContext, string?, Task> handle) =>
        new() { Method = method, Path = path, Role = role, Tag = tag, Summary = summary, Handle = handle };
}
