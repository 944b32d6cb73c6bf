using System.Text;
using Interline.Protocols.Conversation;
using static Interline.Protocols.Tests.OpenAIChat.LossTests;

namespace Interline.Protocols.Tests.Anthropic;

/// <summary>Every property of the model, set by another format, is written or reported: found by reflection, so that a new property is asked about too.</summary>
public sealed class LossTests
{
    private static readonly NativeFields None = new(WireFormat.OpenAIChat);

    private static readonly Part[] Spoken =
    [
        new TextPart("t"), new RefusalPart("no"), new ReasoningPart("r") { Signature = "s" }, new ToolCallPart("a", "f", "{}"), new AudioPart(new InlineSource(null, "AAAA"u8.ToArray())) { Transcript = "said" },
    ];

    private static readonly Part[] Given =
    [
        new TextPart("t"), new ImagePart(new UrlSource("https://x")), new DocumentPart(new InlineSource("application/pdf", "AAAA"u8.ToArray())), new DocumentPart(new TextSource("t")),
        new DocumentPart(new PartsSource([new TextPart("t")])), new ToolResultPart("a", [new TextPart("t")]),
    ];

    private static readonly Part[] Unsayable =
    [
        new OpaquePart(WireFormat.OpenAIChat, "odd", new RawJson("{}")), new ImagePart(new FileSource("f")), new DocumentPart(new FileSource("f")),
        new ImagePart(new InlineSource("image/tiff", "AAAA"u8.ToArray())), new AudioPart(new UrlSource("https://x")), new VideoPart(new UrlSource("https://x")),
    ];

    private static ConversationRequest Foreign(params Part[] parts) => new("m", [new Message(Role.User, parts) { Native = None }]) { Native = None };

    private static Answer Answered(params Part[] parts) => new([new Choice(0, new Message(Role.Assistant, parts) { Native = None }) { Finish = FinishReason.Stop, Native = None }]) { Native = None };

    private static (string Written, int Losses) Write(ConversationRequest request)
    {
        LossList losses = new();
        return (Encoding.UTF8.GetString(Doors.Written(request, losses)), losses.Count);
    }

    private static (string Written, int Losses) Write(Answer answer)
    {
        LossList losses = new();
        return (Encoding.UTF8.GetString(Doors.Written(answer, losses)), losses.Count);
    }

    private static (string Written, int Losses) Streamed(params StreamEvent[] events)
    {
        LossList losses = new();
        return (Doors.Written([.. events, AnswerEnded.Instance], losses), losses.Count);
    }

    /// <summary>Asks about all but native fields: the samples' are Anthropic's own.</summary>
    private static void Ask<T>(T basis, Func<T, (string Written, int Losses)> write, params string[] except)
        where T : class => Audit(basis, write, [.. except, "Native", "InnerNative"]);

    [Fact]
    public void Every_setting_of_a_request_is_written_or_reported()
    {
        ConversationRequest basis = Foreign(new TextPart("a")) with { Tools = [new FunctionTool("f")] };
        Ask(basis, r => Write(r), "ParallelToolCalls", "StreamOptions");
        Write(basis with { ParallelToolCalls = false }).ShouldNotBe(Write(basis));
        Ask(new Sampling(), s => Write(basis with { Sampling = s }));
        Ask(new ReasoningSettings { Effort = "high" }, s => Write(basis with { Reasoning = s }), "Enabled", "Adaptive");
        Ask(new StreamOptions(), s => Write(basis with { StreamOptions = s }), "IncludeUsage");
        Ask(new ResponseFormat(ResponseFormatKind.JsonSchema) { Strict = true }, f => Write(basis with { ResponseFormat = f }));
        Ask(new FunctionTool("g"), t => Write(basis with { Tools = [t] }));
        Ask(new CustomTool("g"), t => Write(basis with { Tools = [t] }));
        Ask(new ToolChoice(ToolChoiceMode.Named) { Name = "f" }, c => Write(basis with { ToolChoice = c }), "IsCustom");
        Ask(new ToolChoice(ToolChoiceMode.Auto), c => Write(basis with { ToolChoice = c }), "IsCustom");
    }

    [Fact]
    public void Every_property_of_a_message_in_a_request_is_written_or_reported()
    {
        Ask(new Message(Role.User, [new TextPart("a")]) { Native = None }, m => Write(Foreign() with { Messages = [m] }));
        foreach (Part part in Given)
        {
            // A tool's name is in its call.
            Ask(part, p => Write(Foreign(p)), part is ToolResultPart ? "Name" : "");
        }

        foreach (Part part in Spoken.Take(4))
        {
            Ask(part, p => Write(Foreign() with { Messages = [new Message(Role.User, [new TextPart("q")]), new Message(Role.Assistant, [p]) { Native = None }] }),
                part is ReasoningPart ? ["SignedBy"] : []);
        }
    }

    [Fact]
    public void What_cannot_be_said_at_all_is_reported_with_its_place()
    {
        foreach (Part part in Unsayable)
        {
            LossList losses = new();
            Doors.Written(Foreign(new TextPart("a"), part), losses);
            losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("messages[0].content[1]");
            losses = new LossList();
            Doors.Written(Answered(part), losses);
            losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("choices[0].message.content[0]");
        }
    }

    [Fact]
    public void Every_property_of_an_answer_is_written_or_reported()
    {
        Ask(Answered(new TextPart("a")), a => Write(a));
        Ask(Answered(new TextPart("a")).Choices[0], c => Write(Answered() with { Choices = [c] }), "NativeFinish");
        Ask(Answered(new TextPart("a")).Choices[0].Message, m => Write(Answered() with { Choices = [new Choice(0, m) { Native = None }] }));
        Ask(new Citation { Url = "https://x", Format = WireFormat.OpenAIChat }, c => Write(Answered(new TextPart("a") { Citations = [c] })));
        foreach (Part part in Spoken)
        {
            Ask(part, p => Write(Answered(p)), "Cache", "SignedBy", "MediaType");
        }
    }

    [Fact]
    public void Every_property_of_a_streams_events_is_written_or_reported()
    {
        Ask(new AnswerStarted("i", "m", null), e => Streamed(e, new PartStarted(0, 0, new TextPart("a"))));
        Ask(new HeadChanged(null, null), e => Streamed(e, new PartStarted(0, 0, new TextPart("a"))));
        Ask(new ChoiceFinished(0, FinishReason.Stop, "stop"), e => Streamed(e), "NativeFinish");
        Ask(new Citation { Url = "https://x", Format = WireFormat.OpenAIChat }, c => Streamed(new PartStarted(0, 0, new TextPart("")), new CitationAdded(0, 0, c)));
        foreach (Part part in Spoken)
        {
            Ask(part, p => Streamed(new PartStarted(0, 0, p)), "Cache", "SignedBy", "MediaType");
        }
    }

    [Theory]
    [InlineData(NativeScope.Answer, "odd")]
    [InlineData(NativeScope.Choice, "choices[1].odd")]
    [InlineData(NativeScope.Message, "choices[1].message.odd")]
    [InlineData(NativeScope.Part, "choices[1].message.content[2].odd")]
    public void Fields_of_another_format_in_a_stream_are_reported_with_their_place(NativeScope scope, string path)
    {
        LossList losses = new();
        Doors.Written([new NativeReported(scope, 1, new NativeFields(WireFormat.OpenAIChat, new NativeField("odd", new RawJson("1")))) { Part = 2 }, AnswerEnded.Instance], losses).ShouldNotContain("odd");
        losses.Losses.ShouldHaveSingleItem().Field.ShouldBe(path);
    }
}
