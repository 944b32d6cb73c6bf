using System.Collections.Immutable;
using System.Globalization;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>
/// Reads typed values from one mapping and tells what does not fit. Remembers which keys were asked for, so that the rest can be told as ignored:
/// a key is supported because something reads it, not because a list says so.
/// </summary>
internal sealed class SectionReader(ReadScope scope, YamlMapping mapping, string path, ConfigSeverity wrongValue = ConfigSeverity.Error)
{
    /// <summary>Longest span of time in seconds, 24 days: timers of the runtime end there. A longer one is cut to it.</summary>
    private const double LongestSeconds = 24 * 24 * 3600;

    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public ReadScope Scope => scope;

    public YamlMapping Mapping => mapping;

    public string Path => path;

    /// <summary>What a wrong value is told as.</summary>
    public ConfigSeverity WrongValueIs => wrongValue;

    /// <summary>Keys somebody asked for.</summary>
    public IReadOnlyCollection<string> Read => _read;

    /// <summary>Whether a value was wrong.</summary>
    public bool Failed { get; private set; }

    /// <summary>Entries nobody asked for.</summary>
    public IEnumerable<YamlEntry> Unread => mapping.Entries.Where(entry => !_read.Contains(entry.Key));

    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>Place of a key, or of the mapping if it has none.</summary>
    public Place PlaceOf(string key) => mapping.Find(key)?.KeyPlace ?? mapping.Place;

    /// <summary>Place of a key's value, or of the mapping if it has none.</summary>
    public Place ValuePlace(string key) => mapping.Find(key)?.Value.Place ?? mapping.Place;

    /// <summary>Whether a key is there with something in it.</summary>
    public bool Has(string key) => Node(key) is not null;

    /// <summary>Value of a key with a reference to a variable followed; null if absent or nothing.</summary>
    public YamlNode? Node(string key)
    {
        _read.Add(key);
        return mapping.Find(key)?.Value switch
        {
            null => null,
            YamlScalar scalar => scope.Follow(scalar, PathOf(key)) is { IsNull: false } followed ? followed : null,
            YamlNode node => node,
        };
    }

    public string? Text(string key) => Node(key) switch
    {
        null => null,
        YamlScalar scalar => scalar.Text.Trim() is { Length: > 0 } text ? text : null,
        YamlNode node => Wrong<string>(key, "text", node),
    };

    public bool? Flag(string key) => Node(key) switch
    {
        null => null,
        YamlScalar { Boolean: { } value } => value,
        YamlScalar { Number: 0 } => false,
        YamlScalar { Number: 1 } => true,
        YamlNode node => WrongValue<bool>(key, "true or false", node),
    };

    /// <summary>A whole number from <paramref name="least"/> on, or text that is one (<c>"10"</c>, <c>"1e3"</c>).</summary>
    public long? Whole(string key, long least = 0)
    {
        YamlNode? node = Node(key);
        if (node is null)
        {
            return null;
        }

        return node is YamlScalar { Number: { } number } && number == decimal.Truncate(number) && number >= least && number <= long.MaxValue
            ? (long)number
            : WrongValue<long>(key, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} on"), node);
    }

    /// <summary>A whole number that fits an <see cref="int"/>.</summary>
    public int? Count(string key) => Whole(key) is { } value ? (int)Math.Min(value, int.MaxValue) : null;

    /// <summary>A number from 0 on.</summary>
    public decimal? Number(string key)
    {
        YamlNode? node = Node(key);
        return node is null ? null
            : node is YamlScalar { Number: >= 0 and { } number } ? number
            : WrongValue<decimal>(key, "a number from 0 on", node);
    }

    /// <summary>A time in seconds, above 0 unless <paramref name="zero"/> is allowed.</summary>
    public TimeSpan? Seconds(string key, bool zero = false)
    {
        YamlNode? node = Node(key);
        if (node is null)
        {
            return null;
        }

        return node is YamlScalar { Number: { } number } && (number > 0 || (zero && number == 0))
            ? TimeSpan.FromSeconds(Math.Min((double)number, LongestSeconds))
            : WrongValue<TimeSpan>(key, zero ? "seconds from 0 on" : "seconds above 0", node);
    }

