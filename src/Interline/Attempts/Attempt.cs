using System.Net;
using Interline.Calls;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Upstream;

namespace Interline.Attempts;

/// <summary>
/// One attempt of a call on one deployment. Until the first valid byte of an answer it can fail without a trace and gives an error back;
/// from then on the answer is committed to, and a failure is told to the client in the answer itself.
/// </summary>
internal sealed partial class Attempt
{
    private static readonly Version Http11 = HttpVersion.Version11;

    private readonly Call _call;
    private readonly Callable _target;
    private readonly IAnswerSink _sink;
    private readonly TimeProvider _time;
    private readonly AttemptWatch _watch;
    private readonly TimeSpan _gap;

    private Attempt(Call call, Callable target, IAnswerSink sink, TimeProvider time, CancellationToken aborted)
    {
        _call = call;
        _target = target;
        _sink = sink;
        _time = time;
        Deployment deployment = target.Deployment;
        RouterSettings router = call.Snapshot.Snapshot.Router;
        bool stream = call.Facts.Stream;
        TimeSpan plain = deployment.Timeout ?? router.Timeout;
        _gap = deployment.StreamTimeout ?? deployment.Timeout ?? router.StreamTimeout ?? router.Timeout;
        _watch = stream
            ? AttemptWatch.Start(time, AttemptStage.FirstEvent, _gap, router.StreamTotalTimeout, aborted)
            : AttemptWatch.Start(time, AttemptStage.Answer, plain, null, aborted);
    }

    private string Provider => _target.Deployment.Provider.Id;

    /// <summary>Makes the attempt.</summary>
    /// <returns>Null once an answer was committed to (the call says how it went on); else the error, and nothing has gone to the client.</returns>
    public static async ValueTask<ApiError?> RunAsync(Call call, Callable target, IAnswerSink sink, TimeProvider time, CancellationToken aborted)
    {
        var edits = new BodyEdits();
        if (RequestSplice.Compute(call, target, edits) is { } refused)
        {
            return refused;
        }

        var attempt = new Attempt(call, target, sink, time, aborted);
        long start = time.GetTimestamp();
        try
        {
            ApiError? error = await attempt.SendAsync(edits).ConfigureAwait(false);
            if (error is not null)
            {
                call.UpstreamTicks += time.GetTimestamp() - start;
            }

            return error;
        }
        finally
        {
            attempt._watch.Dispose();
        }
    }

    private async ValueTask<ApiError?> SendAsync(BodyEdits edits)
    {
        long start = _time.GetTimestamp();
        HttpResponseMessage response;
        try
        {
            response = await _target.Pool.SendAsync(Request(edits), _watch.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            return Failure(e, "sending the request");
        }

        using (response)
        {
            try
            {
                if (!response.IsSuccessStatusCode)
                {
                    return await ReadErrorAsync(response).ConfigureAwait(false);
                }

                string? type = ContentType(response);
                if (type is not null && type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
                {
                    return await ForwardStreamAsync(response, type, start).ConfigureAwait(false);
                }

                return _call.Lane.AnswersJson
                    ? await ForwardPlainAsync(response, type, start).ConfigureAwait(false)
                    : await ForwardBinaryAsync(response, type, start).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
            {
                ApiError error = Failure(e, "reading the answer");
                if (_call.FirstByteTimestamp == 0)
                {
                    return error;
                }

                _call.Error ??= error;
                return null;
            }
        }
    }

    private HttpRequestMessage Request(BodyEdits edits)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _target.UriFor(_call.Lane))
        {
            Version = Http11,
            Content = new UpstreamBody(_call.Body.Memory, edits, _call.ContentType),
        };
        if (_target.KeyHeader is { } header)
        {
            request.Headers.TryAddWithoutValidation(header, _target.KeyValue);
        }

        request.Headers.TryAddWithoutValidation("User-Agent", "interline");
        if (_target.Deployment.Organization is { } organization)
        {
            request.Headers.TryAddWithoutValidation("OpenAI-Organization", organization);
        }

        foreach ((string name, Secret value) in _target.Deployment.ExtraHeaders)
        {
            request.Headers.TryAddWithoutValidation(name, value.Reveal());
        }

        return request;
    }

    private static string? ContentType(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;

    /// <summary>Commits to an answer.</summary>
    private void Begin(in AnswerHead head, long start)
    {
        long now = _time.GetTimestamp();
        _call.UpstreamTicks += now - start;
        _call.FirstByteTimestamp = now;
        _call.Status = head.Status;
        _call.Streamed = head.IsStream;
        _sink.Begin(_call, head);
    }

    private ApiError Failure(Exception e, string doing)
    {
        if (_watch.ClientLeft || (e is OperationCanceledException && !_watch.Expired && _call.FirstByteTimestamp > 0))
        {
            return new(ErrorKind.ClientGone, 499, "The client closed the connection.");
        }

        if (_watch.Expired)
        {
            return _watch.Error(Provider);
        }

        if (e is OperationCanceledException)
        {
            return new(ErrorKind.Timeout, 504, $"No connection to {Provider} could be made within the connect timeout.");
        }

        // Addresses of upstreams are not for callers: only what kind of failure it was.
        string what = (e as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "its host name could not be resolved",
            HttpRequestError.ConnectionError => "the connection was refused or could not be made",
            HttpRequestError.SecureConnectionError => "no secure connection could be made",
            HttpRequestError.ResponseEnded => "it closed the connection in the middle of its answer",
            HttpRequestError.InvalidResponse => "its answer is not HTTP",
            _ => "the connection was lost",
        };
        return new(ErrorKind.Network, 502, $"{Provider} could not be reached while {doing}: {what}.");
    }
}
