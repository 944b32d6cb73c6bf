using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols;
using Interline.Protocols.Errors;

namespace Interline.Server.Telemetry;

/// <summary>A settled call as JSON: the same fields in the log line and at <c>GET /v1/calls/{id}</c>. Money is a string, so that no reader rounds it.</summary>
internal static class CallJson
{
    /// <summary>Writes the call as an object.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="call">The call.</param>
    /// <param name="id">Its id.</param>
    /// <param name="whole">Whether to add what only the endpoint shows: the inputs its routing can be replayed from.</param>
    public static void Write(Utf8JsonWriter json, in CallRecord call, string id, bool whole)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, call.StartedAt);
        json.WriteString("event"u8, "call"u8);
        json.WriteString("id"u8, id);
        json.WriteString("operation"u8, call.Operation);
        json.WriteString("model_group"u8, call.Group);
        json.WriteString("deployment"u8, call.DeploymentId);
        json.WriteString("provider"u8, call.Provider);
        json.WriteString("model"u8, call.UpstreamModel);
        json.WriteNumber("status"u8, call.Status);
        json.WriteBoolean("stream"u8, call.Streamed);
        if (call.Error is { } error)
        {
            json.WriteString("error"u8, Word(error));
        }

        if (call.Finish != FinishReason.Unknown)
        {
            json.WriteString("finish"u8, Word(call.Finish));
        }

        WriteUsage(json, call.Usage);
        if (call.Cost is { } cost)
        {
            Span<byte> text = stackalloc byte[64];
            cost.TryFormat(text, out int written, provider: System.Globalization.CultureInfo.InvariantCulture);
            json.WriteString("cost_usd"u8, text[..written]);
        }
        else
        {
            json.WriteNull("cost_usd"u8);
        }

        json.WriteNumber("attempts"u8, call.Attempts);
        json.WriteNumber("retries"u8, call.Retries);
        json.WriteNumber("fallbacks"u8, call.Fallbacks);
        WriteFailed(json, call.Failed);
        if (call.DroppedParameters.Count > 0)
        {
            json.WriteStartArray("dropped_params"u8);
            foreach (string name in call.DroppedParameters)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }

        if (call.MalformedEvents > 0)
        {
            json.WriteNumber("malformed_events"u8, call.MalformedEvents);
        }

        WriteMilliseconds(json, "duration_ms"u8, call.Duration);
        if (call.FirstByte is { } first)
        {
            WriteMilliseconds(json, "first_byte_ms"u8, first);
            WriteMilliseconds(json, "overhead_ms"u8, call.Overhead ?? default);
        }

        if (whole)
        {
            json.WriteString("price_source"u8, call.PriceSource);
            json.WriteStartObject("decision"u8);
            json.WriteString("configuration"u8, call.SnapshotVersion);
            json.WriteString("seed"u8, call.Seed.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter json, Usage? usage)
    {
        if (usage is not { } used)
        {
            json.WriteNull("usage"u8);
            return;
        }

        json.WriteStartObject("usage"u8);
        json.WriteNumber("input"u8, used.Input);
        Class(json, "cache_read"u8, used.CacheRead);
        Class(json, "cache_write"u8, used.CacheWrite);
        Class(json, "cache_write_1h"u8, used.CacheWrite1h);
        Class(json, "input_audio"u8, used.InputAudio);
        Class(json, "input_image"u8, used.InputImage);
        json.WriteNumber("output"u8, used.Output);
        Class(json, "reasoning"u8, used.Reasoning);
        Class(json, "output_audio"u8, used.OutputAudio);
        Class(json, "output_image"u8, used.OutputImage);
        json.WriteNumber("total"u8, used.Total);
        json.WriteEndObject();
    }

    private static void Class(Utf8JsonWriter json, ReadOnlySpan<byte> name, long tokens)
    {
        if (tokens > 0)
        {
            json.WriteNumber(name, tokens);
        }
    }

    private static void WriteFailed(Utf8JsonWriter json, IReadOnlyList<FailedAttempt> failed)
    {
        if (failed.Count == 0)
        {
            return;
        }

        json.WriteStartArray("failed"u8);
        foreach (FailedAttempt attempt in failed)
        {
            json.WriteStartObject();
            json.WriteString("deployment"u8, attempt.DeploymentId);
            json.WriteString("provider"u8, attempt.Provider);
            json.WriteString("error"u8, Word(attempt.Kind));
            json.WriteNumber("status"u8, attempt.Status);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Milliseconds to three places by whole numbers: formatting a double costs more than all else of the line.</summary>
    private static void WriteMilliseconds(Utf8JsonWriter json, ReadOnlySpan<byte> name, TimeSpan time)
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

    private static ReadOnlySpan<byte> Word(ErrorKind kind) => kind switch
    {
        ErrorKind.BadRequest => "bad_request"u8,
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
        _ => "client_gone"u8,
    };
}
