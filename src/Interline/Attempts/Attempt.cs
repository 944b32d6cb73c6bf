using System.Net;
using System.Runtime.CompilerServices;
using Interline.Calls;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Ledger;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Translation;
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
    private readonly AttemptTranslation? _translation;
    private readonly Callable _target;
    private readonly IAnswerSink _sink;
    private readonly TimeProvider _time;
    private readonly AttemptWatch _watch;
    private readonly TimeSpan _gap;
    private readonly long _start;
    private bool _refused;

    private Attempt(Call call, AttemptTranslation? translation, Callable target, IAnswerSink sink, TimeProvider time, CancellationToken aborted)
    {
        _call = call;
        _translation = translation;
        _target = target;
        _sink = sink;
        _time = time;
        _start = time.GetTimestamp();
        Deployment deployment = target.Deployment;
        RouterSettings router = call.Snapshot.Snapshot.Router;
        bool stream = call.Facts.Stream;
        TimeSpan plain = call.Options.Timeout ?? deployment.Timeout ?? router.Timeout;
        _gap = call.Options.StreamTimeout ?? call.Options.Timeout ?? deployment.StreamTimeout ?? deployment.Timeout ?? router.StreamTimeout ?? router.Timeout;
        _watch = stream
            ? AttemptWatch.Start(time, _start, AttemptStage.FirstEvent, _gap, router.StreamTotalTimeout, aborted)
            : AttemptWatch.Start(time, _start, AttemptStage.Answer, plain, null, aborted);
    }

    /// <summary>Byte lane of the provider's format.</summary>
    private Lane Lane => _translation?.Lane ?? _call.Lane;

    /// <summary>Takes down what this attempt uses.</summary>
    private Metering Meter => new(_call, _target.Deployment, Lane, _translation?.Body ?? _call.Body.Memory, _time, _start);

    private string Provider => _target.Deployment.Provider.Id;

    /// <summary>The tier that this provider was asked for, in its own words.</summary>
    private string? AskedTier => _translation is null ? _call.Facts.ServiceTier : _translation.Facts.ServiceTier;

    /// <summary>Makes the attempt.</summary>
    /// <returns>Null once an answer was committed to (the call says how it went on); else the error, and nothing has gone to the client.</returns>
    public static ValueTask<ApiError?> RunAsync(Call call, Callable target, IAnswerSink sink, TimeProvider time, CancellationToken aborted)
    {
        AttemptTranslation? translation = null;
        call.Losses = null;
        call.DroppedParameters = [];
        if (!target.Speaks(call.Lane.Wire))
        {
            if (Translate(call, target, out translation) is { } unreadable)
            {
                return new ValueTask<ApiError?>(unreadable);
            }

            if (translation is null)
            {
                CallCost.Note(call, target.Deployment, new Used { IsFree = true });
                return TokenEstimate.AnswerAsync(call, sink, time);
            }
        }

        var edits = new BodyEdits();
        return RequestSplice.Compute(call, translation, target, edits) is { } refused
            ? new ValueTask<ApiError?>(refused)
            : new Attempt(call, translation, target, sink, time, aborted).SendAsync(edits);
    }

    private static ApiError? Translate(Call call, Callable target, out AttemptTranslation? translation)
    {
        try
        {
            return AttemptTranslation.Make(call, target, out translation);
        }
        catch (Exception e) when (AttemptTranslation.IsFault(e))
        {
            translation = null;
            return AttemptTranslation.Fault(e, "request");
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ApiError?> SendAsync(BodyEdits edits)
    {
        string doing = "sending the request";
        ApiError? error;
        HttpRequestMessage request = Request(edits);
        try
        {
            using HttpResponseMessage response = await _target.Pool.SendAsync(request, _watch.Token).ConfigureAwait(false);
            doing = "reading the answer";
            error = await ReadAsync(response).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            error = Failure(e, doing);
            if (_call.FirstByteTimestamp != 0)
            {
                _call.Error ??= error;
                error = null;
            }
        }
        finally
        {
            _watch.Dispose();
        }

        if (error is not null)
        {
            _call.UpstreamTicks += _time.GetTimestamp() - _start;
            if (error.Kind is ErrorKind.ClientGone or ErrorKind.Timeout && !_refused && _call.Usage is null && request.Content is UpstreamBody { IsSent: true })
            {
                // Nobody waited for the answer; its provider has read the request all the same.
                CallCost.Note(_call, _target.Deployment, Meter.Asked(AskedTier));
            }
        }

        return error;
    }

    private ValueTask<ApiError?> ReadAsync(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            _refused = true;
            return ReadErrorAsync(response);
        }

        string? type = ContentType(response);
        bool isStream = type is not null && (type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase)
            || (Lane.Framing == StreamFraming.JsonArray && type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)));
        return isStream ? new StreamPass(this, response, type!).RunAsync()
            : Lane.Sniffs(type) ? ForwardPlainAsync(response, type)
            : ForwardBinaryAsync(response, type);
    }

    private HttpRequestMessage Request(BodyEdits edits)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _target.UriFor(Lane))
        {
            Version = Http11,
            Content = new UpstreamBody(_translation?.Body ?? _call.Body.Memory, edits, _call.ContentType),
        };
        if (_target.KeyHeader is { } header)
        {
            request.Headers.TryAddWithoutValidation(header, _target.KeyValue);
        }

        request.Headers.TryAddWithoutValidation("User-Agent", "interline");
        AddFormatHeaders(request);
        if (_target.Deployment.Organization is { } organization)
        {
            request.Headers.TryAddWithoutValidation("OpenAI-Organization", organization);
        }

        foreach ((string name, Secret value) in _target.Deployment.ExtraHeaders)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value.Reveal());
        }

        return request;
    }

    /// <summary>What the caller says in headers goes on to a provider of its own format; another format's provider gets what that format asks for.</summary>
    private void AddFormatHeaders(HttpRequestMessage request)
    {
        if (_translation is null)
        {
            foreach ((string name, string value) in _call.PassedHeaders)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (Lane.VersionHeader is { } version && !request.Headers.NonValidated.Contains(version.Key))
        {
            request.Headers.TryAddWithoutValidation(version.Key, version.Value);
        }
    }

    private static string? ContentType(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;

    /// <summary>Commits to an answer.</summary>
    private void Begin(in AnswerHead head)
    {
        long now = _time.GetTimestamp();
        _call.UpstreamTicks += now - _start;
        _call.FirstByteTimestamp = now;
        _call.Status = head.Status;
        _call.Streamed = head.IsStream;
        _target.Health.Answers(now);
        _sink.Begin(_call, head);
    }

    /// <summary>The answer is whole and nothing of its end has gone to the client: now it is booked.</summary>
    private void Book() => _call.Book();

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
            return new(ErrorKind.Timeout, 504, $"No connection to {Provider} could be made within the connect timeout.") { Fault = ConnectionFault.Slow };
        }

        // Addresses of upstreams are not for callers: only what kind of failure it was.
        (string what, ConnectionFault fault) = (e as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => ("its host name could not be resolved", ConnectionFault.Name),
            HttpRequestError.ConnectionError => ("the connection was refused or could not be made", ConnectionFault.Refused),
            HttpRequestError.SecureConnectionError => ("no secure connection could be made", ConnectionFault.Secure),
            HttpRequestError.ResponseEnded => ("it closed the connection in the middle of its answer", ConnectionFault.Lost),
            HttpRequestError.InvalidResponse => ("its answer is not HTTP", ConnectionFault.Lost),
            _ => ("the connection was lost", ConnectionFault.Lost),
        };
        return new(ErrorKind.Network, 502, $"{Provider} could not be reached while {doing}: {what}.") { Fault = fault };
    }
}
