using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Where the parts of a message stood, be it in a tool's result: for reports. Found by one pass over the parts, however many are asked for.</summary>
/// <param name="source">The message's parts as they were read.</param>
/// <param name="path">Where the message was.</param>
internal sealed class PartPlaces(IReadOnlyList<Part> source, string path)
{
    /// <summary>Up to so many parts a look at each is cheaper than an index.</summary>
    private const int Few = 8;

    private readonly string _list = path is "system" ? path : $"{path}.content";
    private Dictionary<Part, (int Outer, int Inner)>? _places;

    /// <summary>The path of a part; of the list if it is not in it.</summary>
    /// <param name="part">The part itself, not one that equals it.</param>
    public string Of(Part part)
    {
        if (source.Count <= Few && _places is null)
        {
            for (int i = 0; i < source.Count; i++)
            {
                if (ReferenceEquals(source[i], part))
                {
                    return $"{_list}[{i}]";
                }
            }
        }

        _places ??= Places();
        return !_places.TryGetValue(part, out (int Outer, int Inner) place) ? _list
            : place.Inner < 0 ? $"{_list}[{place.Outer}]"
            : $"{_list}[{place.Outer}].content[{place.Inner}]";
    }

    private Dictionary<Part, (int Outer, int Inner)> Places()
    {
        Dictionary<Part, (int Outer, int Inner)> places = new(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < source.Count; i++)
        {
            Part part = source[i];
            places.TryAdd(part, (i, -1));
            for (int j = 0; part is ToolResultPart result && j < result.Parts.Count; j++)
            {
                places.TryAdd(result.Parts[j], (i, j));
            }
        }

        return places;
    }
}
