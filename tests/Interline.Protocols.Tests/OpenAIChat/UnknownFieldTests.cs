using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>An unknown field in every object of every recording: the same format keeps it, and no other format can lose it in silence.</summary>
public sealed class UnknownFieldTests
{
    // Perplexity's message beside the delta says the same once more; an error is not translated.
    private static readonly string[] NotRead = [".choices[].message", ".error"];

    public static TheoryData<string> Requests => RecordingTests.Requests;

    public static TheoryData<string> Answers => RecordingTests.Answers;

    public static TheoryData<string> Streams => RecordingTests.Streams;

    [Theory]
    [MemberData(nameof(Requests))]
    public void Unknown_fields_anywhere_in_a_request_are_written_back(string name)
    {
        int probes = 0;
        byte[] request = Probes.Into(Recording.Of(name).Request!, ref probes);
        JsonCompare.Difference(request, Doors.Written(Doors.Request(request))).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Unknown_fields_anywhere_in_a_request_are_seen_by_other_formats(string name)
    {
        int probes = 0;
        byte[] request = Probes.Into(Recording.Of(name).Request!, ref probes);
        Missing(probes, Probes.Delivered(Doors.Request(request)), Encoding.UTF8.GetString(request)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Unknown_fields_anywhere_in_an_answer_are_written_back(string name)
    {
        int probes = 0;
        byte[] body = Probes.Into(Recording.Of(name).Body!, ref probes);
        JsonCompare.Difference(body, Doors.Written(Doors.Answer(body))).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Unknown_fields_anywhere_in_an_answer_are_seen_by_other_formats(string name)
    {
        int probes = 0;
        byte[] body = Probes.Into(Recording.Of(name).Body!, ref probes);
        Missing(probes, Probes.Delivered(Doors.Answer(body)), Encoding.UTF8.GetString(body)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Unknown_fields_anywhere_in_a_stream_are_seen_by_other_formats(string name)
    {
        int probes = 0;
        List<string> data = Probed(name, ref probes, unique: true);
        Missing(probes, Probes.Delivered(Doors.Events(data)), string.Join('\n', data)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Unknown_fields_anywhere_in_a_stream_are_written_back(string name)
    {
        int probes = 0;
        List<string> data = Probed(name, ref probes, unique: false);
        List<StreamEvent> events = Doors.Events(data);
        if (events[^1] is AnswerFailed)
        {
            return;
        }

        SortedSet<string> expected = Places(data), written = Places(Doors.Data(Doors.Written(events)));
        expected.Except(written, StringComparer.Ordinal).ShouldBeEmpty();
    }

    private static List<string> Probed(string name, ref int probes, bool unique)
    {
        List<string> data = [];
        foreach (string one in Recording.Of(name).Events)
        {
            int number = unique ? probes : 0;
            data.Add(one is "[DONE]" ? one : Encoding.UTF8.GetString(Probes.Into(Encoding.UTF8.GetBytes(one), ref number, NotRead)));
            probes = number;
        }

        return data;
    }

    private static SortedSet<string> Places(IEnumerable<string> data) =>
        new(data.Where(d => d is not "[DONE]").SelectMany(Probes.Places), StringComparer.Ordinal);

    /// <summary>The surroundings of each probe that is not in the model.</summary>
    private static List<string> Missing(int probes, HashSet<int> found, string json) => [.. Enumerable.Range(0, probes).Where(p => !found.Contains(p)).Select(p =>
    {
        string text = $"\"{Probes.Name}\":{p}";
        int at = json.IndexOf(text + "}", StringComparison.Ordinal);
        return json[Math.Max(0, at - 200)..Math.Min(json.Length, at + text.Length + 20)];
    })];
}
