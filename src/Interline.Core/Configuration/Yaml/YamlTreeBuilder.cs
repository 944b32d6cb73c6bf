using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Interline.Core.Configuration.Yaml;

/// <summary>Builds a tree from parser events. One use per text; throws <see cref="YamlException"/> with a place at the first error.</summary>
internal sealed class YamlTreeBuilder
{
    /// <summary>Deepest nesting; real files stay below 20.</summary>
    private const int MaxDepth = 100;

    /// <summary>Nodes that aliases may add in all. A file of nested aliases ("billion laughs") is small to read and endless to walk; this stops it at its first such alias.</summary>
    private const long MaxAliasedNodes = 1_000_000;

    private const string TabMessage = "a tab cannot separate values; use spaces";

    private readonly string _text;
    private readonly string? _file;
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private readonly ImmutableArray<YamlProblem>.Builder _warnings = ImmutableArray.CreateBuilder<YamlProblem>();
    private long _aliasedNodes;
    private int _depth;

    /// <param name="text">YAML.</param>
    /// <param name="file">The included file it is; null for the main one.</param>
    public YamlTreeBuilder(string text, string? file)
    {
        _text = text;
        _file = file;
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
    }

    public ImmutableArray<YamlProblem> Warnings => _warnings.ToImmutable();

    /// <summary>How far the text was read, for errors that have no place.</summary>
    public Mark Position => _scanner.CurrentPosition;

    /// <summary>Reads the only document; null if there is none.</summary>
    public YamlNode? Read()
    {
        Next();
        if (Next() is StreamEnd)
        {
            return null;
        }

        YamlNode root = Node(Next());
        Next();
        ParsingEvent end = Next();
        return end is StreamEnd ? root : throw Refuse(end, "expected a single document, but found another one");
    }

    private Place At(in Mark mark) => new((int)Math.Max(mark.Line, 1), (int)Math.Max(mark.Column, 1), _file);

    private static SemanticErrorException Refuse(ParsingEvent at, string message) => new(at.Start, at.End, message);

    private ParsingEvent Next() => _parser.MoveNext() ? _parser.Current! : throw new YamlException("the file ends too early");

    private YamlNode Node(ParsingEvent @event)
    {
        switch (@event)
        {
            case AnchorAlias alias:
                return Aliased(alias);
            case Scalar scalar:
                CheckTabBefore(scalar);
                CheckTabAfter(scalar);
                return Anchored(scalar, new YamlScalar(At(scalar.Start), scalar.Value, YamlTags.TypeOf(scalar)));
            case NodeEvent collection and (SequenceStart or MappingStart):
                if (++_depth > MaxDepth)
                {
                    throw Refuse(collection, $"nested more than {MaxDepth} levels deep");
                }

                CheckTabBefore(collection);
                YamlTags.CheckCollection(collection);
                if (!collection.Anchor.IsEmpty)
                {
                    _anchors[collection.Anchor.Value] = null;
                }

                YamlNode node = collection is SequenceStart ? Sequence(collection) : Mapping(collection);
                _depth--;
                return Anchored(collection, node);
            default:
                throw Refuse(@event, "expected a value");
        }
    }

    // YAML 1.2 lets a tab separate; PyYAML, for which the file is written, refuses it. A file that starts here and not there would surprise later.
    private void CheckTabBefore(NodeEvent node)
    {
        int start = (int)node.Start.Index;
        if (start > 0 && start <= _text.Length && _text[start - 1] == '\t')
        {
            Mark place = new(start - 1, node.Start.Line, node.Start.Column - 1);
            throw new SemanticErrorException(place, place, TabMessage);
        }
    }

    private void CheckTabAfter(Scalar scalar)
    {
        int end = (int)scalar.End.Index;
        if (scalar.Style is ScalarStyle.Plain or ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted && end < _text.Length && _text[end] == '\t')
        {
            throw new SemanticErrorException(scalar.End, scalar.End, TabMessage);
        }
    }

    private YamlNode Anchored(NodeEvent @event, YamlNode node)
    {
        if (!@event.Anchor.IsEmpty)
        {
            _anchors[@event.Anchor.Value] = node;
        }

        return node;
    }

    private YamlNode Aliased(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out YamlNode? node))
        {
            throw new MissingAnchorException(alias);
        }

        if (node is null)
        {
            throw Refuse(alias, $"the alias *{alias.Value.Value} stands inside its own anchor");
        }

        _aliasedNodes += node.Size;
        return _aliasedNodes <= MaxAliasedNodes
            ? node
            : throw Refuse(alias, $"the aliases of this file stand for more than {MaxAliasedNodes} nodes");
    }

    private YamlSequence Sequence(NodeEvent start)
    {
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        for (ParsingEvent @event = Next(); @event is not SequenceEnd; @event = Next())
        {
            items.Add(Node(@event));
        }

        return new(At(start.Start), items.ToImmutable());
    }

    private YamlMapping Mapping(NodeEvent start)
    {
        var entries = new YamlMappingEntries(_warnings);
        for (ParsingEvent @event = Next(); @event is not MappingEnd; @event = Next())
        {
            bool merge = YamlTags.IsMerge(@event);
            if (Node(@event) is not YamlScalar key)
            {
                throw Refuse(@event, "a key must be a single value, not a list or a mapping");
            }

            ParsingEvent valueEvent = Next();
            YamlNode value = Node(valueEvent);
            Place place = At(@event.Start);
            if (!merge)
            {
                entries.Add(new(key.Text, place, value));
            }
            else if (!entries.Merge(value))
            {
                throw Refuse(valueEvent, "expected a mapping or a list of mappings to merge");
            }
        }

        return new(At(start.Start), entries.ToImmutable());
    }
}

/// <summary>An alias whose anchor is not before it.</summary>
internal sealed class MissingAnchorException(AnchorAlias alias) : YamlException(alias.Start, alias.End, $"the alias *{alias.Value.Value} has no anchor before it")
{
    public string Anchor { get; } = alias.Value.Value;
}
