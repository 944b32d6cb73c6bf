using System.Text;
using Interline.Core.Configuration;
using Interline.Protocols.Gemini;
using Interline.Testing;
using Interline.Tests.Translation;

namespace Interline.Tests.Recovery;

/// <summary>
/// Every caller's format, with two providers of every format: the first answer breaks off anywhere and in any way, the second is cut into other pieces and other
/// packets. Whatever the cuts, the client reads the whole text once, one end, and no error.
/// </summary>
public sealed class RandomCutsTests
{
    private const string Alphabet = "abc \"\\\n\t{}é漢字😀👩‍👩‍👧.";

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (string caller in Tongue.All.Keys.Append("array"))
            {
                foreach (string first in Tongue.All.Keys)
                {
                    pairs.Add(caller, first);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_answer_that_breaks_off_is_carried_on_without_a_seam(string caller, string first)
    {
        await using var broken = new FakeProvider();
        await using var fresh = new FakeProvider();
        int seed = 100 * Tongue.All.Keys.ToList().IndexOf(first) + caller.Length;
        foreach (string second in Tongue.All.Keys)
        {
            using Engine engine = new Engine { Router = new() { StreamRecovery = StreamRecovery.Restart, DisableCooldowns = true } }
                .With(broken, Tongue.All[first]).With(fresh, Tongue.All[second]);
            for (int round = 0; round < 6; round++)
            {
                await OneAsync(engine, caller, (broken, first), (fresh, second), new Random(seed++));
            }

            engine.NothingInFlight();
        }
    }

    private static async Task OneAsync(Engine engine, string caller, (FakeProvider Provider, string Wire) first, (FakeProvider Provider, string Wire) second, Random random)
    {
        Tongue tongue = Tongue.All[caller == "array" ? "gemini" : caller];
        Rune[] runes = [.. Enumerable.Range(0, random.Next(4, 60)).SelectMany(_ => Pick(random).EnumerateRunes())];
        string text = string.Concat(runes);
        Speech one = Speaking(first.Wire, "one", random);
        Speech other = Speaking(second.Wire, "leg-2", random);
        List<string> pieces = Cut(runes, random);
        string begun = one.Head + one.Pieces(pieces.Take(random.Next(1, pieces.Count)));
        string how = (random.Next(5)) switch { 0 => one.Error, 1 => one.Malformed, 2 => one.Pieces("more")[..30], _ => "" };
        first.Provider.Then(Broken(begun + how, IsArray(first.Wire), random));
        second.Provider.Then(Sent(other.Whole(Cut(runes, random)), IsArray(second.Wire), random).End());

        Ended ended = await engine.SendAsync(tongue.AskStreamed, caller == "array" ? GenerateLane.StreamArray : tongue.Streamed);

        Told told = caller == "array" ? Tongue.ReadArray(ended.Text) : tongue.ReadStream(ended.Text);
        told.Error.ShouldBeNull();
        told.Text.ShouldBe(text);
        told.Ended.ShouldBeTrue();
        told.Output.ShouldBe(10);
        told.Finish.ShouldBe(tongue.Wire switch { "openai" => "stop", "anthropic" => "end_turn", _ => "STOP" });
        ended.Record.Error.ShouldBeNull();
        ended.Record.Failed.Count.ShouldBe(1);
        ended.Record.Failed[0].Begun.ShouldBeTrue();
        ended.Record.Failed[0].Usage.ShouldNotBeNull();
        ended.Record.DeploymentId.ShouldBe("d2");
        Times(ended.Text, "[DONE]").ShouldBe(caller == "openai" ? 1 : 0);
        Times(ended.Text, "event: message_stop").ShouldBe(caller == "anthropic" ? 1 : 0);
        Times(ended.Text, "\"STOP\"").ShouldBe(tongue.Wire == "gemini" ? 1 : 0);
        ended.Text.ShouldNotContain("leg-2");

        // Who is asked for an array in its own format answers with one.
        bool IsArray(string wire) => caller == "array" && wire == "gemini";
    }

    private static FakeAnswer Broken(string events, bool isArray, Random random)
    {
        FakeAnswer answer = Sent(events, isArray, random);
        return random.Next(2) == 0 ? answer.Close() : answer.End();
    }

    /// <summary>Packets of any size, also of a byte: so they end inside letters and line ends.</summary>
    private static FakeAnswer Sent(string events, bool isArray, Random random) =>
        (isArray ? FakeAnswer.ArrayHead() : FakeAnswer.StreamHead()).Events(isArray ? Elements(events) : events, [.. Enumerable.Range(0, 16).Select(_ => random.Next(1, random.Next(2) == 0 ? 4 : 200))]);

    /// <summary>Events as the elements of an array; one that has its last piece is closed.</summary>
    private static string Elements(string events)
    {
        string elements = string.Join("\r\n,", events.Split("data: ", StringSplitOptions.RemoveEmptyEntries).Select(static x => x.TrimEnd()));
        return "[" + elements + (events.Contains("STOP", StringComparison.Ordinal) ? "]" : "");
    }

    private static Speech Speaking(string wire, string id, Random random) =>
        new(wire, id) { Escapes = random.Next(2) == 0, Line = random.Next(2) == 0 ? "\n" : "\r\n" };

    private static string Pick(Random random) => random.Next(4) == 0 ? "word " : Alphabet.EnumerateRunes().ElementAt(random.Next(Alphabet.EnumerateRunes().Count())).ToString();

    private static List<string> Cut(Rune[] runes, Random random)
    {
        var pieces = new List<string>();
        for (int from = 0; from < runes.Length;)
        {
            int count = Math.Min(random.Next(1, 7), runes.Length - from);
            pieces.Add(string.Concat(runes.Skip(from).Take(count)));
            from += count;
        }

        // So that there is always one to stop before.
        return pieces.Count > 1 ? pieces : [.. runes.Select(x => x.ToString())];
    }

    private static int Times(string text, string part) => text.Split(part).Length - 1;
}
