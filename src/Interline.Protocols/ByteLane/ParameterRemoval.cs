namespace Interline.Protocols.ByteLane;

/// <summary>
/// Turns "these top-level properties go" into edits that leave the commas right. Neighbours that go are one edit: taken one by one,
/// the last two of an object would leave the comma between them behind.
/// </summary>
public struct ParameterRemoval
{
    private readonly BodyEdits _edits;
    private int _runStart;
    private int _runEnd;
    private int _keptEnd;

    /// <summary>Starts.</summary>
    /// <param name="edits">Where to add the edits.</param>
    public ParameterRemoval(BodyEdits edits)
    {
        _edits = edits;
        _runStart = -1;
        _keptEnd = -1;
    }

    /// <summary>The current property stays.</summary>
    /// <param name="at">The property.</param>
    public void Keep(in JsonParameters at)
    {
        if (_runStart >= 0)
        {
            _edits.Add(new(_runStart, at.NameStart - _runStart, default));
            _runStart = -1;
        }

        _keptEnd = at.ValueEnd;
    }

    /// <summary>The current property goes.</summary>
    /// <param name="at">The property.</param>
    public void Remove(in JsonParameters at)
    {
        if (_runStart < 0)
        {
            _runStart = at.NameStart;
        }

        _runEnd = at.ValueEnd;
    }

    /// <summary>There are no more properties.</summary>
    public void End()
    {
        if (_runStart >= 0)
        {
            int start = _keptEnd >= 0 ? _keptEnd : _runStart;
            _edits.Add(new(start, _runEnd - start, default));
        }
    }
}
