namespace Interline.Protocols.Conversation;

/// <summary>What was done with something the other wire format cannot say.</summary>
public enum LossAction
{
    /// <summary>Left out.</summary>
    Dropped,

    /// <summary>Written with another value.</summary>
    Changed,

    /// <summary>Written at another place.</summary>
    Moved,

    /// <summary>Said by other means, such as instructions in place of a setting.</summary>
    Emulated,
}

/// <summary>One thing that a translation between wire formats could not carry over as it was.</summary>
/// <param name="Field">The field in the words of the format it was read from, such as <c>messages[2].name</c>.</param>
/// <param name="Action">What was done.</param>
/// <param name="Why">The reason, for a person.</param>
public sealed record TranslationLoss(string Field, LossAction Action, string Why);

/// <summary>Collects the losses of one translation. Bounded: a request of a thousand odd messages is told once, with a count.</summary>
public sealed class LossList
{
    /// <summary>How many losses are kept with their text.</summary>
    public const int Limit = 256;

    private readonly List<TranslationLoss> _losses = [];

    /// <summary>The first <see cref="Limit"/> losses.</summary>
    public IReadOnlyList<TranslationLoss> Losses => _losses;

    /// <summary>All losses, those not kept included.</summary>
    public int Count { get; private set; }

    /// <summary>Reports a loss.</summary>
    /// <param name="field">The field in the words of the format it was read from.</param>
    /// <param name="action">What was done.</param>
    /// <param name="why">The reason, for a person.</param>
    public void Add(string field, LossAction action, string why)
    {
        Count++;
        if (_losses.Count < Limit)
        {
            _losses.Add(new TranslationLoss(field, action, why));
        }
    }

    /// <summary>Reports every field of another format than <paramref name="target"/> that the model does not also say.</summary>
    /// <param name="native">The fields, or null.</param>
    /// <param name="target">The format being written.</param>
    /// <param name="path">Where the object is, such as <c>messages[2]</c>; empty for the request itself.</param>
    public void AddForeign(NativeFields? native, WireFormat target, string path)
    {
        if (native is null || native.Format == target)
        {
            return;
        }

        foreach (NativeField field in native)
        {
            if (!field.Understood && !field.Value.IsNull)
            {
                Add(path.Length == 0 ? field.Name : $"{path}.{field.Name}", LossAction.Dropped, $"{target} has no such field");
            }
        }
    }
}
