using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.OpenAIChat;

public sealed class PropertyTests
{
    private static readonly byte[][] Bodies = [.. Recording.All.Where(RecordingTests.IsChat).SelectMany(r => (byte[]?[])[r.Request, r.Body]).OfType<byte[]>().Where(b => b.Length < 8000)];

    private static readonly Recording[] Streams = [.. Recording.All.Where(r => r.Sse is not null && RecordingTests.IsChat(r))];

    private static void ForSeeds(Action<Random> property, int runs = 300) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            property(new Random(seed));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(runs));

    [Fact]
    public void Random_requests_are_written_back_with_equal_values() => ForSeeds(random =>
    {
        byte[] json = RandomRequest.Make(random);
        LossList losses = new();
        JsonCompare.Difference(json, Doors.Written(Doors.Request(json), losses)).ShouldBeNull(Encoding.UTF8.GetString(json));
        losses.Count.ShouldBe(0);
    });

    [Fact]
    public void An_unknown_field_added_anywhere_still_arrives() => ForSeeds(random =>
    {
        Recording[] all = [.. Recording.All.Where(r => r.Request is not null && RecordingTests.IsChat(r))];
        byte[] json = Inject(all[random.Next(all.Length)].Request!, random);
        JsonCompare.Difference(json, Doors.Written(Doors.Request(json))).ShouldBeNull(Encoding.UTF8.GetString(json));
        Recording[] answers = [.. Recording.All.Where(r => r is { Body: not null, Status: 200 } && RecordingTests.IsChat(r))];
        byte[] answer = Inject(answers[random.Next(answers.Length)].Body!, random);
        JsonCompare.Difference(answer, Doors.Written(Doors.Answer(answer))).ShouldBeNull(Encoding.UTF8.GetString(answer));
    });

    [Fact]
    public void Mutated_bytes_are_read_or_refused_and_never_throw() => ForSeeds(random =>
    {
        byte[] json = [.. Bodies[random.Next(Bodies.Length)]];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            Mutate(ref json, random);
        }

        RequestReader.TryRead(json, out ConversationRequest? request, out ApiError? error).ShouldBe(error is null);
        (request is null).ShouldBe(error is not null);
        if (request is not null)
        {
            using JsonDocument written = JsonDocument.Parse(Doors.Written(request), new JsonDocumentOptions { MaxDepth = 200 });
        }

        AnswerReader.TryRead(json, out Answer? answer, out error).ShouldBe(error is null);
        if (answer is not null)
        {
            using JsonDocument written = JsonDocument.Parse(Doors.Written(answer), new JsonDocumentOptions { MaxDepth = 200 });
        }

        new AnswerStreamReader().Read([], json, []);
    }, 2000);

    [Fact]
    public void A_mutated_stream_never_throws_and_keeps_the_rules_of_events() => ForSeeds(random =>
    {
        AnswerStreamReader reader = new();
        List<StreamEvent> events = [];
        foreach (string data in Streams[random.Next(Streams.Length)].Events)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(data);
            if (random.Next(10) == 0)
            {
                Mutate(ref bytes, random);
            }

            if (reader.Read([], bytes, events) is not null)
            {
                return;
            }
        }

        reader.Close(events);
        EventRules.Hold(events);
        _ = Doors.Written(events);
        _ = Doors.Written(Doors.Folded(events));
    }, 500);

    [Fact]
    public void A_stream_cut_anywhere_also_inside_a_letter_says_the_same() => ForSeeds(random =>
    {
        Recording recording = Streams[random.Next(Streams.Length)];
        using CutStream cut = new(Encoding.UTF8.GetBytes(recording.Sse!), random);
        AnswerStreamReader reader = new();
        List<StreamEvent> events = [];
        foreach (SseItem<byte[]> item in SseParser.Create(cut, (_, data) => data.ToArray()).Enumerate())
        {
            reader.Read([], item.Data, events).ShouldBeNull();
        }

        reader.Close(events);
        Doors.Written(events).ShouldBe(Doors.Written(Doors.Events(recording.Events)));
    }, 60);

    private static void Mutate(ref byte[] json, Random random)
    {
        int at = random.Next(json.Length);
        switch (random.Next(5))
        {
            case 0:
                json[at] = (byte)random.Next(256);
                break;
            case 1:
                json = [.. json[..at], .. json[Math.Min(json.Length, at + random.Next(1, 20))..], (byte)' '];
                break;
            case 2:
                json = [.. json[..at], .. "{}[]\",:0-n\\u\xd8"u8[..random.Next(1, 8)], .. json[at..]];
                break;
            case 3:
                // A value of another kind in place of one.
                string[] values = ["null", "7", "\"x\"", "[]", "{}", "true", "-0.5e9"];
                int colon = Array.IndexOf(json, (byte)':', at);
                int end = colon < 0 ? -1 : Array.FindIndex(json, colon, b => b is (byte)',' or (byte)'}');
                json = end < 0 ? json : [.. json[..(colon + 1)], .. Encoding.UTF8.GetBytes(values[random.Next(values.Length)]), .. json[end..]];
                break;
            default:
                json = [.. json[..Math.Max(1, at)]];
                break;
        }
    }

    /// <summary>Adds a field to one object of the document, outside of what is kept whole anyway.</summary>
    private static byte[] Inject(byte[] json, Random random)
    {
        List<int> objects = [];
        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                objects.Add((int)reader.TokenStartIndex + 1);
            }
        }

        int at = objects[random.Next(objects.Count)];
        bool empty = json.AsSpan(at).TrimStart(" \n"u8)[0] == (byte)'}';
        return [.. json[..at], .. Encoding.UTF8.GetBytes("\"x_new\":{\"a\":[1.50,\"é\"]}" + (empty ? "" : ",")), .. json[at..]];
    }

    /// <summary>Gives the bytes in pieces of random size.</summary>
    private sealed class CutStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, random.Next(1, 40)));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, random.Next(1, 40))]);
    }
}
