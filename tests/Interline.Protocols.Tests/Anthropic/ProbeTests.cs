using System.Text;
using System.Text.Json;
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
        foreach ((List<string> events, string path, _) in ProbedStreams(name))
        {
            LossList losses = new();
            string written = Doors.Written(Doors.Events(events), losses);

            // An input given at a block's start and again in pieces cannot be written twice: it is reported.
            if (!written.Contains(Probe.Name, StringComparison.Ordinal) && !losses.Losses.Any(l => l.Field == path && path.EndsWith(".input", StringComparison.Ordinal)))
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
        foreach ((List<string> events, string path, string? block) in ProbedStreams(name))
        {
            LossList losses = new();
            string written = Doors.Written(Doors.Events(events), losses, ChatFormat.Instance);
            if (!IsToldOf(written, losses, path) && (block is null || !IsToldOf(written, losses, block)))
            {
                lost.Add(path);
            }
        }

        lost.ShouldBeEmpty();
    }

    /// <summary>The path in a whole answer of what stands in a block's event.</summary>
    private static string? Block(string data, string path)
    {
        using JsonDocument document = JsonDocument.Parse(data);
        return document.RootElement.TryGetProperty("index", out JsonElement index)
            ? $"content[{index.GetInt32()}]{path.Replace("content_block", "", StringComparison.Ordinal).Replace("delta", "", StringComparison.Ordinal)}"
            : null;
    }

    private static string Type(string data)
    {
        using JsonDocument document = JsonDocument.Parse(data);
        return document.RootElement.GetProperty("type").GetString()!;
    }

    /// <summary>The stream with the field in each object of its events; of the many deltas of a block only the first three.</summary>
    private static IEnumerable<(List<string> Events, string Path, string? Block)> ProbedStreams(string name)
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
                yield return (probed, path.Length == 0 ? Type(events[i]) : $"{Type(events[i])}.{path}", Block(events[i], path));
            }
        }
    }

    /// <summary>True if the field is in the output, is named by a loss, or stood inside of what a loss says was left out whole.</summary>
    private static bool IsToldOf(string written, LossList losses, string path) =>
        written.Contains(Probe.Name, StringComparison.Ordinal)
        || losses.Losses.Any(l => l.Field.Contains(Probe.Name, StringComparison.Ordinal) || (l.Action == LossAction.Dropped && Holds(l.Field, path)));

    /// <summary>Other formats name places in their own way: a loss holds the path if it is a prefix of it, or ends in a name of it that stands in one place only.</summary>
    private static bool Holds(string field, string path)
    {
        string prefix = field.Replace("choices[0].message.", "", StringComparison.Ordinal).Replace("choices[0].", "", StringComparison.Ordinal);
        string last = field[(field.LastIndexOf('.') + 1)..];
        return (path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] is '.' or '['))
            || (last is "caller" or "ping" or "container" or "stop_details" && path.Split('.').Contains(last))
            || (last is "annotations" && path.Contains(".citations[", StringComparison.Ordinal));
    }
}
