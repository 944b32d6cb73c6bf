using System.Globalization;

namespace Interline.Calls;

/// <summary>
/// Ids and seeds of calls. An id holds the call's number, so that a bounded store finds it without an index; the node's random part keeps
/// ids of other nodes and earlier runs from being taken for it.
/// </summary>
public sealed class CallIds
{
    private readonly ulong _node;
    private long _last;

    /// <summary>Starts.</summary>
    /// <param name="randomness">64 random bits, drawn once per process.</param>
    public CallIds(ulong randomness) => _node = randomness;

    /// <summary>Draws the next call number, counting from 1.</summary>
    public long Next() => Interlocked.Increment(ref _last);

    /// <summary>The id of a call: 32 hexadecimal digits, node then number.</summary>
    /// <param name="number">Call number.</param>
    public string Id(long number) => string.Create(32, (_node, number), static (span, state) =>
    {
        state._node.TryFormat(span, out _, "x16", CultureInfo.InvariantCulture);
        state.number.TryFormat(span[16..], out _, "x16", CultureInfo.InvariantCulture);
    });

    /// <summary>The number in an id of this node; false for any other text.</summary>
    /// <param name="id">The id.</param>
    /// <param name="number">Call number.</param>
    public bool TryParse(ReadOnlySpan<char> id, out long number)
    {
        number = 0;
        return id.Length == 32
            && ulong.TryParse(id[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong node) && node == _node
            && long.TryParse(id[16..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The seed of a call: all its decisions that need chance follow from it.</summary>
    /// <param name="number">Call number.</param>
    public ulong Seed(long number) => new Core.Routing.Seeded(_node ^ (ulong)number).Next();
}
