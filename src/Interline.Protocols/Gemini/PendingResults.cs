using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>
/// The results of a turn, each to be taken by the call it answers: by its id where both have one, else by its name, the first that fits.
/// Every call looks at the heads of a few queues only, so that thousands of calls in one turn are no work of the square.
/// </summary>
internal sealed class PendingResults
{
    private const string AnyName = "\0";

    private readonly List<(ToolResultPart Result, string Path)> _results;
    private readonly bool[] _taken;
    private readonly Dictionary<string, Queue<int>> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<int>> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<int>> _idless = new(StringComparer.Ordinal);

    /// <summary>Over the results of a turn.</summary>
    /// <param name="results">The results; <see cref="KeepRest"/> leaves those in it that nobody took.</param>
    public PendingResults(List<(ToolResultPart Result, string Path)> results)
    {
        _results = results;
        _taken = new bool[results.Count];
        for (int i = 0; i < results.Count; i++)
        {
            ToolResultPart result = results[i].Result;
            Add(_byName, result.Name ?? AnyName, i);
            if (result.CallId.Length > 0)
            {
                Add(_byId, result.CallId, i);
            }
            else
            {
                Add(_idless, result.Name ?? AnyName, i);
            }
        }
    }

    /// <summary>Takes the first result that answers a call; null if none does.</summary>
    /// <param name="call">The call.</param>
    public (ToolResultPart Result, string Path)? Take(ToolCallPart call)
    {
        Dictionary<string, Queue<int>> named = call.Id.Length > 0 ? _idless : _byName;
        int first = Math.Min(First(named, call.Name), First(named, AnyName));
        if (call.Id.Length > 0)
        {
            first = Math.Min(first, First(_byId, call.Id));
        }

        if (first == int.MaxValue)
        {
            return null;
        }

        _taken[first] = true;
        return _results[first];
    }

    /// <summary>Removes from the turn's results those that were taken.</summary>
    public void KeepRest()
    {
        int at = 0;
        _results.RemoveAll(_ => _taken[at++]);
    }

    private static void Add(Dictionary<string, Queue<int>> queues, string key, int index)
    {
        if (!queues.TryGetValue(key, out Queue<int>? queue))
        {
            queues[key] = queue = new Queue<int>();
        }

        queue.Enqueue(index);
    }

    /// <summary>The first result of a queue that is still there.</summary>
    private int First(Dictionary<string, Queue<int>> queues, string key)
    {
        if (!queues.TryGetValue(key, out Queue<int>? queue))
        {
            return int.MaxValue;
        }

        while (queue.TryPeek(out int index))
        {
            if (!_taken[index])
            {
                return index;
            }

            queue.Dequeue();
        }

        return int.MaxValue;
    }
}
