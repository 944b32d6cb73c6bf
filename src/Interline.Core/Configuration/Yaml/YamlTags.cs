using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Interline.Core.Configuration.Yaml;

/// <summary>Tags: the standard ones are obeyed, any other is refused, as PyYAML's safe loader does (a foreign tag asks the reader to make an object of it).</summary>
internal static class YamlTags
{
    private const string Standard = "tag:yaml.org,2002:";

    /// <summary>Type of a scalar by its tag, else by its quotes, else by its characters.</summary>
    /// <exception cref="SemanticErrorException">The tag is not a standard one.</exception>
    public static YamlScalarType TypeOf(Scalar scalar)
    {
        if (scalar.Tag.IsEmpty)
        {
            return scalar.Style == ScalarStyle.Plain ? YamlNumbers.TypeOfPlain(scalar.Value) : YamlScalarType.Text;
        }

        // "!" alone says: do not guess.
        if (scalar.Tag.IsNonSpecific)
        {
            return YamlScalarType.Text;
        }

        return Name(scalar) switch
        {
            "str" or "timestamp" => YamlScalarType.Text,
            "int" => YamlScalarType.Integer,
            "float" => YamlScalarType.Float,
            "bool" => YamlScalarType.Boolean,
            "null" => YamlScalarType.Null,
            _ => throw Unknown(scalar),
        };
    }

    /// <summary>Refuses a list or mapping with a tag that is neither of these.</summary>
    /// <exception cref="SemanticErrorException">The tag is not a standard one.</exception>
    public static void CheckCollection(NodeEvent collection)
    {
        if (!collection.Tag.IsEmpty && !collection.Tag.IsNonSpecific && Name(collection) != (collection is SequenceStart ? "seq" : "map"))
        {
            throw Unknown(collection);
        }
    }

    /// <summary>Whether a key asks for a merge; in quotes it is an ordinary key.</summary>
    public static bool IsMerge(ParsingEvent key) =>
        key is Scalar { Value: "<<", Style: ScalarStyle.Plain } scalar && scalar.Tag.IsEmpty;

    private static string Name(NodeEvent node)
    {
        string tag = node.Tag.Value;
        return tag.StartsWith(Standard, StringComparison.Ordinal) ? tag[Standard.Length..] : "";
    }

    private static SemanticErrorException Unknown(NodeEvent node) =>
        new(node.Start, node.End, $"the tag '{node.Tag.Value}' is not allowed in a configuration");
}
