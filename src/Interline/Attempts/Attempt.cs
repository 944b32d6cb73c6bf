using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Interline.Calls;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Ledger;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Recovery;
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
    private bool _begun;

    private Attempt(Call call, AttemptTranslation? translation, Callable target, bool hasOther, IAnswerSink sink, TimeProvider time, CancellationToken aborted)
    {
        _call = call;
        _translation = translation;
        _target = target;
        _sink = sink;
        _time = time;
        _start = time.GetTimestamp();
        var limits = new AttemptLimits(call, target, hasOther);
        _gap = limits.Gap;
        _watch = call.Facts.Stream
            ? AttemptWatch.Start(time, _start, AttemptStage.FirstEvent, limits.FirstEvent, limits.Total, aborted, call.Stop)
            : AttemptWatch.Start(time, _start, AttemptStage.Answer, limits.Plain, null, aborted, call.Stop);
    }

    /// <summary>Byte lane of the provider's format.</summary>
    private Lane Lane => _translation?.Lane ?? _call.Lane;

    /// <summary>Takes down what this attempt uses.</summary>
    private Metering Meter => new(_call, _target.Deployment, Lane, _translation?.Body ?? _call.Body.Memory, _time, _start);

    private string Provider => _target.Deployment.Provider.Id;

    /// <summary>The tier that this provider was asked for, in its own words.</summary>
    private string? AskedTier => _translation is null ? _call.Facts.ServiceTier : _translation.Facts.ServiceTier;

    /// <summary>Makes the attempt.</summary>
    /// <param name="call">The call.</param>
    /// <param name="target">Who is asked.</param>
    /// <param name="hasOther">Whether somebody else would be asked if it were not answered in time.</param>
    /// <param name="sink">Where the answer goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="aborted">Cancelled when the client leaves.</param>
    /// <returns>
    /// Null once an answer was committed to (the call says how it went on); else the error, and nothing has gone to the client, or what has can be carried on (<see cref="Call.Carried"/>).
    /// </returns>
    public static ValueTask<ApiError?> RunAsync(Call call, Callable target, bool hasOther, IAnswerSink sink, TimeProvider time, CancellationToken aborted)
    {
        AttemptTranslation? translation = null;
        call.Carried?.Ask(target);
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
        if (RequestSplice.Compute(call, translation, target, edits) is { } refused)
        {
            return new ValueTask<ApiError?>(refused);
        }

        if (translation is null && call.Carried?.Prefill is { } prefill && !AssistantPrefill.TryAdd(call.Body.Span, call.Lane.Conversation!.Format, target.Deployment, prefill, edits))
        {
            call.Carried.DropPrefill();
        }

        return new Attempt(call, translation, target, hasOther, sink, time, aborted).SendAsync(edits);
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
        bool again = false;
        ApiError? error;
        HttpRequestMessage request = Request(edits);
        try
        {
            do
            {
                try
                {
                    using HttpResponseMessage response = await _target.Pool.SendAsync(request, _watch.Token).ConfigureAwait(false);
                    again = false;
                    doing = "reading the answer";
                    error = await ReadAsync(response).ConfigureAwait(false);
                }
                catch (HttpRequestException e) when (!again && IsStale(e, request))
                {
                    again = true;
                    error = null;
                    request = Request(edits);
                }
                catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
                {
                    again = false;
                    error = Failure(e, doing);
                    if (_begun)
                    {
                        _call.Error ??= error;
                        error = null;
                    }
                }
            }
            while (again);
        }
        finally
        {
            _watch.Dispose();
        }

        if (error is not null && !_begun)
        {
            NoteSilence(error);
            _call.UpstreamTicks += _time.GetTimestamp() - _start;
            if (error.Kind is ErrorKind.ClientGone or ErrorKind.Timeout && !_refused && _call.Usage is null && request.Content is UpstreamBody { IsSent: true })
            {
                // Nobody waited for the answer; its provider has read the request all the same.
                CallCost.Note(_call, _target.Deployment, Meter.Asked(AskedTier));
            }
        }

        return error;
    }

    /// <summary>
    /// Whether a connection that had been kept was given up by its other end as the request was on its way, before a byte of an answer. That says nothing about the provider,
    /// so the request goes out once more at once; an answer that breaks off later has another kind of exception.
    /// </summary>
    private static bool IsStale(HttpRequestException e, HttpRequestMessage request) =>
        request.Content is UpstreamBody { OnNewConnection: false } && (e.HttpRequestError == HttpRequestError.ResponseEnded || e.InnerException is IOException { InnerException: SocketException });

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
        if (isStream && !_call.Facts.Stream && _call.Lane.Conversation is not null)
        {
            // It is not read, but it was made, and is paid for.
            CallCost.Note(_call, _target.Deployment, Meter.Asked(AskedTier));
            return new ValueTask<ApiError?>(new ApiError(ErrorKind.Malformed, 502, $"{Provider} answered with a stream though none was asked for."));
        }

        return isStream ? new StreamPass(this, response, type!).RunAsync()
            : _call.Carried is not null ? new ValueTask<ApiError?>(new ApiError(ErrorKind.Malformed, 502, $"{Provider} answered without a stream."))
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
        _begun = true;
        NoteFirstEvent(head.IsStream, now);
        _call.UpstreamTicks += now - _start;
        _call.FirstByteTimestamp = now;
        _call.Status = head.Status;
        _call.Streamed = head.IsStream;
        _target.Health.Answers(now);
        _sink.Begin(_call, head);
    }

    /// <summary>Commits to an answer that carries on another: the client has its head.</summary>
    private void BeginJoined()
    {
        _begun = true;
        NoteFirstEvent(isStream: true, _time.GetTimestamp());
    }

    /// <summary>A model that reasons takes as long as the question is hard: that says nothing of its server.</summary>
    private void NoteFirstEvent(bool isStream, long now)
    {
        if (isStream && !AttemptLimits.MayReason(_call, _target))
        {
            _target.Health.FirstEvents.Add(_time.GetElapsedTime(_start, now));
        }
    }

    /// <summary>Waiting in vain counts too, or a limit that has become too short for a slower server would never grow.</summary>
    private void NoteSilence(ApiError error)
    {
        if (error.Kind == ErrorKind.Timeout && !_refused && _watch.Expired)
        {
            NoteFirstEvent(_call.Facts.Stream, _time.GetTimestamp());
        }
    }

    /// <summary>The answer is whole and nothing of its end has gone to the client: now it is booked.</summary>
    private void Book() => _call.Book();

    private ApiError Failure(Exception e, string doing)
    {
        if (_watch.Stopped && !_watch.ClientLeft)
        {
            return GatewayEnds.Error;
        }

        if (_watch.ClientLeft || (e is OperationCanceledException && !_watch.Expired && _begun))
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
