using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Reads the pieces of a streamed answer, each a <c>GenerateContentResponse</c> of its own, be they events or elements of an array.
/// The format has no end marker: the answer is whole if the connection ends after every candidate had a finish reason. One instance per stream.
/// </summary>
public sealed class AnswerStreamReader : IAnswerStreamReader
{
    private readonly SortedDictionary<int, StreamCandidate> _candidates = [];
    private readonly List<NativeField> _said = [];
    private readonly List<StreamEvent> _told = [];
    private readonly UsageMerge _usage = new();
    private bool _started, _usageSaid;
    private string? _tier;

    /// <inheritdoc />
    public bool Ended { get; private set; }

    /// <inheritdoc />
    public ApiError? Read(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, IList<StreamEvent> events)
    {
        if (Ended)
        {
            return null;
        }

        Piece? piece = JsonDoor.OpenAnswer(data, AnswerReader.Read, out ApiError? error);
        if (piece is null)
        {
            Ended = true;
            return error! with { Kind = ErrorKind.Malformed, Status = 502 };
        }

        // Collected apart, so that a piece that breaks in its middle leaves no half of itself.
        _told.Clear();
        try
        {
            Tell(piece.Answer, _told);
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException or ShapeException)
        {
            // Pieces of calls are kept as they are spelled and looked into only here: a text in them may be no Unicode.
            Ended = true;
            return new ApiError(ErrorKind.Malformed, 502, "The stream holds a function call that cannot be read.") { Param = "functionCall" };
        }

        foreach (StreamEvent e in _told)
        {
            events.Add(e);
        }

        if (piece.Error is not null)
        {
            Ended = true;
            TellUsage(events);
            events.Add(new AnswerFailed(piece.Error));
        }

        return null;
    }

    /// <inheritdoc />
    public void Close(IList<StreamEvent> events)
    {
        if (Ended)
        {
            return;
        }

        Ended = true;
        bool whole = _candidates.Count > 0;
        foreach (StreamCandidate candidate in _candidates.Values)
        {
            whole &= candidate.Finished;
        }

        if (whole)
        {
            foreach (StreamCandidate candidate in _candidates.Values)
            {
                candidate.Close(events);
            }
        }

        TellUsage(events);
        events.Add(whole ? AnswerEnded.Instance : new AnswerFailed(new ApiError(ErrorKind.Network, 502, "The provider's stream ended before the answer was whole.")));
    }

    private void Tell(Answer answer, List<StreamEvent> events)
    {
        if (!_started)
        {
            _started = true;
            _tier = answer.ServiceTier;
            events.Add(new AnswerStarted(answer.Id, answer.Model, answer.Created) { ServiceTier = _tier });
        }
        else if (answer.ServiceTier is { } tier && !string.Equals(tier, _tier, StringComparison.Ordinal))
        {
            _tier = tier;
            events.Add(new HeadChanged(tier, null));
        }

        if (Fresh(_said, answer.Native!) is { } fresh)
        {
            events.Add(new NativeReported(NativeScope.Answer, 0, fresh));
        }

        Count(answer, events);
        for (int i = 0; i < answer.Choices.Count; i++)
        {
            Choice choice = answer.Choices[i];
            if (!_candidates.TryGetValue(choice.Index, out StreamCandidate? candidate))
            {
                _candidates[choice.Index] = candidate = new StreamCandidate(choice.Index);
            }

            candidate.Read(choice, events);
        }
    }

    /// <summary>Takes the usage of a piece and tells the first before the piece's parts: formats that say the input's tokens at the start of a stream have them then. After that only the end counts.</summary>
    private void Count(Answer answer, List<StreamEvent> events)
    {
        if (answer.NativeUsage is not { } usage)
        {
            return;
        }

        _usage.Add(usage);
        if (!_usageSaid && answer.Usage is not null)
        {
            TellUsage(events);
        }
    }

    private void TellUsage(IList<StreamEvent> events)
    {
        if (_usage.Changed)
        {
            Answer merged = AnswerReader.WithUsage(new Answer([]), _usage.Take());
            events.Add(new UsageReported(merged.Usage ?? default, merged.NativeUsage is { } native ? native with { Unread = _usage.Unread } : null));
            _usageSaid = true;
        }
    }

    /// <summary>The fields that say something new; null if none does: many pieces repeat theirs.</summary>
    internal static NativeFields? Fresh(List<NativeField> said, NativeFields fields)
    {
        NativeFields? fresh = null;
        for (int i = 0; i < fields.Count; i++)
        {
            NativeField field = fields[i];
            if (field is { Understood: true, Name: "index" or "finishReason" or "finish_reason" or "parts" or "candidates" })
            {
                // Of the piece's form, not of the answer: the events say it.
                continue;
            }

            int at = said.FindIndex(f => string.Equals(f.Name, field.Name, StringComparison.Ordinal));
            if (at >= 0 && said[at].Value == field.Value)
            {
                continue;
            }

            if (at >= 0)
            {
                said[at] = field;
            }
            else
            {
                said.Add(field);
            }

            (fresh ??= new NativeFields(WireFormat.Gemini)).Add(field);
        }

        return fresh;
    }
}
