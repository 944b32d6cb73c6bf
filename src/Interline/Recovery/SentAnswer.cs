using System.Text;
using Interline.Protocols.Conversation;

namespace Interline.Recovery;

/// <summary>
/// What a client has of a streamed answer, as far as it matters to whoever carries it on: its text, and which of its parts is open.
/// Only an answer of one choice that is nothing but text can be carried on: of a tool call, of reasoning, of sources nobody else could say the rest.
/// </summary>
internal sealed class SentAnswer
{
    /// <summary>Most characters that are kept; a longer answer is not carried on.</summary>
    public const int MostText = 1 << 20;

    private readonly StringBuilder _text = new();

    /// <summary>The text.</summary>
    public string Text => _text.ToString();

    /// <summary>Whether there is any text.</summary>
    public bool HasText => _text.Length > 0;

    /// <summary>Number of parts begun.</summary>
    public int Parts { get; private set; }

    /// <summary>The text part that is open; -1 if none is.</summary>
    public int Open { get; private set; } = -1;

    /// <summary>Whether another can carry it on: it is plain text, not too long, and its end has not been said.</summary>
    public bool CanGoOn { get; private set; } = true;

    /// <summary>Takes note of an event that goes to the client.</summary>
    /// <param name="e">The event.</param>
    public void Observe(StreamEvent e)
    {
        switch (e)
        {
            case PartStarted { Choice: 0, Seed: TextPart { Signature: null, Citations.Count: 0 } text } started:
                Parts = Math.Max(Parts, started.Part + 1);
                Open = started.Part;
                Append(text.Text);
                break;
            case PartStarted started:
                Parts = Math.Max(Parts, started.Part + 1);
                Spoil();
                break;
            case TextDelta { Choice: 0 } delta:
                Append(delta.Text);
                break;
            case PartEnded { Choice: 0 }:
                Open = -1;
                break;
            case ChoiceEvent or AnswerEnded or AnswerFailed:
                Spoil();
                break;
        }
    }

    /// <summary>Nobody can carry it on any more.</summary>
    public void Spoil()
    {
        CanGoOn = false;
        _text.Clear();
    }

    private void Append(string text)
    {
        if (!CanGoOn)
        {
            return;
        }

        _text.Append(text);
        if (_text.Length > MostText)
        {
            Spoil();
        }
    }
}
