using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Sse;

namespace Interline.Protocols.Tests.ByteLane;

public class JsonArrayScannerTests
{
    private static readonly string[] Elements =
    [
        "{}", "{\"a\":1}", "{\"a\":\"}]\\\"{\"}", "[]", "[[1,[2]],{}]", "\"x,]\"", "\"\\\\\"", "\"\\u00e9\\\"\"", "\"é😀\"", "1", "-1.5e3", "true", "null", "{ \"é\" : [ \"]\" , {} ] }", "\"\"",
    ];

    private static readonly string[] Gaps = ["", " ", "\n", ",\r\n", "\r\n,\t"];

    [Fact]
    public void Every_array_gives_its_elements_however_it_is_cut() => Prop.ForAll(Gen.Elements(Elements).ArrayOf().ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (elements, seed) =>
    {
        var random = new Random(seed);
        string Space() => random.Next(3) == 0 ? "\r\n " : "";
        string text = Space() + "[" + Space() + string.Join("", elements.Select((e, i) => (i == 0 ? "" : Space() + "," + Space()) + e)) + Space() + "]" + Space();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        JsonDocument.Parse(bytes).RootElement.GetArrayLength().ShouldBe(elements.Length);
        for (int round = 0; round < 4; round++)
        {
            (List<string> read, byte[] copy, bool cut) = Scan(bytes, () => random.Next(0, 5));
            read.ShouldBe(elements);
            copy.ShouldBe(bytes);
            cut.ShouldBeFalse();
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Every_pair_of_cuts_gives_the_same_elements()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("[{\"a\":\"\\\"é😀]\"}\n,\r\n{\"b\":[{},\"\\\\\"]},12,\"x\"\n]\n");
        for (int first = 0; first <= bytes.Length; first++)
        {
            for (int second = first; second <= bytes.Length; second++)
            {
                var cuts = new Queue<int>([first, second - first]);
                Scan(bytes, () => cuts.TryDequeue(out int size) ? size : bytes.Length).Read.ShouldBe(["{\"a\":\"\\\"é😀]\"}", "{\"b\":[{},\"\\\\\"]}", "12", "\"x\""]);
            }
        }
    }

    [Fact]
    public void An_element_is_found_with_its_last_byte_and_covers_what_stands_before_it()
    {
        var scanner = new JsonArrayScanner();
        scanner.TryRead("[ {\"a\":1"u8, final: false, out _).ShouldBeFalse();
        scanner.TryRead("[ {\"a\":1}"u8, final: false, out SseEvent found).ShouldBeTrue();
        (found.Length, found.Data, found.DataLines, found.Unterminated).ShouldBe((9, 2..9, 1, false));
        scanner.TryRead("\r\n,{}"u8, final: false, out found).ShouldBeTrue();
        (found.Length, found.Data).ShouldBe((5, 3..5));
        scanner.TryRead("\n]\n"u8, final: false, out found).ShouldBeTrue();
        (found.Length, found.DataLines, found.Unterminated).ShouldBe((3, 0, false));
        scanner.TryRead("\n"u8, final: true, out found).ShouldBeTrue();
        (found.Length, found.DataLines, found.Unterminated).ShouldBe((1, 0, false));
        scanner.TryRead([], final: true, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("[{\"a\":1", 1)]
    [InlineData("[{}", 0)]
    [InlineData("[{},", 0)]
    [InlineData("[", 0)]
    [InlineData("[\"x", 1)]
    public void An_array_that_stops_in_its_middle_ends_in_a_block_that_says_so(string text, int lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var scanner = new JsonArrayScanner();
        SseEvent last = default;
        int from = 0;
        while (from < bytes.Length && scanner.TryRead(bytes.AsSpan(from), final: true, out SseEvent found))
        {
            last = found;
            from += found.Length;
        }

        from.ShouldBe(bytes.Length);
        if (text is not "[{}")
        {
            (last.Unterminated, last.DataLines).ShouldBe((true, lines));
        }
    }

    [Fact]
    public void An_object_without_an_array_around_it_is_found() => Scan("{\"error\":{}}"u8.ToArray(), () => 1).Read.ShouldBe(["{\"error\":{}}"]);

    [Fact]
    public void Gaps_alone_are_no_elements()
    {
        foreach (string gap in Gaps)
        {
            Scan(Encoding.UTF8.GetBytes("[" + gap + "]"), () => 1).Read.ShouldBeEmpty();
        }
    }

    /// <summary>Scans as the engine does: a buffer that begins at the block under way and grows by each arrival.</summary>
    private static (List<string> Read, byte[] Copy, bool Cut) Scan(byte[] bytes, Func<int> size)
    {
        var scanner = new JsonArrayScanner();
        List<string> read = [];
        List<byte> copy = [];
        bool cut = false;
        int from = 0;
        int to = 0;
        while (true)
        {
            int step = Math.Min(size(), bytes.Length - to);
            to += step;
            bool final = to == bytes.Length && (step == 0 || from == to);
            while (scanner.TryRead(bytes.AsSpan(from..to), final, out SseEvent found))
            {
                found.Length.ShouldBeGreaterThan(0);
                byte[] block = bytes[from..(from + found.Length)];
                if (found.DataLines == 1)
                {
                    read.Add(Encoding.UTF8.GetString(block[found.Data]));
                }

                cut |= found.Unterminated;
                copy.AddRange(block);
                from += found.Length;
            }

            if (final)
            {
                return (read, [.. copy], cut);
            }
        }
    }
}
