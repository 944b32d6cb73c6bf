using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Anthropic;

/// <summary>Nothing is lost in silence: a field that nobody knows, at any depth of any recorded document.</summary>
public sealed class ProbeTests
{
    public static TheoryData<string> Requests => RecordingTests.Requests;

    public static TheoryData<string> Answers => RecordingTests.Answers;

    public static TheoryData<string> Streams => RecordingTests.Streams;

    [Theory]
    [MemberData(nameof(Requests))]
    public void An_unknown_field_of_a_request_is_written_back(string name)
    {
        foreach ((byte[] json, string path) in Probe.Everywhere(Recording.Of(name).Request!))
        {
            LossList losses = new();
            JsonCompare.Difference(json, Doors.Written(Doors.Request(json), losses)).ShouldBeNull(path);
            losses.Losses.ShouldBeEmpty(path);
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void An_unknown_field_of_a_request_is_said_in_another_format_or_reported(string name)
    {
        List<string> lost = [];
        foreach ((byte[] json, string path) in Probe.Everywhere(Recording.Of(name).Request!))
        {
            LossList losses = new();
            byte[] written = Doors.Written(Doors.Request(json), losses, new TargetModel("gpt", "openai"), ChatFormat.Instance);
            if (!IsToldOf(Encoding.UTF8.GetString(written), losses, path))
            {
                lost.Add(path);
            }
        }

        lost.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_unknown_field_of_an_answer_is_written_back(string name)
    {
        foreach ((byte[] json, string path) in Probe.Everywhere(Recording.Of(name).Body!))
        {
            JsonCompare.Difference(json, Doors.Written(Doors.Answer(json))).ShouldBeNull(path);
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_unknown_field_of_an_answer_is_said_in_another_format_or_reported(string name)
    {
        List<string> lost = [];
        foreach ((byte[] json, string path) in Probe.Everywhere(Recording.Of(name).Body!))
        {
            LossList losses = new();
            byte[] written = Doors.Written(Doors.Answer(json), losses, ChatFormat.Instance);
            if (!IsToldOf(Encoding.UTF8.GetString(written), losses, path))
            {
                lost.Add(path);
            }
        }

        lost.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void An_unknown_field_of_an_event_is_written_back(string name)
    {
        List<string> lost = [];
        foreach ((List<string> events, string path) in ProbedStreams(name))
        {
            LossList losses = new();
            if (!Doors.Written(Doors.Events(events), losses).Contains(Probe.Name, StringComparison.Ordinal))
            {
                lost.Add(path);
            }
        }

        lost.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void An_unknown_field_of_an_event_is_said_in_another_format_or_reported(string name)
    {
        List<string> lost = [];
        foreach ((List<string> events, string path) in ProbedStreams(name))
        {
            LossList losses = new();
            string written = Doors.Written(Doors.Events(events), losses, ChatFormat.Instance);
            if (!IsToldOf(written, losses, path))
            {
                lost.Add(path);
            }
        }

        lost.ShouldBeEmpty();
    }

    /// <summary>The stream with the field in each object of its events; of the many deltas of a block only the first three.</summary>
    private static IEnumerable<(List<string> Events, string Path)> ProbedStreams(string name)
    {
        List<string> events = [.. Recording.Of(name).Events];
        int deltas = 0;
        for (int i = 0; i < events.Count; i++)
        {
            deltas = events[i].Contains("\"content_block_delta\"", StringComparison.Ordinal) ? deltas + 1 : 0;
            if (deltas > 3)
            {
                continue;
            }

            foreach ((byte[] json, string path) in Probe.Everywhere(Encoding.UTF8.GetBytes(events[i])))
            {
                List<string> probed = [.. events];
                probed[i] = Encoding.UTF8.GetString(json);
                yield return (probed, $"{i}: {events[i][..Math.Min(60, events[i].Length)]} {path}");
            }
        }
    }

    /// <summary>True if the field is in the output, is named by a loss, or stood inside of what a loss says was left out whole.</summary>
    private static bool IsToldOf(string written, LossList losses, string path) =>
        written.Contains(Probe.Name, StringComparison.Ordinal)
        || losses.Losses.Any(l => l.Field.Contains(Probe.Name, StringComparison.Ordinal) || (l.Action == LossAction.Dropped && Holds(l.Field, path)));

    private static bool Holds(string field, string path)
    {
        field = field.Replace("choices[0].", "", StringComparison.Ordinal);
        return path.StartsWith(field, StringComparison.Ordinal) && (path.Length == field.Length || path[field.Length] is '.' or '[');
    }
}
