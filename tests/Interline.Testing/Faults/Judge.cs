namespace Interline.Testing.Faults;

/// <summary>What became of a call, as its caller sees it.</summary>
public enum CallEnd
{
    /// <summary>The whole answer, exactly once, with a proper finish.</summary>
    Whole,

    /// <summary>An error in the caller's format, and no clean finish.</summary>
    Error,

    /// <summary>Anything else: part of an answer as a success, garbage, silence where an end should be.</summary>
    Lie,
}

/// <summary>The judge's word.</summary>
/// <param name="Outcome">What became of the call.</param>
/// <param name="Why">The error's message, or what was wrong; null for a whole answer.</param>
public readonly record struct Verdict(CallEnd Outcome, string? Why);

/// <summary>Judges strictly what a caller was given.</summary>
public static class Judge
{
    /// <summary>Judges an answer.</summary>
    /// <param name="caller">The caller's format.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="isStream">Whether it came as a stream.</param>
    /// <param name="asked">Whether a stream was asked for.</param>
    /// <param name="body">All that came.</param>
    /// <param name="expected">The whole text.</param>
    public static Verdict Of(Dialect caller, int status, bool isStream, bool asked, string body, string expected)
    {
        if (status != 200)
        {
            return status is >= 400 and < 600 && caller.HearError(body) is { Length: > 0 } error ? new(CallEnd.Error, error) : new(CallEnd.Lie, $"status {status} with a body that is no error of the format");
        }

        if (isStream != asked)
        {
            return new(CallEnd.Lie, asked ? "a plain answer, but a stream was asked for" : "a stream, but a plain answer was asked for");
        }

        return isStream ? Stream(caller, caller.HearStream(body), expected) : Plain(caller.HearPlain(body), expected);
    }

    private static Verdict Plain(Heard heard, string expected) =>
        heard.Problem is { } problem ? new(CallEnd.Lie, problem)
        : heard.Text != expected ? new(CallEnd.Lie, $"a success with {heard.Text.Length} of {expected.Length} characters, or others")
        : heard.Finishes != 1 ? new(CallEnd.Lie, $"finished {heard.Finishes} times")
        : new(CallEnd.Whole, null);

    private static Verdict Stream(Dialect caller, Heard heard, string expected)
    {
        if (heard.Problem is { } problem)
        {
            return new(CallEnd.Lie, problem);
        }

        if (heard.Error is { } error)
        {
            return heard.IsDone ? new(CallEnd.Lie, "an error and a clean end")
                : !expected.StartsWith(heard.Text, StringComparison.Ordinal) ? new(CallEnd.Lie, "text that is not the answer's before an error")
                : heard.Finishes > 0 && heard.Text != expected ? new(CallEnd.Lie, "a finish with a missing tail before an error")
                : error.Length == 0 ? new(CallEnd.Lie, "an error that says nothing")
                : new(CallEnd.Error, error);
        }

        return heard.Text != expected ? new(CallEnd.Lie, heard.Finishes > 0 || heard.IsDone ? $"a success with {heard.Text.Length} of {expected.Length} characters, or others" : $"an end without a word after {heard.Text.Length} of {expected.Length} characters")
            : heard.Finishes != 1 ? new(CallEnd.Lie, $"finished {heard.Finishes} times")
            : !heard.IsDone && !caller.DoneIsOptional ? new(CallEnd.Lie, "no end marker")
            : new(CallEnd.Whole, null);
    }
}
