using System.Text;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Conversation;

/// <summary>Folds the events of a stream into the whole answer. What it holds grows with the answer: whoever feeds it bounds the stream.</summary>
public sealed class AnswerBuilder
{
    private readonly SortedDictionary<int, ChoiceSoFar> _choices = [];
    private readonly List<NativeField> _fields = [];
    private WireFormat? _format;
    private AnswerStarted _head = new(null, null, null);
    private UsageReported? _usage;

    /// <summary>How the answer failed; null if it did not.</summary>
    public ApiError? Error { get; private set; }

    /// <summary>True after the last event.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Takes the next event.</summary>
    /// <param name="e">The event, in order.</param>
    public void Add(StreamEvent e)
    {
        switch (e)
        {
            case AnswerStarted started:
                _head = started;
                break;
            case HeadChanged head:
                _head = _head with { ServiceTier = head.ServiceTier, SystemFingerprint = head.SystemFingerprint };
                break;
            case UsageReported used:
                _usage = used;
                break;
            case NativeReported { Scope: NativeScope.Answer } reported:
                _format = reported.Fields.Format;
                Put(_fields, reported.Fields);
                break;
            case NativeReported { Scope: NativeScope.Part } reported:
                Choice(reported.Choice).PutPart(reported);
                break;
            case NativeReported reported:
                Choice(reported.Choice).Put(reported);
                break;
            case ChoiceEvent choice:
                Choice(choice.Choice).Add(choice);
                break;
            case AnswerFailed failed:
                Error = failed.Error;
                break;
            case AnswerEnded:
                IsWhole = true;
                break;
            default:
                break;
        }
    }

    /// <summary>The answer so far.</summary>
    public Answer Build() => new([.. _choices.Select(c => c.Value.Build(c.Key))])
    {
        Id = _head.Id,
        Model = _head.Model,
        Created = _head.Created,
        ServiceTier = _head.ServiceTier,
        SystemFingerprint = _head.SystemFingerprint,
        Usage = _usage?.Usage,
        NativeUsage = _usage?.Native,
        Native = _format is { } format ? new NativeFields(format, _fields) : null,
    };

    private static void Put(List<NativeField> fields, NativeFields added)
    {
        foreach (NativeField field in added)
        {
            fields.RemoveAll(f => string.Equals(f.Name, field.Name, StringComparison.Ordinal));
            fields.Add(field);
        }
    }

    private ChoiceSoFar Choice(int index)
    {
        if (!_choices.TryGetValue(index, out ChoiceSoFar? choice))
        {
            _choices[index] = choice = new ChoiceSoFar();
        }

        return choice;
    }

    private sealed class ChoiceSoFar
    {
        private readonly SortedDictionary<int, PartSoFar> _parts = [];
        private readonly List<NativeField> _fields = [];
        private readonly List<NativeField> _messageFields = [];
        private readonly LogprobsJoiner _logprobs = new();
        private WireFormat? _format;
        private ChoiceFinished? _finished;

        public void Put(NativeReported reported)
        {
            _format = reported.Fields.Format;
            AnswerBuilder.Put(reported.Scope == NativeScope.Choice ? _fields : _messageFields, reported.Fields);
        }

        public void PutPart(NativeReported reported) => Part(reported.Part)?.Put(reported.Fields);

        public void Add(ChoiceEvent e)
        {
            switch (e)
            {
                case PartStarted started:
                    _parts[started.Part] = new PartSoFar(started.Seed);
                    break;
                case TextDelta delta:
                    Part(delta.Part)?.Text.Append(delta.Text);
                    break;
                case ArgumentsDelta delta:
                    Part(delta.Part)?.Text.Append(delta.Json);
                    break;
                case SignatureDelta delta:
                    Part(delta.Part)?.Signature.Append(delta.Signature);
                    break;
                case EncryptedDelta delta:
                    Part(delta.Part)?.Encrypted.Append(delta.Data);
                    break;
                case AudioDelta delta:
                    Part(delta.Part)?.Encrypted.Append(delta.Base64);
                    Part(delta.Part)?.Text.Append(delta.Transcript);
                    break;
                case CitationAdded cited:
                    Part(cited.Part)?.Citations.Add(cited.Citation);
                    break;
                case LogprobsDelta delta:
                    _logprobs.Add(delta.Json);
                    break;
                case ChoiceFinished finished:
                    _finished = finished;
                    break;
                default:
                    break;
            }
        }

        public Choice Build(int index) => new(index, new Message(Role.Assistant, [.. _parts.Values.Select(p => p.Build())])
        {
            Native = _messageFields.Count > 0 ? new NativeFields(_format!.Value, _messageFields) : null,
        })
        {
            Finish = _finished?.Finish ?? FinishReason.Unknown,
            NativeFinish = _finished?.NativeFinish,
            StopSequence = _finished?.StopSequence,
            Logprobs = _logprobs.Build(),
            Native = _fields.Count > 0 ? new NativeFields(_format!.Value, _fields) : null,
        };

        private PartSoFar? Part(int number) => _parts.GetValueOrDefault(number);
    }

    private sealed class PartSoFar(Part seed)
    {
        public StringBuilder Text { get; } = new();

        public StringBuilder Signature { get; } = new();

        public StringBuilder Encrypted { get; } = new();

        public List<Citation> Citations { get; } = [];

        private List<NativeField>? _fields;
        private WireFormat _format;

        /// <summary>What is kept for its spelling only was a piece's: the whole part has a spelling of its own.</summary>
        public void Put(NativeFields added)
        {
            _format = added.Format;
            _fields ??= seed.Native is null ? [] : [.. seed.Native];
            AnswerBuilder.Put(_fields, new NativeFields(added.Format, added.Where(f => !f.Understood)));
        }

        public Part Build()
        {
            Part part = seed switch
            {
                TextPart p => p with { Text = p.Text + Text, Citations = [.. p.Citations, .. Citations] },
                RefusalPart p => p with { Text = p.Text + Text },
                ReasoningPart p => p with { Text = p.Text + Text, Encrypted = Encrypted.Length > 0 ? p.Encrypted + Encrypted : p.Encrypted },
                ToolCallPart p => p with { Arguments = p.Arguments + Text },
                AudioPart p => p with { Transcript = Text.Length > 0 ? p.Transcript + Text : p.Transcript, Source = Sound(p.Source) },
                _ => seed,
            };
            part = _fields is null or [] ? part : part with { Native = new NativeFields(_format, _fields) };
            return Signature.Length > 0 ? part with { Signature = part.Signature + Signature } : part;
        }

        /// <summary>The pieces joined. Providers cut at multiples of three bytes, so that no piece but the last ends in padding.</summary>
        private MediaSource Sound(MediaSource before) => Encrypted.Length == 0
            ? before
            : new InlineSource((before as InlineSource)?.MediaType, Encoding.ASCII.GetBytes(Encrypted.ToString()));
    }
}
