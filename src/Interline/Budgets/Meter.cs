using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>What came of setting something aside.</summary>
internal enum Taking
{
    /// <summary>It is set aside.</summary>
    Taken,

    /// <summary>There is no room.</summary>
    Full,

    /// <summary>This node has not leased enough; more may be had.</summary>
    Short,

    /// <summary>What was spent before is not known yet.</summary>
    Unread,

    /// <summary>It could not be found out whether there is room, and then it is to be refused.</summary>
    Lost,
}

/// <summary>
/// One counter in a window on this node: the part of it that does not depend on whether it counts dollars or pieces. All meters of a scope have one lock, so that a call enters
/// it once for all of them: methods that end in <c>Locked</c> want it held, all others take it themselves.
/// </summary>
internal abstract class Meter(Scope scope, MeterUnit unit, Lock gate)
{
    /// <summary>Whose it is.</summary>
    public Scope Scope => scope;

    /// <summary>What it counts.</summary>
    public MeterUnit Unit => unit;

    /// <summary>Whether nothing is set aside and nobody has asked for it since a moment, in seconds since 1970.</summary>
    public abstract bool IsIdleSince(long moment);

    /// <summary>When it was asked last, in seconds since 1970.</summary>
    public abstract long LastUse { get; }

    /// <summary>The clock.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>The lock of its scope. Never two of them at once, and nothing is called under it that could ask for another: a lease source may call other meters back.</summary>
    protected Lock Gate => gate;

    /// <summary>How it stands.</summary>
    /// <param name="now">Seconds since 1970.</param>
    public MeterReading Read(long now)
    {
        lock (gate)
        {
            return ReadLocked(now);
        }
    }

    /// <summary>The same.</summary>
    public abstract MeterReading ReadLocked(long now);

    /// <summary>Whether more should be leased before it is needed.</summary>
    public abstract bool IsLowLocked { get; }

    /// <summary>Leases more if it is low, without waiting for it.</summary>
    public abstract void TopUp();

    /// <summary>Reads what was spent before this node knew of it, or joins who does; false if it could not be read.</summary>
    public abstract Task<bool> LearnAsync();

    /// <summary>A call has waited long enough for what was spent before: until it is known the others do not wait.</summary>
    public abstract void GiveUpLearning();

    /// <summary>A call has waited long enough for a lease; where the source does not answer at all the others do not wait for a while.</summary>
    /// <param name="patience">How long it may wait.</param>
    public abstract void GiveUpFilling(TimeSpan patience);

    /// <summary>Asks for more, or joins who does. The calls that wait have said how much before.</summary>
    public abstract Task<LeaseOutcome> FillAsync();

    /// <summary>Gives back what is leased and not used.</summary>
    public abstract void GiveBack();

    /// <summary>The same if it is this meter, in this window, that another node wants.</summary>
    public abstract void GiveBack(MeterId wanted);

    /// <summary>What is done each second: what is idle goes back, the next minute is leased ahead.</summary>
    /// <param name="now">Seconds since 1970.</param>
    public abstract void Upkeep(long now);
}
