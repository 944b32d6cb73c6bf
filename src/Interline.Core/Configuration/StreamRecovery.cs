using System.Collections.Frozen;

namespace Interline.Core.Configuration;

/// <summary>What becomes of a stream that breaks off after some of its answer has gone to the client. Our own key <c>stream_recovery</c>.</summary>
public enum StreamRecovery
{
    /// <summary>It ends with an error in the stream.</summary>
    Off,

    /// <summary>Another deployment goes on from the text so far where its model is known to be able to; else as <see cref="Restart"/>.</summary>
    Continue,

    /// <summary>Another deployment answers anew, and what the client has is left out of its answer, if it begins with exactly that.</summary>
    Restart,
}

/// <summary>Names of <see cref="StreamRecovery"/> in files and requests.</summary>
public static class StreamRecoveries
{
    /// <summary>What is expected, in words.</summary>
    public const string Expected = "off, continue or restart";

    private static readonly FrozenDictionary<string, StreamRecovery> Named = new Dictionary<string, StreamRecovery>(StringComparer.Ordinal)
    {
        ["off"] = StreamRecovery.Off,
        ["continue"] = StreamRecovery.Continue,
        ["restart"] = StreamRecovery.Restart,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names, in order.</summary>
    public static IEnumerable<string> Names => Named.Keys.Order(StringComparer.Ordinal);

    /// <summary>What a name means; null for one that is none.</summary>
    /// <param name="name">The name.</param>
    public static StreamRecovery? Of(string? name) => name is not null && Named.TryGetValue(name, out StreamRecovery found) ? found : null;

    /// <summary>Reads the key; null if it is absent or wrong, which is told.</summary>
    internal static StreamRecovery? Read(SectionReader section)
    {
        const string Key = "stream_recovery";

        // YAML 1.1 reads `off` as false, and whoever writes false means it.
        string? text = section.Node(Key) is Yaml.YamlScalar { Boolean: false } ? "off" : section.Text(Key);
        if (text is not null && Of(text) is null)
        {
            section.Refuse(Key, $"expected {Expected}, found '{text}'", Nearest.Text(text, Named.Keys));
        }

        return Of(text);
    }
}
