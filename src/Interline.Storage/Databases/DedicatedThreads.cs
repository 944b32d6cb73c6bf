using System.Collections.Concurrent;
using System.Globalization;

namespace Interline.Storage.Databases;

/// <summary>A few threads for work that blocks, so that it does not hold those of the thread pool, which serve calls.</summary>
internal sealed class DedicatedThreads : TaskScheduler, IDisposable
{
    // Whoever gives work here holds one of as many permits as there are threads; so it is short.
    private readonly BlockingCollection<Task> _tasks = [];

    public DedicatedThreads(string name, int count)
    {
        for (int i = 0; i < count; i++)
        {
            new Thread(Work) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"{name} {i}") }.Start();
        }
    }

    /// <summary>Does work; what goes on after its awaits stays here too.</summary>
    /// <param name="work">The work.</param>
    public Task<T> RunAsync<T>(Func<Task<T>> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    public void Dispose() => _tasks.CompleteAdding();

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

    private void Work()
    {
        foreach (Task task in _tasks.GetConsumingEnumerable())
        {
            TryExecuteTask(task);
        }

        // The last to leave would be hard to know; nothing here holds more than memory.
    }
}
