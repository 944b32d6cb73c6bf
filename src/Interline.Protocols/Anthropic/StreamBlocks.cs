using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>The blocks of one streamed message while it is read: their numbers, and what of them waits for their end.</summary>
internal sealed class StreamBlocks
{
    /// <summary>Name of an input given at the start whose place was taken by pieces: no event has it.</summary>
    private const string Replaced = "content_block_start.content_block.input";

    private readonly Dictionary<long, Block> _open = [];
    private int _next;

    /// <summary>True after the message has finished: no block may start any more.</summary>
    public bool Closed { get; set; }

    /// <summary>Reads <c>content_block_start</c>.</summary>
    public void ReadStart(ref JsonCursor json, IList<StreamEvent> events)
    {
        long index = json.PeekWhole("index"u8) ?? _next;
        Part? seed = null;
        int before = events.Count;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type" or "index":
                    json.Skip();
                    break;
                case "content_block":
                    seed = BlockReader.Read(ref json);
                    break;
                default:
                    AnswerStreamReader.Report(events, NativeScope.Message, "content_block_start." + json.NameText, json.Raw());
                    break;
            }
        }

        if (seed is null || Closed)
        {
            throw json.FailWith(Closed ? "starts a block after the message has finished." : "must have a 'content_block'.");
        }

        Settle(index, seed, before, events);
        Block block = new(_next++, seed);
        _open[index] = block;
        if (block.Json is null)
        {
            events.Add(new PartStarted(0, block.Part, block.Seed));
        }
    }

    /// <summary>Adds a block that is whole already.</summary>
    public void Add(Part part, IList<StreamEvent> events)
    {
        events.Add(new PartStarted(0, _next, part));
        events.Add(new PartEnded(0, _next++));
    }

    /// <summary>Reads <c>content_block_delta</c>.</summary>
    public void ReadDelta(ref JsonCursor json, IList<StreamEvent> events)
    {
        long index = json.PeekWhole("index"u8) ?? _next - 1;
        if (!_open.TryGetValue(index, out Block? block))
        {
            throw json.FailWith($"adds to block {index}, which is not open.");
        }

        JsonCursor again = json;
        Piece piece = default;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type" or "index":
                    json.Skip();
                    break;
                case "delta" when json.Type == JsonTokenType.StartObject && block.Json is { } whole:
                    Grow(ref json, whole);
                    piece.Known = true;
                    break;
                case "delta" when json.Type == JsonTokenType.StartObject:
                    ReadPiece(ref json, block, ref piece);
                    break;
                default:
                    piece.Keep("content_block_delta." + json.NameText, json.Raw());
                    break;
            }
        }

        if (!piece.Known)
        {
            // A kind of delta never seen.
            AnswerStreamReader.Report(events, NativeScope.Message, "content_block_delta", again.Raw());
            return;
        }

        if (piece.Extra is not null)
        {
            events.Add(new NativeReported(NativeScope.Message, 0, piece.Extra));
        }

        if (piece.Said is not null)
        {
            events.Add(piece.Said);
        }
    }

    /// <summary>Reads <c>content_block_stop</c>.</summary>
    public void ReadStop(ref JsonCursor json, IList<StreamEvent> events)
    {
        long index = json.PeekWhole("index"u8) ?? _next - 1;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "type" or "index")
            {
                json.Skip();
            }
            else
            {
                AnswerStreamReader.Report(events, NativeScope.Message, "content_block_stop." + json.NameText, json.Raw());
            }
        }

        if (_open.Remove(index, out Block? block))
        {
            block.End(events);
        }
    }

    /// <summary>Ends what is still open.</summary>
    public void EndAll(IList<StreamEvent> events)
    {
        foreach (Block block in _open.Values)
        {
            block.End(events);
        }

        _open.Clear();
    }

    /// <summary>Before a block starts: ends those that may not be open beside it, in front of what its own event reports.</summary>
    private void Settle(long index, Part seed, int at, IList<StreamEvent> events)
    {
        if (_open.Count == 0)
        {
            return;
        }

        List<StreamEvent> ended = [];
        foreach ((long open, Block block) in _open.ToArray())
        {
            if (open == index || seed is not ToolCallPart || block.Seed is not ToolCallPart)
            {
                block.End(ended);
                _open.Remove(open);
            }
        }

        for (int i = 0; i < ended.Count; i++)
        {
            events.Insert(at + i, ended[i]);
        }
    }

    /// <summary>Reads the delta of a block that the model knows.</summary>
    private static void ReadPiece(ref JsonCursor json, Block block, ref Piece piece)
    {
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    json.Skip();
                    break;
                case "text" when block.Seed is TextPart && json.Type == JsonTokenType.String:
                case "thinking" when block.Seed is ReasoningPart && json.Type == JsonTokenType.String:
                    string text = json.Text();
                    piece.Say(text.Length > 0 ? new TextDelta(0, block.Part, text) : null);
                    break;
                case "partial_json" when block.Seed is ToolCallPart && json.Type == JsonTokenType.String:
                    piece.Say(block.Arguments(json.Text(), ref piece));
                    break;
                case "signature" when block.Seed is ReasoningPart && json.Type == JsonTokenType.String:
                    string signature = json.Text();
                    piece.Say(signature.Length > 0 ? new SignatureDelta(0, block.Part, signature) : null);
                    break;
                case "citation" when block.Seed is TextPart && json.Type == JsonTokenType.StartObject:
                    piece.Say(new CitationAdded(0, block.Part, Citations.ReadOne(ref json)));
                    break;
                default:
                    piece.Keep("content_block_delta.delta." + json.NameText, json.Raw());
                    break;
            }
        }
    }

    /// <summary>Puts a delta into a block that is kept whole: its texts are added to the block's fields of the same name, <c>partial_json</c> to <c>input</c>, other values take their place.</summary>
    private static void Grow(ref JsonCursor json, WholeBlock whole)
    {
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "type")
            {
                json.Skip();
            }
            else if (json.Type == JsonTokenType.String)
            {
                whole.Append(json.NameText, json.Text());
            }
            else
            {
                whole.Set(json.NameText, json.Raw());
            }
        }
    }

    /// <summary>What one delta says.</summary>
    private struct Piece
    {
        /// <summary>Whether it is of a kind that belongs to its block.</summary>
        public bool Known;

        /// <summary>What it adds; null for nothing.</summary>
        public StreamEvent? Said;

        /// <summary>Fields that the model has no place for.</summary>
        public NativeFields? Extra;

        public void Say(StreamEvent? said)
        {
            Known = true;
            Said = said;
        }

        public void Keep(string name, RawJson value) => (Extra ??= new NativeFields(WireFormat.AnthropicMessages)).Add(new NativeField(name, value));
    }

    private sealed class Block
    {
        private RawJson? _given;
        private bool _any;

        public Block(int part, Part seed)
        {
            Part = part;
            Seed = seed;
            if (seed is OpaquePart opaque)
            {
                Json = new WholeBlock(opaque.Json);
            }
            else if (seed is ToolCallPart call)
            {
                // As a rule the input is empty here and comes in pieces; some servers give it whole, and then no pieces.
                _given = new RawJson(call.Arguments.Length == 0 ? "{}" : call.Arguments);
                Seed = call with { Arguments = "", Native = call.Native!.Without("input") };
            }
        }

        public int Part { get; }

        public Part Seed { get; }

        /// <summary>A block of this format alone, told when it is whole; null for the others.</summary>
        public WholeBlock? Json { get; }

        /// <summary>A piece of the arguments; null if it is empty. Pieces take the place of an input that was given at the start.</summary>
        public ArgumentsDelta? Arguments(string text, ref Piece piece)
        {
            if (text.Length == 0)
            {
                return null;
            }

            if (!_any && _given is { } given && !given.Utf8.SequenceEqual("{}"u8))
            {
                piece.Keep(Replaced, given);
            }

            _any = true;
            return new ArgumentsDelta(0, Part, text);
        }

        public void End(IList<StreamEvent> events)
        {
            if (Json is not null)
            {
                if (Json.Replaced is { } replaced)
                {
                    AnswerStreamReader.Report(events, NativeScope.Message, Replaced, replaced);
                }

                events.Add(new PartStarted(0, Part, ((OpaquePart)Seed) with { Json = Json.Build() }));
            }
            else if (_given is { } given && !_any)
            {
                events.Add(new ArgumentsDelta(0, Part, given.ToString()));
            }

            events.Add(new PartEnded(0, Part));
        }
    }
}
