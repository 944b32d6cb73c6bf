using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Protocols.Conversation;
using Interline.Protocols.Gemini;
using Interline.Protocols.Tests.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Gemini;

public sealed class RecordingTests
{
    public static TheoryData<string> Requests => [.. Doors.Recordings.Where(r => r.Request is not null).Select(r => r.Name)];

    public static TheoryData<string> Answers => [.. Doors.Recordings.Where(r => r is { Body: [(byte)'{', ..], Status: 200 }).Select(r => r.Name)];

    public static TheoryData<string> Streams => [.. Doors.Recordings.Where(r => r.Sse is not null || r.Body is [(byte)'[', ..]).Select(r => r.Name)];

    public static TheoryData<string> Failures => [.. Doors.Recordings.Where(r => r.Status >= 400).Select(r => r.Name)];

    [Fact]
    public void There_are_recordings_of_each_kind() => (Requests.Count > 25, Answers.Count > 12, Streams.Count > 15, Failures.Count > 2).ShouldBe((true, true, true, true));

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_recorded_request_is_written_back_with_equal_values(string name)
    {
        byte[] request = Recording.Of(name).Request!;
        LossList losses = new();
        JsonCompare.Difference(request, Doors.Written(Doors.Request(request), losses)).ShouldBeNull();
        losses.Count.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_recorded_request_passes_the_peek(string name)
    {
        GenerateLane.Stream.Peek(Recording.Of(name).Request, null, out var facts).ShouldBeNull();
        using JsonDocument body = JsonDocument.Parse(Recording.Of(name).Request!);
        (facts.Stream, facts.HasTools).ShouldBe((true, body.RootElement.TryGetProperty("tools", out _)));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void A_recorded_answer_is_written_back_with_equal_values(string name)
    {
        byte[] body = Recording.Of(name).Body!;
        LossList losses = new();
        JsonCompare.Difference(body, Doors.Written(Doors.Answer(body), losses)).ShouldBeNull();
        losses.Count.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Reader_and_sniffer_agree_on_a_recorded_answer(string name)
    {
        byte[] body = Recording.Of(name).Body!;
        Answer answer = Doors.Answer(body);
        var facts = Doors.Sniffed(body);
        facts.Valid.ShouldBeTrue();
        (facts.Usage, facts.Finish, facts.ServiceTier).ShouldBe((answer.Usage, answer.Choices[0].Finish, answer.ServiceTier));
        using JsonDocument document = JsonDocument.Parse(body);
        answer.Usage!.Value.Total.ShouldBe(document.RootElement.GetProperty("usageMetadata").GetProperty("totalTokenCount").GetInt64());
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_keeps_the_rules_of_events(string name) => EventRules.Hold(Doors.Events(Doors.Pieces(Recording.Of(name))));

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_folds_to_the_answer_of_its_pieces(string name)
    {
        string[] pieces = [.. Doors.Pieces(Recording.Of(name))];
        Answer answer = Doors.Folded(Doors.Events(pieces));
        PieceSum sum = PieceSum.Of(pieces);
        IReadOnlyList<Part> parts = answer.Choices[0].Message.Parts;
        string.Concat(parts.OfType<TextPart>().Select(p => p.Text)).ShouldBe(sum.Text);
        string.Concat(parts.OfType<ReasoningPart>().Select(p => p.Text)).ShouldBe(sum.Thoughts);
        parts.OfType<ToolCallPart>().Select(p => p.Name).ShouldBe(sum.Calls);
        parts.Select(Signature).OfType<string>().ShouldBe(sum.Signatures);
        answer.Choices[0].NativeFinish.ShouldBe(sum.Finish);
        if (sum.SaysOutput)
        {
            (answer.Usage?.Total).ShouldBe(sum.Total);
        }
    }

    private static string? Signature(Part part) => part is OpaquePart opaque ? JsonNode.Parse(opaque.Json.Utf8)!["thoughtSignature"]?.GetValue<string>() : part.Signature;

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_written_again_says_the_same(string name)
    {
        string[] pieces = [.. Doors.Pieces(Recording.Of(name))];
        List<StreamEvent> events = Doors.Events(pieces);
        LossList losses = new();
        string[] written = [.. Doors.Data(Doors.Written(events, losses))];
        losses.Count.ShouldBe(0);
        List<StreamEvent> again = Doors.Events(written);
        EventRules.Hold(again);
        JsonCompare.Difference(Doors.Written(Doors.Folded(events)), Doors.Written(Doors.Folded(again))).ShouldBeNull();
        PieceSum.Of(written).ShouldBe(PieceSum.Of(pieces));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_stream_written_as_an_array_is_one(string name)
    {
        List<StreamEvent> events = Doors.Events(Doors.Pieces(Recording.Of(name)));
        using JsonDocument array = JsonDocument.Parse(Doors.Written(GeminiFormat.Array, events, null));
        array.RootElement.EnumerateArray().Select(e => e.GetRawText()).ShouldBe(Doors.Data(Doors.Written(events)));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Reader_and_sniffer_agree_on_a_recorded_stream(string name)
    {
        string[] pieces = [.. Doors.Pieces(Recording.Of(name))];
        Answer answer = Doors.Folded(Doors.Events(pieces));
        GeminiSniffer sniffer = Doors.Sniffed(pieces);
        (sniffer.HasBegun, sniffer.IsComplete).ShouldBe((true, true));
        (sniffer.Usage, sniffer.Finish, sniffer.ServiceTier).ShouldBe((answer.Usage, answer.Choices[0].Finish, answer.ServiceTier));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_recorded_error_is_read(string name)
    {
        var error = GenerateLane.Plain.ReadError(Recording.Of(name).Status, Recording.Of(name).Body);
        error.InFormat.ShouldBeTrue();
        error.Error.Message.ShouldNotBeEmpty();
        error.Error.Type.ShouldBeOneOf("INVALID_ARGUMENT", "NOT_FOUND");
    }

    [Fact]
    public void Recorded_counts_of_tokens_are_read_and_written()
    {
        Recording[] counts = [.. Recording.All.Where(r => r.Name.Contains("gemini-counttokens", StringComparison.Ordinal))];
        counts.Length.ShouldBe(5);
        foreach (Recording r in counts)
        {
            CountTokensLane.Instance.Peek(r.Request, null, out _).ShouldBeNull();
            CountTokens.TryReadRequest(r.Request, out ConversationRequest? request, out _).ShouldBeTrue();
            request!.Messages.ShouldNotBeEmpty();
            CountTokens.TryReadAnswer(r.Body, out long tokens).ShouldBeTrue();
            using JsonDocument body = JsonDocument.Parse(r.Body!);
            tokens.ShouldBe(body.RootElement.GetProperty("totalTokens").GetInt64());
        }
    }
}

/// <summary>What the pieces of a stream say, read apart from the product's code, by a document tree.</summary>
public sealed record PieceSum(string Text, string Thoughts, string? Finish, long? Total)
{
    /// <summary>Whether the last usage has a count of the output: where it has none, its total lacks the output too.</summary>
    public bool SaysOutput { get; private init; }

    public List<string> Calls { get; } = [];

    public List<string> Signatures { get; } = [];

    public static PieceSum Of(IEnumerable<string> pieces)
    {
        StringBuilder text = new(), thoughts = new();
        string? finish = null;
        long? total = null;
        bool output = false;
        PieceSum sum = new("", "", null, null);
        foreach (string piece in pieces)
        {
            using JsonDocument document = JsonDocument.Parse(piece);
            if (document.RootElement.TryGetProperty("usageMetadata", out JsonElement usage) && usage.TryGetProperty("totalTokenCount", out JsonElement count))
            {
                total = count.GetInt64();
                output = usage.TryGetProperty("candidatesTokenCount", out _);
            }

            if (!document.RootElement.TryGetProperty("candidates", out JsonElement candidates))
            {
                continue;
            }

            JsonElement first = candidates[0];
            finish = first.TryGetProperty("finishReason", out JsonElement word) ? word.GetString() : finish;
            if (!first.TryGetProperty("content", out JsonElement content) || !content.TryGetProperty("parts", out JsonElement parts))
            {
                continue;
            }

            foreach (JsonElement part in parts.EnumerateArray())
            {
                bool thought = part.TryGetProperty("thought", out _);
                (thought ? thoughts : text).Append(part.TryGetProperty("text", out JsonElement said) ? said.GetString() : "");
                if (part.TryGetProperty("functionCall", out JsonElement call) && call.TryGetProperty("name", out JsonElement name))
                {
                    sum.Calls.Add(name.GetString()!);
                }

                if (part.TryGetProperty("thoughtSignature", out JsonElement signature))
                {
                    sum.Signatures.Add(signature.GetString()!);
                }
            }
        }

        PieceSum result = new(text.ToString(), thoughts.ToString(), finish, total) { SaysOutput = output };
        result.Calls.AddRange(sum.Calls);
        result.Signatures.AddRange(sum.Signatures);
        return result;
    }

    public bool Equals(PieceSum? other) => other is not null && (Text, Thoughts, Finish, Total) == (other.Text, other.Thoughts, other.Finish, other.Total)
        && Calls.SequenceEqual(other.Calls) && Signatures.SequenceEqual(other.Signatures);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
