using System.Text;
using System.Text.Json;
using Interline.Calls;
using Interline.Core.Pricing;
using Interline.Core.Routing;
using Interline.Ledger;
using Interline.Protocols;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.OpenAIResponses;
using Interline.Server.Auth;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary>
/// LiteLLM's <c>/spend/calculate</c> and <c>/cost/estimate</c>: what live calls would be charged, discount and margin included, of models the caller may ask for. An unknown
/// price is an error, not zero.
/// </summary>
internal sealed class SpendCalculation(BookAccess books)
{
    /// <summary>By <c>{model, messages}</c> the input of a request, or by <c>{completion_response}</c> an answer with its usage.</summary>
    public async Task CalculateAsync(HttpContext http)
    {
        (JsonElement body, ApiError? error) = await JsonBody.ReadAsync(http);
        CostQuote? quote = error is null ? Quote(http, body, out error) : null;
        if (quote is null)
        {
            await ErrorResponse.WriteAsync(http, error!);
            return;
        }

        await JsonResponse.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteUsd("cost", quote.Billed!.Value);
            json.WriteString("price_source"u8, quote.PriceSource);
            json.WriteNumber("prompt_tokens"u8, quote.Usage.TotalInput);
            json.WriteNumber("completion_tokens"u8, quote.Usage.TotalOutput);
            json.WriteBoolean("usage_is_estimated"u8, quote.Estimated);
            json.WriteEndObject();
        });
    }

    /// <summary>By <c>{model, input_tokens, output_tokens, num_requests_per_day, num_requests_per_month}</c>.</summary>
    public async Task EstimateAsync(HttpContext http)
    {
        (JsonElement body, ApiError? error) = await JsonBody.ReadAsync(http);
        long input = Count(body, "input_tokens", ref error) ?? 0;
        long output = Count(body, "output_tokens", ref error) ?? 0;
        long? daily = Count(body, "num_requests_per_day", ref error);
        long? monthly = Count(body, "num_requests_per_month", ref error);
        Deployment? deployment = error is null ? Find(http, Text(body, "model"), out error) : null;
        CostQuote? quote = deployment is null ? null : Known(CostQuote.Of(deployment, new Usage { Input = input, Output = output }, terms: Terms), deployment, out error);
        if (quote is not { Cost: { } cost })
        {
            await ErrorResponse.WriteAsync(http, error!);
            return;
        }

        await JsonResponse.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("model"u8, Text(body, "model"));
            json.WriteString("provider"u8, deployment!.Provider.Id);
            json.WriteString("price_source"u8, quote.PriceSource);
            json.WriteNumber("input_tokens"u8, input);
            json.WriteNumber("output_tokens"u8, output);
            Times(json, "_per_request", cost, quote.Billed!.Value, 1);
            Amount(json, "num_requests_per_day", daily);
            Times(json, "daily_", cost, quote.Billed!.Value, daily);
            Amount(json, "num_requests_per_month", monthly);
            Times(json, "monthly_", cost, quote.Billed!.Value, monthly);
            json.WriteEndObject();
        });
    }

    private CostTerms Terms => books.Gateway.Current.Snapshot.General.Costs;

    private CostQuote? Quote(HttpContext http, JsonElement body, out ApiError? error)
    {
        if (body.TryGetProperty("completion_response", out JsonElement answer) && answer.ValueKind == JsonValueKind.Object)
        {
            if (Find(http, Text(body, "model") ?? Text(answer, "model"), out error) is not { } answered)
            {
                return null;
            }

            Lane lane = LaneOf(answer);
            AnswerFacts facts = lane.SniffAnswer(Encoding.UTF8.GetBytes(answer.GetRawText()));
            if (facts.Usage is { } usage)
            {
                return Known(CostQuote.Of(answered, usage, facts.ServiceTier, lane.Measure([], facts.Units), Terms), answered, out error);
            }

            error = new(ErrorKind.BadRequest, 400, "completion_response: has no usage that can be read; give the answer as the API gave it.") { Param = "completion_response" };
            return null;
        }

        if (!body.TryGetProperty("messages", out _))
        {
            error = new(ErrorKind.BadRequest, 400, "Give `model` and `messages` for a request, or `completion_response` for an answer.") { Param = "messages" };
            return null;
        }

        return Find(http, Text(body, "model"), out error) is { } asked && CostQuote.OfRequest(asked, Encoding.UTF8.GetBytes(body.GetRawText()), Terms, out error) is { } quote
            ? Known(quote, asked, out error)
            : null;
    }

    private static CostQuote? Known(CostQuote quote, Deployment deployment, out ApiError? error)
    {
        error = quote.Cost is not null ? null : new(ErrorKind.BadRequest, 400, $"The price of {deployment.Provider.Id}/{deployment.UpstreamModel} is not known. Give it in the configuration (input_cost_per_token, output_cost_per_token).") { Code = "price_unknown", Param = "model" };
        return error is null ? quote : null;
    }

    private Deployment? Find(HttpContext http, string? model, out ApiError? error)
    {
        CallableGroup? group = model is null ? null : books.Gateway.Current.Resolve(model);
        error = model is null ? new(ErrorKind.BadRequest, 400, "`model` is missing. GET /v1/models lists what can be asked for.") { Param = "model" }
            : books.Who(http).Models is { } grants && ModelAccess.Check(grants, model, group?.Group.Name) is { } refused ? refused
            : group is null ? books.Gateway.UnknownModel(model) : null;
        return error is null ? group!.Group.Deployments[0] : null;
    }

    private static Lane LaneOf(JsonElement answer) =>
        answer.TryGetProperty("choices", out _) ? ChatLane.Instance
        : answer.TryGetProperty("usageMetadata", out _) ? GenerateLane.Plain
        : Text(answer, "type") == "message" ? MessagesLane.Instance
        : Text(answer, "object") == "response" ? ResponsesLane.Create
        : ChatLane.Instance;

    private static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Count(JsonElement body, string name, ref ApiError? error)
    {
        if (!body.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count) && count is >= 0 and <= Cost.MaxTokens)
        {
            return count;
        }

        error ??= new(ErrorKind.BadRequest, 400, $"{name}: expected a whole number from 0 to {Cost.MaxTokens}.") { Param = name };
        return null;
    }

    /// <summary>Input and output are at list price; the whole is what would be charged. Names as LiteLLM has them: <c>cost_per_request</c>, <c>input_cost_per_request</c>, but <c>daily_cost</c>, <c>daily_input_cost</c>.</summary>
    private static void Times(Utf8JsonWriter json, string affix, in Cost cost, decimal billed, long? times)
    {
        bool before = affix.EndsWith('_');
        Amount(json, before ? affix + "cost" : "cost" + affix, billed * times);
        Amount(json, before ? affix + "input_cost" : "input_cost" + affix, cost.TotalInput * times);
        Amount(json, before ? affix + "output_cost" : "output_cost" + affix, cost.TotalOutput * times);
    }

    private static void Amount(Utf8JsonWriter json, string name, decimal? amount)
    {
        if (amount is { } known)
        {
            json.WriteUsd(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
