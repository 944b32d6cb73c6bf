using Interline.Core.Configuration;
using Interline.Protocols.Errors;

namespace Interline.Queues;

/// <summary>One call's stay in a group that has a limit. Its fields belong to the queue's lock, but for what the call itself asks.</summary>
internal sealed class QueueTicket
{
    /// <summary>How long a place on a deployment may be free without anybody's saying so: calls that came before the group had a limit hold some, too.</summary>
    private static readonly TimeSpan LongestUnseen = TimeSpan.FromSeconds(1);

    private static readonly ApiError Gone = new(ErrorKind.ClientGone, 499, "The client closed the connection.");

    private readonly TimeProvider _time;
    private readonly string _group;
    private readonly long _start;
    private TaskCompletionSource? _woken;
    private TimeSpan _waited;

    /// <summary>A call that comes to a group.</summary>
    /// <param name="queue">The group's queue.</param>
    /// <param name="limit">The group's limit.</param>
    /// <param name="group">Its name, for errors.</param>
    /// <param name="time">The clock.</param>
    public QueueTicket(GroupGate queue, GroupLimit limit, string group, TimeProvider time)
    {
        Queue = queue;
        Limit = limit;
        _group = group;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>The queue.</summary>
    public GroupGate Queue { get; }

    /// <summary>The limit.</summary>
    public GroupLimit Limit { get; }

    /// <summary>Which call of the group it is, in order of their coming.</summary>
    public long Order { get; set; }

    /// <summary>Where it stood when it first had to wait, 1 being the next; 0 if it has not.</summary>
    public int Place { get; set; }

    /// <summary>Whether it counts as under way.</summary>
    public bool IsIn { get; set; }

    /// <summary>Whether it waits for a deployment, having been let into the group.</summary>
    public bool NeedsPlace { get; set; }

    /// <summary>Whether it was told that its turn has come.</summary>
    public bool IsWoken => _woken is { Task.IsCompleted: true };

    /// <summary>What had become free when the deployments were last looked at.</summary>
    public long Version { get; private set; }

    /// <summary>Its place in the queue; null if it does not wait.</summary>
    public LinkedListNode<QueueTicket>? Node { get; set; }

    /// <summary>Time since it came.</summary>
    public TimeSpan Waited => _time.GetElapsedTime(_start);

    /// <summary>How long it has waited in all.</summary>
    public TimeSpan Queued => _waited;

    /// <summary>Waits until the group takes it.</summary>
    /// <param name="aborted">Cancelled when the client leaves.</param>
    /// <param name="stop">Cancelled when the gateway ends.</param>
    /// <returns>Null once it is in; else the error to give.</returns>
    public ValueTask<ApiError?> EnterAsync(CancellationToken aborted, CancellationToken stop) =>
        !Queue.TryCome(this) ? new ValueTask<ApiError?>(Full()) : IsIn ? default : WaitAsync(Limit.QueueTimeout, aborted, stop);

    /// <summary>Waits until a deployment may be free. It may be taken again when it is looked at, by a call of another limit.</summary>
    public ValueTask<ApiError?> WaitForPlaceAsync(CancellationToken aborted, CancellationToken stop) =>
        Queue.TryWaitForPlace(this) ? WaitAsync(LongestUnseen, aborted, stop) : new ValueTask<ApiError?>(Full());

    /// <summary>The deployments are about to be looked at: what becomes free from now on is news.</summary>
    public void Look() => Version = Queue.Version;

    /// <summary>An attempt has begun.</summary>
    public void Began()
    {
        if (Node is not null)
        {
            Queue.Done(this);
        }
    }

    /// <summary>The call is through with the group.</summary>
    public void Leave() => Queue.Leave(this);

    /// <summary>Its turn may have come.</summary>
    public void Wake() => (_woken ??= New()).TrySetResult();

    /// <summary>It waits again.</summary>
    public bool Renew()
    {
        _woken = _woken is null or { Task.IsCompleted: true } ? New() : _woken;
        return true;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ApiError Full() => new(ErrorKind.Overloaded, 503, Place == 0 && Limit.MaxParallelRequests is { } most && !IsIn
        ? $"`{_group}` has {most} calls under way, as many as it takes, and {Limit.MaxQueue} wait already (model_group_limits)."
        : $"Every deployment of `{_group}` has as many calls as it takes, and {Limit.MaxQueue} wait already (model_group_limits).")
    {
        Code = "queue_full",
        RetryAfter = Queue.Refuse(),
    };

    private async ValueTask<ApiError?> WaitAsync(TimeSpan most, CancellationToken aborted, CancellationToken stop)
    {
        long from = _time.GetTimestamp();
        TimeSpan left = Limit.QueueTimeout - _waited;
        TimeSpan wait = left > most ? most : left > TimeSpan.Zero ? left : TimeSpan.Zero;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, stop);
        try
        {
            await _woken!.Task.WaitAsync(wait, _time, either.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException)
        {
            return aborted.IsCancellationRequested ? Gone : Attempts.GatewayEnds.Error;
        }
        catch (TimeoutException) when (wait < left)
        {
            return null;
        }
        catch (TimeoutException)
        {
            string seconds = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Limit.QueueTimeout.TotalSeconds:0.###} s");
            return new(ErrorKind.Overloaded, 503, $"`{_group}` had no place for this call within {seconds} (queue_timeout).") { Code = "queue_timeout", RetryAfter = Queue.Refuse() };
        }
        finally
        {
            _waited += _time.GetElapsedTime(from);
        }
    }
}
