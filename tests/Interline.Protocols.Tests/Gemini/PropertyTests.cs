using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Gemini;

public sealed class PropertyTests
{
    private static readonly byte[][] Requests = [.. Doors.Recordings.Select(r => r.Request).OfType<byte[]>().Where(b => b.Length < 8000)];

    private static readonly byte[][] Answers = [.. Doors.Recordings.Select(r => r.Body).OfType<byte[]>().Where(b => b.Length < 8000)];

    private static readonly string[][] Streams = [.. Doors.Recordings.Where(r => r.Sse is not null).Select(r => Doors.Pieces(r).Where(p => p.Length < 8000).ToArray())];

    [Fact]
    public void Mutated_bytes_are_read_or_refused_and_never_throw() => ForSeeds(random =>
    {
        byte[] request = Mutated(Requests[random.Next(Requests.Length)], random);
        bool read = GeminiFormat.Instance.TryReadRequest(request, out ConversationRequest? conversation, out ApiError? error);
        (read, error is null, conversation is not null).ShouldBe((read, read, read));
        _ = GenerateLane.Plain.Peek(request, null, out _);
        if (conversation is not null)
        {
            Doors.Written(conversation).ShouldNotBeEmpty();
            Doors.Written(ChatFormat.Instance, conversation, new LossList()).ShouldNotBeEmpty();
        }

        byte[] body = Mutated(Answers[random.Next(Answers.Length)], random);
        bool answered = GeminiFormat.Instance.TryReadAnswer(body, out Answer? answer, out error);
        (error is null, answer is not null).ShouldBe((answered, answered));
        _ = GenerateLane.Plain.SniffAnswer(body);
        _ = GenerateLane.Plain.ReadError(400, body);
        if (answer is not null)
        {
            Doors.Written(answer).ShouldNotBeEmpty();
            Doors.Written(ChatFormat.Instance, answer, new LossList()).ShouldNotBeEmpty();
        }
    });

    [Fact]
    public void A_mutated_stream_keeps_the_rules_of_events_or_is_malformed() => ForSeeds(random =>
    {
        string[] pieces = Streams[random.Next(Streams.Length)];
        int broken = random.Next(pieces.Length);
        IAnswerStreamReader reader = GeminiFormat.Instance.NewStreamReader();
        GeminiSniffer sniffer = new();
        List<StreamEvent> events = [];
        for (int i = 0; i < pieces.Length; i++)
        {
            byte[] piece = i == broken ? Mutated(Encoding.UTF8.GetBytes(pieces[i]), random) : Encoding.UTF8.GetBytes(pieces[i]);
            _ = sniffer.Inspect([], piece);
            if (reader.Read([], piece, events) is { } error)
            {
                error.Kind.ShouldBe(ErrorKind.Malformed);
                reader.Ended.ShouldBeTrue();
                return;
            }
        }

        reader.Close(events);
        OpenAIChat.EventRules.Hold(events);
        Doors.Written(events).ShouldNotBeEmpty();
        Doors.Written(ChatFormat.Instance, events, new LossList()).ShouldNotBeEmpty();
    });

    [Theory]
    [InlineData("""{"partialArgs":[{"jsonPath":"$.a","stringValue":"\ud800"}]}""")]
    [InlineData("""{"name":"f","args":{"a":{"b":1,"b":2}},"willContinue":true}""")]
    public void A_piece_of_a_call_that_is_no_text_is_malformed(string call)
    {
        List<StreamEvent> events = [];
        string piece = $$$"""{"candidates":[{"content":{"parts":[{"functionCall":{{{call}}}}]}}]}""";
        GeminiFormat.Instance.NewStreamReader().Read([], Encoding.UTF8.GetBytes(piece), events)!.Kind.ShouldBe(ErrorKind.Malformed);
        events.ShouldBeEmpty();
    }

    private static void ForSeeds(Action<Random> property) => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => property(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    private static byte[] Mutated(byte[] from, Random random)
    {
        List<byte> bytes = [.. from];
        for (int i = random.Next(1, 4); i > 0 && bytes.Count > 2; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)"{}[]\",:0n\\ \u0001"[random.Next(12)];
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.InsertRange(at, "\"\\ud800\""u8.ToArray());
                    break;
                default:
                    // A value of another kind in a value's place.
                    int colon = bytes.IndexOf((byte)':', at);
                    if (colon > 0)
                    {
                        bytes.InsertRange(colon + 1, ((string[])["7,\"x\":", "null,\"x\":", "[],\"x\":", "{},\"x\":", "\"t\",\"x\":", "true,\"x\":"])[random.Next(6)].Select(c => (byte)c));
                    }

                    break;
            }
        }

        return [.. bytes];
    }
}
