using System.Text;

namespace Interline.Testing.Faults;

/// <summary>What an answer said to somebody who reads strictly.</summary>
/// <param name="Text">All text, in order.</param>
/// <param name="Finishes">How often it said that it was finished.</param>
/// <param name="IsDone">Whether its end marker came.</param>
/// <param name="Error">An error's message; null if there was none.</param>
/// <param name="Problem">What was against the rules of the format; null if nothing was.</param>
public sealed record Heard(string Text, int Finishes, bool IsDone, string? Error, string? Problem);

/// <summary>An answer while it is listened to.</summary>
public sealed class Hearing
{
    private readonly StringBuilder _text = new();

    public int Finishes { get; private set; }

    public bool IsDone { get; set; }

    public string? Error { get; set; }

    public string? Problem { get; private set; }

    /// <summary>What has begun: the message, its open block.</summary>
    public int Stage { get; set; }

    public void Say(string? text)
    {
        if (!string.IsNullOrEmpty(text) && Finishes > 0)
        {
            Wrong("text behind the finish");
        }

        _text.Append(text);
    }

    public void Finish() => Finishes++;

    public void Wrong(string problem) => Problem ??= problem;

    public Heard End(string? problem = null) => new(_text.ToString(), Finishes, IsDone, Error, Problem ?? problem);
}
