using Interline.Core.Configuration;

namespace Interline.Budgets;

/// <summary>What a call asks of each of its scopes.</summary>
/// <param name="Usd">USD of each budget.</param>
/// <param name="Tokens">Tokens of each limit that is not smaller.</param>
/// <param name="Free">Whether dollars are left out.</param>
/// <param name="Now">Seconds since 1970.</param>
/// <param name="Settings">What to do where it cannot be found out whether there is room.</param>
internal readonly record struct Ask(decimal Usd, long Tokens, bool Free, long Now, BudgetSettings Settings);

/// <summary>What a call has used in each of its scopes, and what stands in its place there.</summary>
/// <param name="Reserved">USD set aside in each budget.</param>
/// <param name="Billed">USD the caller is charged.</param>
/// <param name="Upstream">USD the providers charge: what counts for model groups.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="Requests">Requests.</param>
/// <param name="Now">Seconds since 1970.</param>
internal readonly record struct Actual(decimal Reserved, decimal Billed, decimal Upstream, long Tokens, long Requests, long Now);

/// <summary>That a call has set something aside in a meter.</summary>
/// <param name="Meter">The meter.</param>
/// <param name="Stamp">From when.</param>
/// <param name="Pieces">How much of what is no money; dollars are the same in all budgets of a call.</param>
internal readonly record struct Held(Meter Meter, long Stamp, long Pieces);

/// <summary>What a call has set aside in all of its meters, scope by scope. One array, as large as it has to be: it lives as long as its call.</summary>
internal struct HeldList
{
    private Held[] _all;

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Some of them.</summary>
    public readonly ReadOnlySpan<Held> this[Range range] => _all.AsSpan(0, Count)[range];

    /// <summary>One of them.</summary>
    public readonly ref readonly Held this[int index] => ref _all[index];

    /// <summary>Makes room.</summary>
    public void Reserve(int more)
    {
        if (_all is null)
        {
            _all = new Held[more];
        }
        else if (_all.Length < Count + more)
        {
            Array.Resize(ref _all, Count + more);
        }
    }

    /// <summary>Adds one; room was made.</summary>
    public void Add(Meter meter, long stamp, long pieces = 0) => _all[Count++] = new Held(meter, stamp, pieces);

    /// <summary>Forgets those from one on.</summary>
    public void Cut(int from) => Count = from;
}
