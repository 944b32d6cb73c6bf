using System.Text;
using System.Text.Json.Nodes;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Gemini;

/// <summary>An unknown field put into every object of every recorded document: this format keeps it, another has it or reports it lost.</summary>
public sealed class ProbeTests
{
    private const string Probe = "x_unknown_probe";

    public static TheoryData<string> Requests => RecordingTests.Requests;

    public static TheoryData<string> Answers => RecordingTests.Answers;

    public static TheoryData<string> Streams => RecordingTests.Streams;

    [Theory]
    [MemberData(nameof(Requests))]
    public void An_unknown_field_of_a_request_is_never_lost_in_silence(string name)
    {
        foreach ((string path, string json) in Probed(Encoding.UTF8.GetString(Recording.Of(name).Request!)))
        {
            ConversationRequest request = Doors.Request(json);
            JsonCompare.Difference(Encoding.UTF8.GetBytes(json), Doors.Written(request)).ShouldBeNull(path);
            LossList losses = new();
            Told(path, Encoding.UTF8.GetString(Doors.Written(ChatFormat.Instance, request, losses)), losses);
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_unknown_field_of_an_answer_is_never_lost_in_silence(string name)
    {
        foreach ((string path, string json) in Probed(Encoding.UTF8.GetString(Recording.Of(name).Body!)))
        {
            Answer answer = Doors.Answer(json);
            JsonCompare.Difference(Encoding.UTF8.GetBytes(json), Doors.Written(answer)).ShouldBeNull(path);
            LossList losses = new();
            Told(path, Encoding.UTF8.GetString(Doors.Written(ChatFormat.Instance, answer, losses)), losses);
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void An_unknown_field_of_a_stream_is_never_lost_in_silence(string name)
    {
        string[] pieces = [.. Doors.Pieces(Recording.Of(name))];
        for (int i = 0; i < pieces.Length; i++)
        {
            foreach ((string path, string json) in Probed(pieces[i]))
            {
                if (path.Contains(".usageMetadata.", StringComparison.Ordinal) && i < pieces.Length - 1)
                {
                    // Usage is cumulative: what a later piece says again in other words no longer counts.
                    continue;
                }

                string[] probed = [.. pieces];
                probed[i] = json;
                List<StreamEvent> events = Doors.Events(probed);
                Doors.Written(events).ShouldContain(Probe, customMessage: $"{i}: {path}");
                LossList losses = new();
                Told($"{i}: {path}", Doors.Written(ChatFormat.Instance, events, losses), losses);
            }
        }
    }

    private static void Told(string path, string written, LossList losses)
    {
        if (written.Contains(Probe, StringComparison.Ordinal))
        {
            return;
        }

        string[] steps = path.Split('.', '[').Select(s => s.TrimEnd(']')).Where(s => s.Length > 0 && !char.IsDigit(s[0])).ToArray();
        losses.Losses.Any(l => l.Field.Contains(Probe, StringComparison.Ordinal) || l.Why.Contains(Probe, StringComparison.Ordinal) || Above(l.Field, l.Why, steps))
            .ShouldBeTrue($"{path}: {string.Join("; ", losses.Losses.Select(l => l.Field))}");
    }

    /// <summary>Whether what was lost is an object the field stands in: its last name, or the kind it names in its reason, is on the field's path.</summary>
    private static bool Above(string field, string why, string[] steps)
    {
        string last = field.Split('.')[^1].Split('[')[0];
        return steps.Contains(last, StringComparer.Ordinal) || steps.Any(s => why.Split(' ').Contains(s, StringComparer.Ordinal));
    }

    /// <summary>The document once for each object in it, with the field put into that.</summary>
    private static IEnumerable<(string Path, string Json)> Probed(string json)
    {
        List<string> paths = [];
        Walk(JsonNode.Parse(json)!, paths);
        for (int i = 0; i < paths.Count; i++)
        {
            JsonNode copy = JsonNode.Parse(json)!;
            int left = i;
            Put(copy, ref left);
            yield return (paths[i] + "." + Probe, copy.ToJsonString());
        }
    }

    private static void Walk(JsonNode? node, List<string> paths)
    {
        if (node is JsonObject fields)
        {
            paths.Add(fields.GetPath());
            foreach ((_, JsonNode? value) in fields)
            {
                Walk(value, paths);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
            {
                Walk(item, paths);
            }
        }
    }

    private static bool Put(JsonNode? node, ref int left)
    {
        if (node is JsonObject fields)
        {
            if (left-- == 0)
            {
                fields[Probe] = 1;
                return true;
            }

            foreach ((_, JsonNode? value) in fields)
            {
                if (Put(value, ref left))
                {
                    return true;
                }
            }
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
            {
                if (Put(item, ref left))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
