using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Anthropic;

/// <summary>Nothing of OpenAI's format is lost in silence on its way to Anthropic's.</summary>
public sealed class ForeignProbeTests
{
    public static TheoryData<string> Requests => OpenAIChat.RecordingTests.Requests;

    public static TheoryData<string> Answers => OpenAIChat.RecordingTests.Answers;

    public static TheoryData<string> Streams => OpenAIChat.RecordingTests.Streams;

    [Theory]
    [MemberData(nameof(Requests))]
    public void An_unknown_field_of_a_request_is_said_or_reported(string name) => EveryProbe(Recording.Of(name).Request!, (json, losses) =>
        Encoding.UTF8.GetString(Doors.Written(Doors.Request(json, ChatFormat.Instance), losses)));

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_unknown_field_of_an_answer_is_said_or_reported(string name) => EveryProbe(Recording.Of(name).Body!, (json, losses) =>
    {
        ChatFormat.Instance.TryReadAnswer(json, out Answer? answer, out ApiError? error).ShouldBeTrue(error?.Message);
        return Encoding.UTF8.GetString(Doors.Written(answer!, losses));
    });

    [Theory]
    [MemberData(nameof(Streams))]
    public void An_unknown_field_of_a_stream_is_said_or_reported(string name)
    {
        string[] events = [.. Recording.Of(name).Events.Where(e => e is not "[DONE]")];
        foreach (int at in (int[])[0, 1, 2, events.Length / 2, events.Length - 2, events.Length - 1])
        {
            if (at < 0 || at >= events.Length || events[at].Contains("\"error\"", StringComparison.Ordinal))
            {
                continue;
            }

            EveryProbe(Encoding.UTF8.GetBytes(events[at]), (json, losses) =>
            {
                IAnswerStreamReader reader = ChatFormat.Instance.NewStreamReader();
                List<StreamEvent> read = [];
                for (int i = 0; i < events.Length; i++)
                {
                    reader.Read([], i == at ? json : Encoding.UTF8.GetBytes(events[i]), read).ShouldBeNull();
                }

                reader.Close(read);
                return Doors.Written(read, losses);
            });
        }
    }

    private static void EveryProbe(byte[] document, Func<byte[], LossList, string> write)
    {
        List<string> lost = [];
        foreach ((byte[] json, string path) in Probe.Everywhere(document))
        {
            LossList losses = new();
            string written = write(json, losses);
            if (!written.Contains(Probe.Name, StringComparison.Ordinal) && !losses.Losses.Any(l => l.Field.Contains(Probe.Name, StringComparison.Ordinal) || IsWhole(l, path)))
            {
                lost.Add($"{path} [{string.Join(' ', losses.Losses.Select(l => l.Field))}]");
            }
        }

        lost.ShouldBeEmpty();
    }

    /// <summary>True if a loss says that what held the field was left out whole.</summary>
    private static bool IsWhole(TranslationLoss loss, string path) =>
        loss.Action == LossAction.Dropped
        && (path.StartsWith(loss.Field, StringComparison.Ordinal)
            || (loss.Field.EndsWith(".citations", StringComparison.Ordinal) && path.Contains("annotations", StringComparison.Ordinal))
            || (loss.Field.EndsWith(".reasoning", StringComparison.Ordinal) && path.Contains("reasoning", StringComparison.Ordinal)));
}
