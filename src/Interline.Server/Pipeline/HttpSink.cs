using System.Globalization;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using Interline.Budgets;
using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Server.Errors;

namespace Interline.Server.Pipeline;

/// <summary>
/// Gives an answer to the client's connection, with the headers that tell who answered and what it cost. A client that does not read holds the answer back (Kestrel buffers 64 KiB),
/// and one that takes nothing for too long loses its connection.
/// </summary>
/// <param name="http">The request.</param>
/// <param name="time">The clock.</param>
/// <param name="limit">How long the client may take nothing; null is no limit.</param>
/// <param name="stop">Cancelled when the server ends and waits for no client any longer.</param>
internal sealed class HttpSink(HttpContext http, TimeProvider time, TimeSpan? limit, CancellationToken stop) : PipeWriter, IAnswerSink
{
    private readonly PipeWriter _body = http.Response.BodyWriter;

    public PipeWriter Body => this;

    public override bool CanGetUnflushedBytes => _body.CanGetUnflushedBytes;

    public override long UnflushedBytes => _body.UnflushedBytes;

    public override void Advance(int bytes) => _body.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _body.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _body.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _body.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _body.Complete(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<FlushResult> flush = _body.FlushAsync(cancellationToken);
        return flush.IsCompleted ? flush : new ValueTask<FlushResult>(WaitForClientAsync(flush.AsTask()));
    }

    public void Begin(Call call, in AnswerHead head)
    {
        HttpResponse response = http.Response;
        response.StatusCode = head.Status;
        response.ContentType = head.ContentType is { } type && CallHeaders.IsPlain(type) ? type : head.IsStream ? "text/event-stream" : "application/octet-stream";
        response.ContentLength = head.Length;
        if (head.IsStream)
        {
            response.Headers.CacheControl = "no-cache";
            response.Headers["x-accel-buffering"] = "no";
        }

        if (head.IsEarly)
        {
            CallHeaders.WriteBeginning(response.Headers, call);
            return;
        }

        CallHeaders.Write(response.Headers, call, time);
        CallerLimits limits = call.Reservation?.Limits() ?? default;
        if (head.Upstream is { } upstream)
        {
            PassOn(upstream.Headers, response.Headers, ownRates: limits.AreRates);
        }

        if (call.Reservation is not null)
        {
            LimitHeaders.Write(response.Headers, limits);
        }
    }

    private async Task<FlushResult> WaitForClientAsync(Task<FlushResult> flush)
    {
        try
        {
            return await flush.WaitAsync(limit ?? Timeout.InfiniteTimeSpan, time, stop);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // From here on it is a client that has left; nothing else frees what it holds.
            http.Abort();
            return await flush;
        }
    }

    /// <summary>A provider's limits are of use to its callers that have none here; everything else of its headers (cookies, organisation, internals) stays here.</summary>
    private static void PassOn(HttpResponseHeaders from, IHeaderDictionary to, bool ownRates)
    {
        foreach (KeyValuePair<string, HeaderStringValues> header in from.NonValidated)
        {
            // By the first letter: most of a provider's dozen headers are none of these, and each comparison costs on every call.
            switch (header.Key[0] | 0x20)
            {
                case 'x' when header.Key.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase):
                case 'a' when header.Key.StartsWith("anthropic-ratelimit-", StringComparison.OrdinalIgnoreCase):
                    if (!ownRates)
                    {
                        to[header.Key] = CallHeaders.Ascii(header.Value.ToString());
                    }

                    break;
                case 'x' when header.Key.Equals("x-request-id", StringComparison.OrdinalIgnoreCase):
                case 'r' when header.Key.Equals("request-id", StringComparison.OrdinalIgnoreCase):
                    to["llm_provider-x-request-id"] = CallHeaders.Ascii(header.Value.ToString());
                    break;
            }
        }
    }
}

