namespace Interline.Core.Budgets;

/// <summary>
/// How long answers were: 64 counters over classes of length that grow by a fourth root of two, from 16 tokens to a million, so a quantile is told at most 19 % too
/// high and never too low. Newer answers count more: when 4,096 are counted, all counters are halved. Not thread-safe.
/// </summary>
public sealed class OutputHistogram
{
    /// <summary>Answers from which on a quantile says something: with fewer, the hundredth part of them is none.</summary>
    public const int Least = 100;

    private const int Classes = 64;
    private const int Most = 4096;
    private const double First = 16;

    private readonly ushort[] _counts = new ushort[Classes];
    private int _total;

    /// <summary>Counts an answer.</summary>
    /// <param name="tokens">Its output tokens, from 0.</param>
    public void Add(long tokens)
    {
        int index = tokens <= First ? 0 : Math.Min(Classes - 1, (int)Math.Ceiling(4 * Math.Log2(tokens / First) - 1e-9));
        _counts[index]++;
        if (++_total < Most)
        {
            return;
        }

        _total = 0;
        for (int i = 0; i < Classes; i++)
        {
            _counts[i] /= 2;
            _total += _counts[i];
        }
    }

    /// <summary>A length that a share of the answers did not exceed.</summary>
    /// <param name="share">The share, above 0, up to 1; 0.99 for the ninety-ninth hundredth.</param>
    /// <returns>Tokens; null while fewer than <see cref="Least"/> answers were counted, or the share reaches into answers longer than a million tokens.</returns>
    public long? Quantile(double share)
    {
        if (_total < Least)
        {
            return null;
        }

        int wanted = (int)Math.Ceiling(share * _total);
        int seen = 0;
        for (int i = 0; i < Classes - 1; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return (long)Math.Ceiling(First * Math.Pow(2, i / 4.0));
            }
        }

        return null;
    }
}
