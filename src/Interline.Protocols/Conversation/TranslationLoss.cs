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

/// <summary>Collects the losses of one translation, each place once: a stream says many things in every event. Bounded: beyond <see cref="Limit"/> losses are only counted.</summary>
public sealed class LossList
{
    /// <summary>How many losses are kept with their text.</summary>
    public const int Limit = 256;

    private readonly List<TranslationLoss> _losses = [];
    private readonly HashSet<(string, LossAction)> _told = [];

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
        if (_losses.Count == Limit)
        {
            Count++;
        }
        else if (_told.Add((field, action)))
        {
            Count++;
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
            string at = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            if (!field.Understood && !field.Value.IsNull)
            {
                Add(at, LossAction.Dropped, $"{Name(target)} has no such field");
            }

            AddUnread(field.Unread, target, at);
        }
    }

    /// <summary>Reports what a usage object of another format says beyond <see cref="Usage"/>.</summary>
    /// <param name="native">The object, or null.</param>
    /// <param name="target">The format being written.</param>
    public void AddForeign(NativeUsage? native, WireFormat target)
    {
        if (native is not null && native.Format != target)
        {
            AddUnread(native.Unread, target, "usage");
        }
    }

    /// <summary>Reports what a citation of another format says beyond <see cref="Citation"/>'s properties.</summary>
    /// <param name="citation">The citation.</param>
    /// <param name="target">The format being written.</param>
    /// <param name="path">Where it is, such as <c>choices[0].message.annotations</c>.</param>
    public void AddForeign(Citation citation, WireFormat target, string path)
    {
        if (citation.Format is { } format && format != target)
        {
            AddUnread(citation.Unread, target, path);
        }
    }

    /// <summary>A format's name in a sentence.</summary>
    private static string Name(WireFormat format) => format switch
    {
        WireFormat.OpenAIChat => "OpenAI Chat",
        WireFormat.AnthropicMessages => "Anthropic",
        _ => format.ToString(),
    };

    private void AddUnread(IReadOnlyList<string> unread, WireFormat target, string path)
    {
        foreach (string inner in unread)
        {
            Add($"{path}.{inner}", LossAction.Dropped, $"{Name(target)} has no such field");
        }
    }
}