/// <summary>The headers of an answer to a call: LiteLLM's names for what both have, ours for the rest.</summary>
internal static class CallHeaders
{
    public static void Write(IHeaderDictionary headers, Call call, TimeProvider time)
    {
        WriteBeginning(headers, call);
        headers["x-litellm-attempted-retries"] = Count(call.Retries);
        headers["x-litellm-attempted-fallbacks"] = Count(call.Fallbacks);
        if (call.Served?.Deployment is { } deployment)
        {
            Served(headers, call, deployment);
        }

        if (call.FirstByteTimestamp != 0)
        {
            TimeSpan whole = time.GetElapsedTime(call.StartTimestamp, call.FirstByteTimestamp);
            headers["x-litellm-response-duration-ms"] = Milliseconds(whole);
            headers["x-litellm-overhead-duration-ms"] = Milliseconds(whole - time.GetElapsedTime(0, call.UpstreamTicks));
        }
    }

    /// <summary>What is known from the beginning; reads nothing of the call that changes.</summary>
    public static void WriteBeginning(IHeaderDictionary headers, Call call)
    {
        WriteId(headers, call.Lane, call.Id);
        headers["x-litellm-call-id"] = call.Id;
        headers["x-litellm-model-group"] = Ascii(call.Group.Group.Name);
    }

    /// <summary>The id of an answer, also by the name that the SDKs of its format read.</summary>
    public static void WriteId(IHeaderDictionary headers, Lane lane, string id)
    {
        headers["x-request-id"] = id;
        if (lane.Wire == "anthropic")
        {
            headers["request-id"] = id;
        }
    }

    /// <summary>The same for an answer that belongs to no lane: to a caller without a key, to a path that is not served.</summary>
    public static void WriteId(IHeaderDictionary headers, Dialect dialect, string id)
    {
        headers["x-request-id"] = id;
        if (dialect == Dialect.Anthropic)
        {
            headers["request-id"] = id;
        }
    }

    private static void Served(IHeaderDictionary headers, Call call, Deployment deployment)
    {
        headers["x-litellm-model-id"] = Ascii(deployment.Id);
        headers["x-interline-provider"] = deployment.Provider.Id;
        if (call.Attempts != 1)
        {
            headers["x-interline-attempts"] = Count(call.Attempts);
        }

        if (call.Spent is { } cost)
        {
            headers["x-litellm-response-cost"] = cost.ToString(CultureInfo.InvariantCulture);
        }

        if (call.DroppedParameters.Count > 0)
        {
            headers["x-interline-dropped-params"] = Ascii(string.Join(",", call.DroppedParameters));
        }

        if (call.Losses is { } losses)
        {
            headers["x-interline-translation-losses"] = Count(losses.Count);
        }

        if (call.Estimated)
        {
            headers["x-interline-estimated"] = "true";
        }

        if (call.Failed.Count > 0)
        {
            headers["x-interline-failed-attempts"] = Ascii(string.Join(",", call.Failed.Select(x => x.Hedged && x.Kind == ErrorKind.ClientGone ? $"{x.DeploymentId}:Hedged" : $"{x.DeploymentId}:{x.Kind}")));
        }
    }

    private static string Count(int number) => number switch { 0 => "0", 1 => "1", 2 => "2", _ => number.ToString(CultureInfo.InvariantCulture) };

    private static string Milliseconds(TimeSpan time)
    {
        long microseconds = Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);

        // By hand: a format with places after the point costs several times as much, twice a call.
        Span<char> text = stackalloc char[24];
        (microseconds / 1000).TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        int rest = (int)(microseconds % 1000);
        text[length] = '.';
        text[length + 1] = (char)('0' + (rest / 100));
        text[length + 2] = (char)('0' + (rest / 10 % 10));
        text[length + 3] = (char)('0' + (rest % 10));
        return new string(text[..(length + 4)]);
    }

    /// <summary>Names come from configuration files, callers and providers; header values are ASCII.</summary>
    public static string Ascii(string text) => IsPlain(text) ? text : Uri.EscapeDataString(text);

    /// <summary>Whether a text can stand in a header as it is.</summary>
    public static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
