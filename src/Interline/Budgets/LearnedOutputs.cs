using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>
/// How long the answers were that each key got of each model group without saying how long they may be. Bounded by two generations: when the younger is full the older is
/// forgotten, and what is asked for again moves on. Thread-safe.
/// </summary>
internal sealed class LearnedOutputs(int capacity = 10_000)
{
    private const double Share = 0.99;

    private readonly Lock _lock = new();
    private Dictionary<(string Key, string Model), OutputHistogram> _young = [];
    private Dictionary<(string Key, string Model), OutputHistogram> _old = [];

    /// <summary>What ninety-nine of a hundred answers did not exceed; null while too few are known.</summary>
    public long? Of(string key, string model)
    {
        lock (_lock)
        {
            return Find((key, model))?.Quantile(Share);
        }
    }

    /// <summary>Counts an answer.</summary>
    public void Add(string key, string model, long tokens)
    {
        lock (_lock)
        {
            OutputHistogram? known = Find((key, model));
            if (known is null)
            {
                known = new OutputHistogram();
                Keep((key, model), known);
            }

            known.Add(tokens);
        }
    }

    private OutputHistogram? Find((string, string) of)
    {
        if (_young.TryGetValue(of, out OutputHistogram? known))
        {
            return known;
        }

        if (_old.Remove(of, out known))
        {
            Keep(of, known);
        }

        return known;
    }

    private void Keep((string, string) of, OutputHistogram histogram)
    {
        if (_young.Count >= capacity / 2)
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
        }

        _young[of] = histogram;
    }
}
