using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Interline.Protocols.Sse;

namespace Interline.Protocols.Tests.Sse;

public class SseScannerTests
{
    private static readonly string[] Pieces =
    [
        "data: {\"a\":1}", "data:x", "data: x", "data:  two spaces", "data", "data:", "data: ", "datax: no", "event: ping", "event:e", "id: 7", "retry: 10", ": comment", ":", "héllo 😀: y",
        "data: é😀\u2028", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\r\r", "\n", "\r\n",
    ];

    private static readonly Arbitrary<string[]> Streams = Gen.Elements(Pieces).ArrayOf().ToArbitrary();

    [Fact]
    public void Every_stream_is_read_as_the_standard_says_however_it_is_cut() => Prop.ForAll(Streams, Gen.Choose(0, int.MaxValue).ToArbitrary(), (pieces, seed) =>
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(pieces));
        List<Read> expected = Reference(bytes);
        var random = new Random(seed);
        for (int round = 0; round < 4; round++)
        {
            Check(bytes, Scan(bytes, () => random.Next(0, 5)), expected);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData("data: a\n\ndata: b\n\n")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n")]
    [InlineData("data: a\r\rdata: b\r\r")]
    [InlineData("data: a\r\n\ndata: b\n\r\n")]
    [InlineData("event: x\r\ndata: é😀\r\n: c\r\ndata: 2\r\n\r\n")]
    [InlineData("\uFEFFdata: a\n\ndata: b\n\n")]
    [InlineData("\uFEFFdata: a\ndata: b\n\n")]
    [InlineData("\n\n\r\n\rdata: a\n\n")]
    [InlineData(": only comments\n\n: more\n\n")]
    [InlineData("data: last line without end")]
    [InlineData("data: last line\n")]
    [InlineData("data: last line\r")]
    [InlineData("data: a\n\n: tail")]
    [InlineData("")]
    public void Every_single_cut_and_every_pair_of_cuts_give_the_same_events(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        List<Read> expected = Reference(bytes);
        for (int first = 0; first <= bytes.Length; first++)
        {
            for (int second = first; second <= bytes.Length; second++)
            {
                var cuts = new Queue<int>([first, second - first]);
                Check(bytes, Scan(bytes, () => cuts.TryDequeue(out int size) ? size : bytes.Length), expected);
            }
        }
    }

    [Fact]
    public void The_lf_of_a_crlf_that_comes_late_is_no_blank_line()
    {
        var scanner = new SseScanner();
        scanner.TryRead("data: a\r"u8, final: false, out _).ShouldBeFalse();
        scanner.TryRead("data: a\r\n"u8, final: false, out _).ShouldBeFalse();
        scanner.TryRead("data: a\r\n\r"u8, final: false, out _).ShouldBeFalse();
        scanner.TryRead("data: a\r\n\r\n"u8, final: false, out SseEvent found).ShouldBeTrue();
        found.Length.ShouldBe(11);
        found.DataLines.ShouldBe(1);
        found.Unterminated.ShouldBeFalse();
    }

    [Fact]
    public void The_name_and_the_only_data_line_are_pointed_at()
    {
        byte[] block = "id: 1\nevent: response.created\ndata: {\"x\":1}\n\n"u8.ToArray();
        new SseScanner().TryRead(block, final: false, out SseEvent found).ShouldBeTrue();
        Encoding.UTF8.GetString(block[found.Name]).ShouldBe("response.created");
        Encoding.UTF8.GetString(block[found.Data]).ShouldBe("{\"x\":1}");
    }

    private static void Check(byte[] bytes, (List<Read> Reads, byte[] Bytes) got, List<Read> expected)
    {
        got.Bytes.ShouldBe(bytes);
        got.Reads.Where(x => x.DataLines > 0).ShouldBe(expected);
    }

    /// <summary>Scans as the engine does: a buffer that begins at the event under way and grows by each arrival.</summary>
    private static (List<Read> Reads, byte[] Bytes) Scan(byte[] bytes, Func<int> size)
    {
        var scanner = new SseScanner();
        var reads = new List<Read>();
        var copy = new List<byte>();
        int from = 0;
        int to = 0;
        while (true)
        {
            int step = Math.Min(size(), bytes.Length - to);
            to += step;
            bool final = to == bytes.Length && (step == 0 || from == to);
            while (scanner.TryRead(bytes.AsSpan(from..to), final, out SseEvent found))
            {
                byte[] block = bytes[from..(from + found.Length)];
                byte[] joined = new byte[block.Length];
                string data = found.DataLines == 1 ? Encoding.UTF8.GetString(block[found.Data]) : Encoding.UTF8.GetString(joined, 0, SseScanner.JoinData(block, joined));
                reads.Add(new(Encoding.UTF8.GetString(block[found.Name]), data, found.DataLines));
                copy.AddRange(block);
                from += found.Length;
            }

            if (final)
            {
                copy.AddRange(bytes[from..to]);
                return (reads, [.. copy]);
            }
        }
    }

    /// <summary>Section 9.2.6 of the HTML standard, line by line on text, with what is unfinished at the end taken for an event.</summary>
    private static List<Read> Reference(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        var reads = new List<Read>();
        string name = "";
        var data = new List<string>();
        foreach (string line in text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n').Append(""))
        {
            if (line.Length == 0)
            {
                if (data.Count > 0)
                {
                    reads.Add(new(name, string.Join('\n', data), data.Count));
                }

                name = "";
                data.Clear();
                continue;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string field = colon < 0 ? line : line[..colon];
            string value = colon < 0 ? "" : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            if (field == "data")
            {
                data.Add(value);
            }
            else if (field == "event")
            {
                name = value;
            }
        }

        return reads;
    }

    private sealed record Read(string Name, string Data, int DataLines);
}
