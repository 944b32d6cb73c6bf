namespace Interline.Core.Cooldown;

/// <summary>
/// Whether a deployment is asked: closed (it is), open (it cools), half open (its cooldown is over and one call tries it). What it does is told from outside, with clock
/// timestamps; it has no clock and no chance of its own. Changes happen under the lock of its owner; what is said to need none is atomic by itself.
/// </summary>
public sealed class Circuit
{
    private long _until;
    private int _probes;
    private int _openings;
    private bool _rateLimited;

    /// <summary>Timestamp at which its cooldown ends or has ended; 0 while it is closed. Needs no lock.</summary>
    public long Until => Volatile.Read(ref _until);

    /// <summary>Whether it opened because of a rate limit.</summary>
    public bool RateLimited => _rateLimited;

    /// <summary>Whether a call is trying it. Needs no lock.</summary>
    public bool IsProbing => Volatile.Read(ref _probes) > 0;

    /// <summary>How often it opened since a call that tried it went well: what the next cooldown grows by.</summary>
    public int Openings => _openings;

    /// <summary>A call wants to be made. Needs no lock: of two calls that come at once one is the probe.</summary>
    /// <param name="now">Timestamp.</param>
    /// <param name="force">Whether the call has nowhere else to go, so that it is let through beside another probe.</param>
    /// <param name="probe">Whether it is one that decides what becomes of the circuit; then <see cref="Leave"/> follows.</param>
    /// <returns>Whether it may be made. An open circuit lets it pass: who was sent here before it opened is not sent back.</returns>
    public bool TryEnter(long now, bool force, out bool probe)
    {
        long until = Until;
        if (until == 0 || now < until)
        {
            probe = false;
            return true;
        }

        if (force)
        {
            Interlocked.Increment(ref _probes);
            return probe = true;
        }

        return probe = Interlocked.CompareExchange(ref _probes, 1, 0) == 0;
    }

    /// <summary>A probe has ended, however. Needs no lock.</summary>
    public void Leave() => Interlocked.Decrement(ref _probes);

    /// <summary>An answer begins. A probe that is answered lets the others back at once, for its answer may take minutes; what it ends with still counts.</summary>
    /// <param name="now">Timestamp.</param>
    public void Answers(long now)
    {
        if (_until != 0 && now >= _until && IsProbing)
        {
            Volatile.Write(ref _until, 0);
        }
    }

    /// <summary>A probe went well.</summary>
    /// <param name="now">Timestamp. A circuit that was opened again meanwhile, from elsewhere, stays so.</param>
    public void Close(long now)
    {
        if (now >= _until)
        {
            Volatile.Write(ref _until, 0);
            _openings = 0;
        }
    }

    /// <summary>It opens, or stays open for another time.</summary>
    /// <param name="until">Timestamp at which its cooldown ends.</param>
    /// <param name="rateLimited">Whether because of a rate limit.</param>
    public void Open(long until, bool rateLimited)
    {
        _rateLimited = rateLimited;
        _openings = Math.Min(_openings + 1, 32);
        Volatile.Write(ref _until, until);
    }
}
