using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Interline.Protocols.Anthropic;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Anthropic;

public sealed class PropertyTests
{
    private static readonly byte[][] Bodies = [.. Recording.All.SelectMany(r => (byte[]?[])[r.Request, r.Body]).OfType<byte[]>().Where(b => b.Length < 8000)];

    private static readonly Recording[] Streams = [.. RecordingTests.All.Where(r => r.Sse is not null)];

    private static void ForSeeds(Action<Random> property, int runs) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            property(new Random(seed));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(runs));

    private static byte[] Mutated(byte[] json, Random random)
    {
        int at = random.Next(json.Length);
        string[] pieces = ["null", "7", "\"x\"", "[]", "{}", "\\ud800", "\"", "{", "]", ",", "-0.5e9"];
        return random.Next(3) switch
        {
            0 => [.. json[..at], (byte)random.Next(256), .. json[(at + 1)..]],
            1 => [.. json[..at], .. Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]), .. json[Math.Min(json.Length, at + random.Next(20))..]],
            _ => json[..Math.Max(1, at)],
        };
    }

    [Fact]
    public void Mutated_bytes_are_read_or_refused_and_never_throw() => ForSeeds(random =>
    {
        byte[] json = Mutated(Bodies[random.Next(Bodies.Length)], random);
        foreach (ConversationFormat format in (ConversationFormat[])[MessagesFormat.Instance, ChatFormat.Instance])
        {
            if (format.TryReadRequest(json, out ConversationRequest? request, out ApiError? error))
            {
                using JsonDocument written = JsonDocument.Parse(Doors.Written(request), new JsonDocumentOptions { MaxDepth = 200 });
            }

            (request is null).ShouldBe(error is not null);
            if (format.TryReadAnswer(json, out Answer? answer, out error))
            {
                using JsonDocument written = JsonDocument.Parse(Doors.Written(answer), new JsonDocumentOptions { MaxDepth = 200 });
                Doors.Data(Doors.Written(answer.Choices.Count > 0 ? RecordingTests.AsEvents(answer) : [])).ShouldNotBeNull();
            }
        }

        MessagesLane.Instance.SniffAnswer(json);
        MessagesLane.Instance.ReadError(400, json);
        new MessagesSniffer().Inspect([], json);
        CountTokens.TryReadAnswer(json, out _);
    }, 2000);

    [Fact]
    public void A_mutated_stream_never_throws_and_keeps_the_rules_of_events() => ForSeeds(random =>
    {
        IAnswerStreamReader reader = MessagesFormat.Instance.NewStreamReader();
        List<StreamEvent> events = [];
        foreach (string data in Streams[random.Next(Streams.Length)].Events)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(data);
            if (reader.Read([], random.Next(10) == 0 ? Mutated(bytes, random) : bytes, events) is not null)
            {
                return;
            }
        }

        reader.Close(events);
        EventRules.Hold(events);
        Doors.Data(Doors.Written(events)).ShouldNotBeEmpty();
        Doors.Written(Doors.Folded(events));
    }, 500);
}
