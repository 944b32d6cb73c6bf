using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>The tool calls of a choice while its stream is read: which piece belongs to which call.</summary>
internal sealed class StreamCalls(int index)
{
    /// <summary>The number of the old single <c>function_call</c>.</summary>
    public const long Old = -1;

    private readonly List<Call> _calls = [];

    /// <summary>Takes one piece. By number; where several calls share one (Google's dialect) or have none, a new id or name begins a new call.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="parts">How many parts the choice has.</param>
    /// <param name="events">Gets what it says.</param>
    public void Take(in StreamCall piece, ref int parts, List<StreamEvent> events)
    {
        Call? known = Known(piece.Number);
        bool old = piece.Number == Old;
        if (old && piece.Name.Length + piece.Arguments.Length == 0 && (known is null || piece.Native is null))
        {
            // Snowflake sends an empty function_call with every chunk, which is none.
            return;
        }

        if (known is null || (!old && piece.Name.Length > 0 && known.Name.Length > 0 && (piece.Number is null || (piece.Id.Length > 0 && piece.Id != known.Id))))
        {
            _calls.Add(known = new Call { Number = piece.Number ?? _calls.Count, Seed = Seed(piece) });
            known.Said.Know(known.Seed.Native);
        }

        for (int i = 0; i < piece.Native?.Count; i++)
        {
            // A signature alone is an event of its own.
            if (piece.Native[i] is not { Name: "extra_content", Understood: true, Unread.Count: 0 })
            {
                known.Said.Take(piece.Native[i]);
            }
        }

        known.Id = known.Id.Length > 0 ? known.Id : piece.Id;
        Extend(known, piece, ref parts, events);
    }

    /// <summary>Starts what waited for a name, and ends all calls.</summary>
    public void Close(ref int parts, ICollection<StreamEvent> events)
    {
        foreach (Call call in _calls)
        {
            if (call.Part < 0 && (call.Id.Length > 0 || call.Waiting.Length > 0))
            {
                Start(call, ref parts, events);
            }

            if (call.Part >= 0 && !call.Ended)
            {
                call.Ended = true;
                events.Add(new PartEnded(index, call.Part));
            }
        }
    }

    private Call? Known(long? number)
    {
        for (int i = _calls.Count - 1; i >= 0; i--)
        {
            if (number is null || _calls[i].Number == number)
            {
                return _calls[i];
            }
        }

        return null;
    }

    private static ToolCallPart Seed(in StreamCall piece) => new("", "", "")
    {
        IsCustom = piece.IsCustom,
        Signature = piece.Signature,
        Spelling = piece.Type is null or "function" or "custom" ? null : piece.Type,

        // What was kept of the function itself belongs to the piece, not to the call.
        Native = new NativeFields(WireFormat.OpenAIChat, piece.Native?.Where(f => f.Name is not ("function" or "custom" or "function_call")) ?? []),
    };

    private void Extend(Call call, in StreamCall piece, ref int parts, List<StreamEvent> events)
    {
        if (call.Part < 0)
        {
            call.Name += piece.Name;
            call.Waiting += piece.Arguments;
            if (call.Name.Length > 0)
            {
                Start(call, ref parts, events);
            }

            return;
        }

        call.Said.Tell(NativeScope.Part, index, call.Part, events);
        if (piece.Arguments.Length > 0)
        {
            events.Add(new ArgumentsDelta(index, call.Part, piece.Arguments));
        }

        if (piece.Signature is not null && call.Seed.Signature is null)
        {
            events.Add(new SignatureDelta(index, call.Part, piece.Signature));
        }
    }

    private void Start(Call call, ref int parts, ICollection<StreamEvent> events)
    {
        call.Part = parts++;
        events.Add(new PartStarted(index, call.Part, call.Seed with { Id = call.Id, Name = call.Name }));
        call.Said.Tell(NativeScope.Part, index, call.Part, events);
        if (call.Waiting.Length > 0)
        {
            events.Add(new ArgumentsDelta(index, call.Part, call.Waiting));
            call.Waiting = "";
        }
    }

    /// <summary>A tool call that is being read. It starts as a part when its name is known.</summary>
    private sealed class Call
    {
        public required long Number { get; init; }

        public required ToolCallPart Seed { get; init; }

        public SaidFields Said { get; } = new();

        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public string Waiting { get; set; } = "";

        public int Part { get; set; } = -1;

        public bool Ended { get; set; }
    }
}
