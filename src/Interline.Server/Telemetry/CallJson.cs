using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Server.Telemetry;

/// <summary>A settled call as JSON: the same fields in the log line and at <c>GET /v1/calls/{id}</c>; the line leaves out what is as usual. Money is a string, so that no reader rounds it.</summary>
internal static class CallJson
{
    /// <summary>Writes the call as an object.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="call">The call.</param>
    /// <param name="id">Its id.</param>
    /// <param name="whole">Whether to add what only the endpoint shows: counts that are the usual ones, the inputs its routing can be replayed from.</param>
    public static void Write(Utf8JsonWriter json, in CallRecord call, string id, bool whole)
    {
        json.WriteStartObject();
        json.WriteString(Names.Time, call.StartedAt.UtcDateTime);
        json.WriteString(Names.Id, id);
        json.WriteString(Names.Operation, call.Operation);
        json.WriteString(Names.ModelGroup, call.Group);
        json.WriteString(Names.Deployment, call.DeploymentId);
        json.WriteString(Names.Provider, call.Provider);
        json.WriteString(Names.Model, call.UpstreamModel);
        json.WriteNumber(Names.Status, call.Status);
        if (whole || call.Streamed)
        {
            json.WriteBoolean(Names.Stream, call.Streamed);
        }

        if (call.Error is { } error)
        {
            json.WriteString(Names.Error, Word(error));
        }

        if (call.Finish != FinishReason.Unknown)
        {
            json.WriteString(Names.Finish, Word(call.Finish));
        }

        WriteUsage(json, call.Usage);
        WriteCost(json, call.Cost);

        if (whole || call.Attempts != 1)
        {
            json.WriteNumber(Names.Attempts, call.Attempts);
            json.WriteNumber(Names.Retries, call.Retries);
            json.WriteNumber(Names.Fallbacks, call.Fallbacks);
        }

        WriteFailed(json, call.Failed);
        if (call.DroppedParameters.Count > 0)
        {
            json.WriteStartArray(Names.DroppedParams);
            foreach (string name in call.DroppedParameters)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }

        if (call.Losses is { } losses && (whole || losses.Count > 0))
        {
            WriteLosses(json, losses, whole);
        }

        if (call.MalformedEvents > 0)
        {
            json.WriteNumber(Names.MalformedEvents, call.MalformedEvents);
        }

        WriteMilliseconds(json, Names.DurationMs, call.Duration);
        if (call.FirstByte is { } first)
        {
            WriteMilliseconds(json, Names.FirstByteMs, first);
            WriteMilliseconds(json, Names.OverheadMs, call.Overhead ?? default);
        }

        if (whole)
        {
            json.WriteString(Names.PriceSource, call.PriceSource);
            WriteOwners(json, call);
            json.WriteStartObject(Names.Decision);
            json.WriteString(Names.Configuration, call.SnapshotVersion);
            if (call.Seed != 0)
            {
                // The books do not keep it.
                json.WriteString(Names.Seed, call.Seed.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteOwners(Utf8JsonWriter json, in CallRecord call)
    {
        json.WriteString(Names.Key, call.KeyId);
        json.WriteString(Names.Team, call.TeamId);
        json.WriteString(Names.User, call.UserId);
        json.WriteString(Names.Customer, call.Customer);
        json.WriteStartArray(Names.Tags);
        foreach (string tag in call.Tags)
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
    }

    private static void WriteCost(Utf8JsonWriter json, decimal? usd)
    {
        if (usd is { } cost)
        {
            Span<byte> text = stackalloc byte[64];
            cost.TryFormat(text, out int written, provider: System.Globalization.CultureInfo.InvariantCulture);
            json.WriteString(Names.CostUsd, text[..written]);
        }
        else
        {
            json.WriteNull(Names.CostUsd);
        }
    }

    private static void WriteUsage(Utf8JsonWriter json, Usage? usage)
    {
        if (usage is not { } used)
        {
            json.WriteNull(Names.Usage);
            return;
        }

        json.WriteStartObject(Names.Usage);
        json.WriteNumber(Names.Input, used.Input);
        Class(json, Names.CacheRead, used.CacheRead);
        Class(json, Names.CacheWrite, used.CacheWrite);
        Class(json, Names.CacheWrite1h, used.CacheWrite1h);
        Class(json, Names.InputAudio, used.InputAudio);
        Class(json, Names.InputImage, used.InputImage);
        json.WriteNumber(Names.Output, used.Output);
        Class(json, Names.Reasoning, used.Reasoning);
        Class(json, Names.OutputAudio, used.OutputAudio);
        Class(json, Names.OutputImage, used.OutputImage);
        json.WriteNumber(Names.Total, used.Total);
        json.WriteEndObject();
    }

    private static void Class(Utf8JsonWriter json, JsonEncodedText name, long tokens)
    {
        if (tokens > 0)
        {
            json.WriteNumber(name, tokens);
        }
    }

    /// <summary>The log line has the count only: the names of fields are the caller's.</summary>
    private static void WriteLosses(Utf8JsonWriter json, LossList losses, bool whole)
    {
        json.WriteNumber(Names.TranslationLosses, losses.Count);
        if (!whole)
        {
            return;
        }

        json.WriteStartArray(Names.Losses);
        foreach (TranslationLoss loss in losses.Losses)
        {
            json.WriteStartObject();
            json.WriteString(Names.Field, loss.Field);
            json.WriteString(Names.Action, Word(loss.Action));
            json.WriteString(Names.Why, loss.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFailed(Utf8JsonWriter json, IReadOnlyList<FailedAttempt> failed)
    {
        if (failed.Count == 0)
        {
            return;
        }

        json.WriteStartArray(Names.Failed);
        foreach (FailedAttempt attempt in failed)
        {
            json.WriteStartObject();
            json.WriteString(Names.Deployment, attempt.DeploymentId);
            json.WriteString(Names.Provider, attempt.Provider);
            json.WriteString(Names.Error, Word(attempt.Kind));
            json.WriteNumber(Names.Status, attempt.Status);
            if (attempt.Begun)
            {
                json.WriteBoolean(Names.Begun, true);
            }

            if (attempt.Hedged)
            {
                json.WriteBoolean(Names.Hedged, true);
            }

            if (attempt.Usage is not null)
            {
                // An answer came and could not be used.
                WriteUsage(json, attempt.Usage);
                WriteCost(json, attempt.Cost);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Milliseconds to three places by whole numbers: formatting a double costs more than all else of the line.</summary>
    private static void WriteMilliseconds(Utf8JsonWriter json, JsonEncodedText name, TimeSpan time)
    {
        long microseconds = Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);
        Span<byte> text = stackalloc byte[32];
        Utf8Formatter.TryFormat(microseconds / 1000, text, out int written);
        text[written++] = (byte)'.';
        Utf8Formatter.TryFormat(microseconds % 1000, text[written..], out int more, new StandardFormat('D', 3));
        json.WritePropertyName(name);
        json.WriteRawValue(text[..(written + more)], skipInputValidation: true);
    }

    private static ReadOnlySpan<byte> Word(FinishReason finish) => finish switch
    {
        FinishReason.Stop => "stop"u8,
        FinishReason.Length => "length"u8,
        FinishReason.ToolCalls => "tool_calls"u8,
        FinishReason.ContentFilter => "content_filter"u8,
        _ => "error"u8,
    };

    private static ReadOnlySpan<byte> Word(LossAction action) => action switch
    {
        LossAction.Dropped => "dropped"u8,
        LossAction.Changed => "changed"u8,
        LossAction.Moved => "moved"u8,
        _ => "emulated"u8,
    };

    private static ReadOnlySpan<byte> Word(ErrorKind kind) => kind switch
    {
        ErrorKind.BadRequest => "bad_request"u8,
        ErrorKind.NotFound => "not_found"u8,
        ErrorKind.ContextLength => "context_length"u8,
        ErrorKind.ContentPolicy => "content_policy"u8,
        ErrorKind.Authentication => "authentication"u8,
        ErrorKind.Permission => "permission"u8,
        ErrorKind.QuotaExhausted => "quota_exhausted"u8,
        ErrorKind.RateLimit => "rate_limit"u8,
        ErrorKind.Overloaded => "overloaded"u8,
        ErrorKind.Server => "server"u8,
        ErrorKind.Network => "network"u8,
        ErrorKind.Timeout => "timeout"u8,
        ErrorKind.Malformed => "malformed"u8,
        ErrorKind.Unsupported => "unsupported"u8,
        _ => "client_gone"u8,
    };

    /// <summary>Field names, encoded once: the writer would look each over for characters to escape, every time.</summary>
    private static class Names
    {
        public static readonly JsonEncodedText Action = JsonEncodedText.Encode("action");
        public static readonly JsonEncodedText Attempts = JsonEncodedText.Encode("attempts");
        public static readonly JsonEncodedText CacheRead = JsonEncodedText.Encode("cache_read");
        public static readonly JsonEncodedText CacheWrite = JsonEncodedText.Encode("cache_write");
        public static readonly JsonEncodedText CacheWrite1h = JsonEncodedText.Encode("cache_write_1h");
        public static readonly JsonEncodedText Configuration = JsonEncodedText.Encode("configuration");
        public static readonly JsonEncodedText CostUsd = JsonEncodedText.Encode("cost_usd");
        public static readonly JsonEncodedText Customer = JsonEncodedText.Encode("customer");
        public static readonly JsonEncodedText Decision = JsonEncodedText.Encode("decision");
        public static readonly JsonEncodedText Deployment = JsonEncodedText.Encode("deployment");
        public static readonly JsonEncodedText DroppedParams = JsonEncodedText.Encode("dropped_params");
        public static readonly JsonEncodedText DurationMs = JsonEncodedText.Encode("duration_ms");
        public static readonly JsonEncodedText Error = JsonEncodedText.Encode("error");
        public static readonly JsonEncodedText Hedged = JsonEncodedText.Encode("hedged");
        public static readonly JsonEncodedText Failed = JsonEncodedText.Encode("failed");
        public static readonly JsonEncodedText Fallbacks = JsonEncodedText.Encode("fallbacks");
        public static readonly JsonEncodedText Field = JsonEncodedText.Encode("field");
        public static readonly JsonEncodedText Finish = JsonEncodedText.Encode("finish");
        public static readonly JsonEncodedText FirstByteMs = JsonEncodedText.Encode("first_byte_ms");
        public static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
        public static readonly JsonEncodedText Input = JsonEncodedText.Encode("input");
        public static readonly JsonEncodedText InputAudio = JsonEncodedText.Encode("input_audio");
        public static readonly JsonEncodedText InputImage = JsonEncodedText.Encode("input_image");
        public static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
        public static readonly JsonEncodedText Losses = JsonEncodedText.Encode("losses");
        public static readonly JsonEncodedText Begun = JsonEncodedText.Encode("begun");
        public static readonly JsonEncodedText MalformedEvents = JsonEncodedText.Encode("malformed_events");
        public static readonly JsonEncodedText Model = JsonEncodedText.Encode("model");
        public static readonly JsonEncodedText ModelGroup = JsonEncodedText.Encode("model_group");
        public static readonly JsonEncodedText Operation = JsonEncodedText.Encode("operation");
        public static readonly JsonEncodedText Output = JsonEncodedText.Encode("output");
        public static readonly JsonEncodedText OutputAudio = JsonEncodedText.Encode("output_audio");
        public static readonly JsonEncodedText OutputImage = JsonEncodedText.Encode("output_image");
        public static readonly JsonEncodedText OverheadMs = JsonEncodedText.Encode("overhead_ms");
        public static readonly JsonEncodedText PriceSource = JsonEncodedText.Encode("price_source");
        public static readonly JsonEncodedText Provider = JsonEncodedText.Encode("provider");
        public static readonly JsonEncodedText Reasoning = JsonEncodedText.Encode("reasoning");
        public static readonly JsonEncodedText Retries = JsonEncodedText.Encode("retries");
        public static readonly JsonEncodedText Seed = JsonEncodedText.Encode("seed");
        public static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
        public static readonly JsonEncodedText Stream = JsonEncodedText.Encode("stream");
        public static readonly JsonEncodedText Tags = JsonEncodedText.Encode("tags");
        public static readonly JsonEncodedText Team = JsonEncodedText.Encode("team");
        public static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
        public static readonly JsonEncodedText Total = JsonEncodedText.Encode("total");
        public static readonly JsonEncodedText TranslationLosses = JsonEncodedText.Encode("translation_losses");
        public static readonly JsonEncodedText Usage = JsonEncodedText.Encode("usage");
        public static readonly JsonEncodedText User = JsonEncodedText.Encode("user");
        public static readonly JsonEncodedText Why = JsonEncodedText.Encode("why");
    }
}
