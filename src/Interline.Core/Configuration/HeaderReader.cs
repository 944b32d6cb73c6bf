using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>Reads headers to add upstream. One that cannot be sent is told and left out.</summary>
internal static class HeaderReader
{
    // RFC 9110, 5.6.2: token.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    // These belong to the connection, not to the request: set by hand they would break its framing or send it to another host.
    private static readonly FrozenSet<string> Framing =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "host", "content-length", "content-type", "expect", "transfer-encoding", "connection", "upgrade", "te", "trailer", "keep-alive", "proxy-connection");

    /// <summary>Adds the headers of a section, a later one in place of an earlier one of its name.</summary>
    public static void Read(SectionReader section, ImmutableArray<KeyValuePair<string, Secret>>.Builder headers)
    {
        foreach (YamlEntry entry in section.Mapping.Entries)
        {
            if (entry.Key.Length == 0 || entry.Key.AsSpan().ContainsAnyExcept(TokenCharacters) || Framing.Contains(entry.Key))
            {
                section.Refuse(entry.Key, "is no header that can be set, it is left out");
                continue;
            }

            string? text = section.Text(entry.Key);
            if (text is not null && EndpointReader.UsableKey(text) is not { } value)
            {
                section.Refuse(entry.Key, "holds a character that no header can carry, it is left out");
            }
            else if (text is not null)
            {
                headers.RemoveAll(header => string.Equals(header.Key, entry.Key, StringComparison.OrdinalIgnoreCase));
                headers.Add(new(entry.Key, new Secret(text)));
            }
        }
    }
}
