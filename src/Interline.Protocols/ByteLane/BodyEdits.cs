namespace Interline.Protocols.ByteLane;

/// <summary>One listed edit on a body: <paramref name="Length"/> bytes at <paramref name="Start"/> give way to <paramref name="Replacement"/>.</summary>
/// <param name="Start">Offset in the original body.</param>
/// <param name="Length">Bytes taken out; 0 inserts.</param>
/// <param name="Replacement">Bytes put in; empty removes.</param>
public readonly record struct BodyEdit(int Start, int Length, ReadOnlyMemory<byte> Replacement);

/// <summary>The listed edits of one attempt, in order of their place. The original body is never changed: other attempts need it.</summary>
public sealed class BodyEdits
{
    private BodyEdit[] _edits = new BodyEdit[2];

    /// <summary>Number of edits.</summary>
    public int Count { get; private set; }

    /// <summary>The edits, by rising place, not overlapping.</summary>
    public ReadOnlySpan<BodyEdit> Items => _edits.AsSpan(0, Count);

    /// <summary>Adds an edit; places may come in any order and must not overlap. Text put in where something is taken out stands before it.</summary>
    /// <param name="edit">The edit.</param>
    public void Add(BodyEdit edit)
    {
        if (Count == _edits.Length)
        {
            Array.Resize(ref _edits, Count * 2);
        }

        int at = Count++;
        while (at > 0 && (_edits[at - 1].Start > edit.Start || (_edits[at - 1].Start == edit.Start && edit.Length == 0 && _edits[at - 1].Length > 0)))
        {
            _edits[at] = _edits[at - 1];
            at--;
        }

        _edits[at] = edit;
    }

    /// <summary>Length of the edited body.</summary>
    /// <param name="original">Length of the original body.</param>
    public long LengthOf(int original)
    {
        long length = original;
        foreach (ref readonly BodyEdit edit in Items)
        {
            length += edit.Replacement.Length - edit.Length;
        }

        return length;
    }

    /// <summary>Writes the edited body.</summary>
    /// <param name="body">The original body.</param>
    /// <param name="destination">Exactly <see cref="LengthOf"/> bytes.</param>
    public void Apply(ReadOnlySpan<byte> body, Span<byte> destination)
    {
        int from = 0;
        foreach (ref readonly BodyEdit edit in Items)
        {
            body[from..edit.Start].CopyTo(destination);
            destination = destination[(edit.Start - from)..];
            edit.Replacement.Span.CopyTo(destination);
            destination = destination[edit.Replacement.Length..];
            from = edit.Start + edit.Length;
        }

        body[from..].CopyTo(destination);
    }
}