    /// <summary>A length of time as LiteLLM's budgets have it: a number and <c>s</c>, <c>m</c>, <c>h</c>, <c>d</c>, <c>w</c> or <c>mo</c> (30 days), or seconds alone.</summary>
    public TimeSpan? Duration(string key)
    {
        TimeSpan? length = Duration(key, out bool rolling);
        return rolling && length is not null ? WrongValue<TimeSpan>(key, "a length of time such as 30s, 5m, 12h, 7d or 1mo", Node(key)!) : length;
    }

    /// <summary>The same of a budget, whose window may roll: <c>rolling 30d</c>.</summary>
    /// <param name="key">Key.</param>
    /// <param name="rolling">Whether <c>rolling</c> stands before it.</param>
    public TimeSpan? Duration(string key, out bool rolling)
    {
        rolling = false;
        YamlNode? node = Node(key);
        if (node is null)
        {
            return null;
        }

        string? text = (node as YamlScalar)?.Text.Trim();
        rolling = text?.StartsWith("rolling ", StringComparison.Ordinal) == true;
        return text is not null && Durations.Parse(rolling ? text["rolling ".Length..] : text) is { } duration
            ? duration
            : WrongValue<TimeSpan>(key, "a length of time such as 30s, 5m, 12h, 7d or 1mo", node);
    }

    /// <summary>A list of texts; one text alone is a list of it. References to variables are followed neither here nor in LiteLLM.</summary>
    public ImmutableArray<string> Texts(string key)
    {
        YamlNode? node = Node(key);
        if (node is not YamlSequence list)
        {
            return node is null ? [] : Text(key) is { } only ? [only] : [];
        }

        var texts = ImmutableArray.CreateBuilder<string>(list.Items.Length);
        for (int index = 0; index < list.Items.Length; index++)
        {
            if (list.Items[index] is YamlScalar { IsNull: false } item)
            {
                texts.Add(item.Text);
            }
            else
            {
                RefuseAt(list.Items[index].Place, $"{PathOf(key)}[{index}]", $"expected text, found {list.Items[index].Kind}");
            }
        }

        return texts.ToImmutable();
    }

    /// <summary>A mapping.</summary>
    public YamlMapping? Section(string key) => Node(key) switch
    {
        null => null,
        YamlMapping section => section,
        YamlNode node => Wrong<YamlMapping>(key, "a mapping", node),
    };

    /// <summary>A list.</summary>
    public YamlSequence? List(string key) => Node(key) switch
    {
        null => null,
        YamlSequence list => list,
        YamlNode node => Wrong<YamlSequence>(key, "a list", node),
    };

    /// <summary>Takes over that a section in this one had a wrong value.</summary>
    public void Join(SectionReader inner) => Failed |= inner.Failed;

    /// <summary>Marks keys as read without reading them, because something else did.</summary>
    public void Skip(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            _read.Add(key);
        }
    }

    /// <summary>Tells that the value of a key does not fit.</summary>
    public void Refuse(string key, string message, string? suggestion = null)
    {
        Failed = true;
        scope.Problems.Add(wrongValue, mapping.Find(key)?.Value.Place ?? mapping.Place, PathOf(key), message, suggestion);
    }

    /// <summary>Tells that something inside a value does not fit.</summary>
    public void RefuseAt(Place place, string at, string message)
    {
        Failed = true;
        scope.Problems.Add(wrongValue, place, at, message);
    }

    private T? Wrong<T>(string key, string expected, YamlNode found)
        where T : class
    {
        Refuse(key, $"expected {expected}, found {Found(key, found)}");
        return null;
    }

    private T? WrongValue<T>(string key, string expected, YamlNode found)
        where T : struct
    {
        Refuse(key, $"expected {expected}, found {Found(key, found)}");
        return null;
    }

    // What came from a variable is not shown: it may be a credential put under the wrong key.
    private string Found(string key, YamlNode found) =>
        mapping.Find(key) is { } entry && ReadScope.ReferenceOf(entry.Value) is { } variable ? $"something else in the environment variable {variable}"
        : found is YamlScalar { Text.Length: <= 40 } scalar ? $"'{scalar.Text}'"
        : found.Kind;
}
