using System.Numerics;
using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>What was used in the pieces of a rolling window. Not thread-safe: its meter's lock guards it.</summary>
internal sealed class RollingSpend<T>
    where T : struct, INumber<T>
{
    /// <summary>One more than the pieces of the window: the oldest counts whole while any of it is inside.</summary>
    private readonly T[] _pieces = new T[BudgetWindow.Buckets + 1];
    private readonly long _seconds;
    private long _newest;

    public RollingSpend(BudgetWindow window, long now)
    {
        _seconds = window.BucketSeconds;
        _newest = now / _seconds;
    }

    /// <summary>Length of the window in seconds, in whole pieces.</summary>
    public long Length => _seconds * BudgetWindow.Buckets;

    /// <summary>Number of the newest piece.</summary>
    public long Newest => _newest;

    /// <summary>When the next piece begins, in seconds since 1970.</summary>
    public long NextAt => (_newest + 1) * _seconds;

    /// <summary>Moves on to a moment; what falls out of the window is given back.</summary>
    public T Advance(long now)
    {
        T gone = T.Zero;
        for (long to = now / _seconds; _newest < to;)
        {
            // After a silence longer than the window every piece was emptied once, and the rest of the way is empty.
            _newest = to - _newest > _pieces.Length ? to - _pieces.Length : _newest + 1;
            ref T piece = ref _pieces[_newest % _pieces.Length];
            gone += piece;
            piece = T.Zero;
        }

        return gone;
    }

    /// <summary>Adds to a piece; false if it is out of the window.</summary>
    public bool Add(long piece, T amount)
    {
        if (piece <= _newest - _pieces.Length)
        {
            return false;
        }

        _pieces[piece % _pieces.Length] += amount;
        return true;
    }
}
