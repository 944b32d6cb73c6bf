using System.Collections.Immutable;
using Interline.Testing.Faults;

namespace Interline.Tests.Faults;

/// <summary>The judge lets sound answers pass and nothing else: each way to deceive a caller is seen, in each format.</summary>
public sealed class JudgeTests
{
    private static readonly string Text = string.Concat(Dialect.Words);

    public static TheoryData<string> Wires => [.. Dialect.All.Select(x => x.Wire)];

    [Theory]
    [MemberData(nameof(Wires))]
    public void Sound_answers_pass(string wire)
    {
        Dialect dialect = Of(wire);

        Stream(dialect, dialect.Events(Dialect.Words)).Outcome.ShouldBe(CallEnd.Whole);
        Stream(dialect, [": hello\n\n", .. dialect.Events(Dialect.Words)]).Outcome.ShouldBe(CallEnd.Whole);
        Judge.Of(dialect, 200, false, false, dialect.Answer(Text), Text).Outcome.ShouldBe(CallEnd.Whole);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public void Honest_errors_pass_and_say_what_they_say(string wire)
    {
        Dialect dialect = Of(wire);
        ImmutableArray<string> begun = new FaultyAnswer(dialect, true, Dialect.Words).Until(4);

        Stream(dialect, [.. begun, dialect.ErrorEvent("Lost it.")]).ShouldBe(new Verdict(CallEnd.Error, "Lost it."));
        Judge.Of(dialect, 503, false, true, dialect.Error(503, "Too busy."), Text).ShouldBe(new Verdict(CallEnd.Error, "Too busy."));
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public void Whatever_deceives_in_a_stream_is_seen(string wire)
    {
        Dialect dialect = Of(wire);
        var answer = new FaultyAnswer(dialect, true, Dialect.Words);
        ImmutableArray<string> whole = dialect.Events(Dialect.Words);
        var lies = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal)
        {
            ["nothing"] = [],
            ["a missing tail and a clean finish"] = [.. answer.Until(4), .. dialect.Closing, dialect.Done],
            ["a missing tail and an end"] = answer.Until(4),
            ["a missing word"] = [.. answer.Until(4), .. answer.From(5)],
            ["a word twice"] = [.. answer.Until(4), .. answer.From(3)],
            ["the answer twice"] = [.. answer.Until(Dialect.Words.Length), .. answer.From(0)],
            ["a finish twice"] = [.. answer.Until(Dialect.Words.Length), .. dialect.Closing, .. dialect.Closing, dialect.Done],
            ["an error and a clean finish"] = [.. answer.Until(4), dialect.ErrorEvent("Lost it."), .. dialect.Closing, dialect.Done],
            ["garbled text before an error"] = [.. answer.Until(4), dialect.Piece("zombie"), dialect.ErrorEvent("Lost it.")],
            ["a finish with a missing tail before an error"] = [.. answer.Until(4), .. dialect.Closing, dialect.ErrorEvent("Lost it.")],
            ["an error that says nothing"] = [.. answer.Until(4), dialect.ErrorEvent("")],
            ["words behind the end"] = [.. whole, dialect.Piece("zombie")],
            ["a torn event"] = [.. answer.Until(4), dialect.Torn, .. answer.From(4)],
            ["an event that is not ended"] = [.. whole[..^1], whole[^1].TrimEnd()],
            ["another format's error"] = [.. answer.Until(4), (dialect == Dialect.Gemini ? Dialect.Anthropic : Dialect.Gemini).ErrorEvent("Lost it.")],
            ["a page"] = ["<html>\n\n"],
        };

        foreach ((string name, ImmutableArray<string> events) in lies)
        {
            Stream(dialect, events).Outcome.ShouldBe(CallEnd.Lie, name);
        }
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public void Whatever_deceives_in_a_plain_answer_is_seen(string wire)
    {
        Dialect dialect = Of(wire);
        Dialect other = dialect == Dialect.OpenAI ? Dialect.Anthropic : Dialect.OpenAI;

        Judge.Of(dialect, 200, false, false, dialect.Answer(Text[..20]), Text).Outcome.ShouldBe(CallEnd.Lie);
        Judge.Of(dialect, 200, false, false, dialect.Answer(Text)[..^9], Text).Outcome.ShouldBe(CallEnd.Lie);
        Judge.Of(dialect, 200, false, false, dialect.Error(503, "Too busy."), Text).Outcome.ShouldBe(CallEnd.Lie);
        Judge.Of(dialect, 200, false, true, dialect.Answer(Text), Text).Outcome.ShouldBe(CallEnd.Lie);
        Judge.Of(dialect, 200, true, false, string.Concat(dialect.Events(Dialect.Words)), Text).Outcome.ShouldBe(CallEnd.Lie);
        Judge.Of(dialect, 503, false, false, "<html>busy</html>", Text).Outcome.ShouldBe(CallEnd.Lie);
        Judge.Of(dialect, 503, false, false, other == Dialect.Anthropic ? Dialect.Gemini.Error(503, "Too busy.") : other.Error(503, "Too busy."), Text)
            .Outcome.ShouldBe(CallEnd.Lie);
    }

    private static Verdict Stream(Dialect dialect, ImmutableArray<string> events) => Judge.Of(dialect, 200, true, true, string.Concat(events), Text);

    private static Dialect Of(string wire) => Dialect.All.First(x => x.Wire == wire);
}
