using System.Reflection;
using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>Every property of the model, set by another format, is written or reported: found by reflection, so that a new property is asked about too.</summary>
public sealed class LossTests
{
    /// <summary>How its own format spelled something, or what only says what other properties mean.</summary>
    private static readonly string[] FormOnly =
        ["Spelling", "AsParts", "InstructionsAsParts", "StopAsText", "MaxOutputTokensSpelling", "Format", "Json", "Role", "Kind", "Mode", "Source", "Parts", "EqualityContract"];

    private static readonly NativeFields None = new(WireFormat.AnthropicMessages);

    private static readonly Part[] Spoken =
    [
        new TextPart("t"), new RefusalPart("no"), new ReasoningPart("r") { Signature = "s" }, new ToolCallPart("a", "f", "{}"),
        new ImagePart(new InlineSource("image/png", "AAAA"u8.ToArray())), new AudioPart(new InlineSource(null, "AAAA"u8.ToArray())),
    ];

    private static readonly Part[] Given =
    [
        new TextPart("t"), new ImagePart(new UrlSource("https://x")), new AudioPart(new InlineSource("audio/wav", "AAAA"u8.ToArray())),
        new DocumentPart(new InlineSource("application/pdf", "AAAA"u8.ToArray())), new DocumentPart(new TextSource("t")), new DocumentPart(new UrlSource("https://x")),
        new DocumentPart(new FileSource("f")), new VideoPart(new UrlSource("https://x")), new ToolResultPart("a", [new TextPart("t")]),
    ];

    private static readonly Part[] Unsayable =
    [
        new OpaquePart(WireFormat.AnthropicMessages, "server_tool_use", new RawJson("{}")), new ImagePart(new FileSource("f")), new DocumentPart(new PartsSource([new TextPart("t")])),
        new AudioPart(new UrlSource("https://x")), new VideoPart(new FileSource("f")),
    ];

    public static TheoryData<string> Dialects => ["openai", "openrouter", "deepseek", "gemini", "groq"];

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Every_setting_of_a_request_is_written_or_reported(string provider)
    {
        ConversationRequest basis = Foreign(new TextPart("a")) with { Tools = [new FunctionTool("f")] };
        Audit(basis, r => Write(r, provider));
        Audit(new Sampling(), s => Write(basis with { Sampling = s }, provider));
        Audit(new ReasoningSettings(), s => Write(basis with { Reasoning = s }, provider));
        Audit(new ReasoningSettings { Effort = "high" }, s => Write(basis with { Reasoning = s }, provider), "Effort", "Enabled", "Adaptive");
        Audit(new StreamOptions(), s => Write(basis with { StreamOptions = s }, provider));
        Audit(new ResponseFormat(ResponseFormatKind.JsonSchema), f => Write(basis with { ResponseFormat = f }, provider));
        Audit(new FunctionTool("g"), t => Write(basis with { Tools = [t] }, provider));
        Audit(new CustomTool("g"), t => Write(basis with { Tools = [t] }, provider));
        Audit(new ToolChoice(ToolChoiceMode.Named) { Name = "f" }, c => Write(basis with { ToolChoice = c }, provider), "Allowed");
        Audit(new ToolChoice(ToolChoiceMode.Auto), c => Write(basis with { ToolChoice = c }, provider), "Name", "IsCustom");
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Every_property_of_a_message_in_a_request_is_written_or_reported(string provider)
    {
        Audit(new Message(Role.User, [new TextPart("a")]) { Native = None }, m => Write(Foreign() with { Messages = [m] }, provider));
        Audit(new Message(Role.User, [new ToolResultPart("a", [])]) { Native = None }, m => Write(Foreign() with { Messages = [m] }, provider));
        foreach (Part part in Given)
        {
            if (provider is "openai" && part is VideoPart or DocumentPart { Source: UrlSource })
            {
                // Reported whole: OpenAI takes neither.
                Write(Foreign(part), provider).Losses.ShouldBe(1);
                continue;
            }

            Audit(part, p => Write(Foreign(p), provider));
        }

        foreach (Part part in Spoken.Take(4))
        {
            // Without a place for earlier reasoning the whole part is reported.
            bool whole = part is ReasoningPart && provider is not "openrouter";
            Audit(part, p => Write(Foreign() with { Messages = [new Message(Role.Assistant, [p]) { Native = None }] }, provider), whole ? ["Text", "IsSummary", "Encrypted", "Id", "SignedBy", "Signature"] : []);
        }
    }

    [Fact]
    public void What_cannot_be_said_at_all_is_reported_with_its_place()
    {
        foreach (Part part in Unsayable)
        {
            LossList losses = new();
            Doors.Written(Foreign(part), losses);
            losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("messages[0].content[0]");
            losses = new LossList();
            Doors.Written(Answered(part), losses);
            losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("choices[0].message.content[0]");
            losses = new LossList();
            Stream(losses, new PartStarted(0, 0, part), new PartEnded(0, 0)).ShouldNotContain("\"content\":");
            losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("choices[0].message.content[0]");
        }

        LossList named = new();
        Doors.Written(Answered(Unsayable[0]), named);
        named.Losses[0].Why.ShouldContain("server_tool_use");
    }

    [Fact]
    public void Every_property_of_an_answer_is_written_or_reported()
    {
        Audit(Answered(new TextPart("a")), a => Write(a));
        Audit(Answered(new TextPart("a")).Choices[0], c => Write(Answered() with { Choices = [c] }));
        Audit(Answered(new TextPart("a")).Choices[0].Message, m => Write(Answered() with { Choices = [new Choice(0, m) { Native = None }] }));
        Audit(new Citation { Url = "https://x", Format = WireFormat.AnthropicMessages }, c => Write(Answered(new TextPart("a") { Citations = [c] })));
        foreach (Part part in Spoken)
        {
            Audit(part, p => Write(Answered(p)), "Cache");
        }
    }

    [Fact]
    public void Every_property_of_a_streams_events_is_written_or_reported()
    {
        Audit(new AnswerStarted("i", "m", 1), e => Streamed(e, new PartStarted(0, 0, new TextPart("a"))));
        Audit(new HeadChanged(null, null), e => Streamed(e, new PartStarted(0, 0, new TextPart("a"))));
        Audit(new ChoiceFinished(0, FinishReason.Stop, "end_turn"), e => Streamed(e), "Choice");
        Audit(new Citation { Url = "https://x", Format = WireFormat.AnthropicMessages }, c => Streamed(new PartStarted(0, 0, new TextPart("")), new CitationAdded(0, 0, c)));
        foreach (Part part in Spoken)
        {
            Audit(part, p => Streamed(new PartStarted(0, 0, p)), "Cache");
        }
    }

    [Fact]
    public void Every_delta_of_a_stream_is_written_or_reported()
    {
        foreach (Part part in (Part[])[.. Spoken, .. Unsayable])
        {
            Part seed = part is ReasoningPart r ? r with { Text = "", Signature = null } : part;
            foreach (StreamEvent e in (StreamEvent[])[new SignatureDelta(0, 0, "s"), new EncryptedDelta(0, 0, "d"), new CitationAdded(0, 0, new Citation { Format = WireFormat.AnthropicMessages })])
            {
                (string Written, int Losses) without = Streamed(new PartStarted(0, 0, seed)), with = Streamed(new PartStarted(0, 0, seed), e);

                // A part that cannot be said is reported whole, and its deltas say nothing.
                (with != without).ShouldBe(e is CitationAdded || without.Losses == 0, $"{e.GetType().Name} of {part.GetType().Name}");
            }
        }
    }

    [Fact]
    public void A_loss_is_told_once_and_with_its_place()
    {
        foreach (Part part in Spoken)
        {
            LossList losses = new();
            Stream(losses, new PartStarted(0, 0, part with { Native = Odd }));
            losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("choices[0].message.content[0].odd");
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
        Stream(losses, new NativeReported(scope, 1, Odd) { Part = 2 }).ShouldNotContain("odd");
        losses.Losses.ShouldHaveSingleItem().Field.ShouldBe(path);
    }

    [Fact]
    public void What_a_usage_says_beyond_the_classes_is_reported_in_answers_and_streams()
    {
        NativeUsage native = new(WireFormat.AnthropicMessages, new RawJson("""{"server_tool_use":{"web_search_requests":1}}""")) { Unread = ["server_tool_use"] };
        Usage usage = new() { Input = 1, CacheWrite1h = 2 };
        string[] expected = ["usage.server_tool_use", "usage.cache_creation.ephemeral_1h_input_tokens"];
        LossList losses = new();
        Doors.Written(Answered(new TextPart("a")) with { Usage = usage, NativeUsage = native }, losses);
        losses.Losses.Select(l => l.Field).ShouldBe(expected);
        losses = new LossList();
        Stream(losses, new UsageReported(usage, native));
        losses.Losses.Select(l => l.Field).ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":1,"video_tokens":2},"completion_tokens_details":{"accepted_prediction_tokens":0,"rejected_prediction_tokens":4},"cost":0.1,"cost_details":{"a":1},"none":null}""", "prompt_tokens_details.video_tokens,completion_tokens_details.rejected_prediction_tokens,cost,cost_details")]
    [InlineData("""{"prompt_tokens":1,"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":1,"completion_tokens_details":null}""", "")]
    public void A_usage_object_names_what_the_classes_do_not_say(string usage, string unread)
    {
        Answer answer = Doors.Answer(Encoding.UTF8.GetBytes($$"""{"choices":[],"usage":{{usage}}}"""));
        answer.NativeUsage!.Unread.ShouldBe(unread.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    private static NativeFields Odd => new(WireFormat.AnthropicMessages, new NativeField("odd", new RawJson("1")));

    private static ConversationRequest Foreign(params Part[] parts) => new("m", [new Message(Role.User, parts) { Native = None }]) { Native = None };

    private static Answer Answered(params Part[] parts) => new([new Choice(0, new Message(Role.Assistant, parts) { Native = None }) { Finish = FinishReason.Stop, Native = None }]) { Native = None };

    private static (string Written, int Losses) Write(ConversationRequest request, string provider)
    {
        LossList losses = new();
        return (Encoding.UTF8.GetString(Doors.Written(request, losses, ChatDialect.Of(new TargetModel(provider is "openai" ? "gpt-5" : "m", provider)))), losses.Count);
    }

    private static (string Written, int Losses) Write(Answer answer)
    {
        LossList losses = new();
        return (Encoding.UTF8.GetString(Doors.Written(answer, losses)), losses.Count);
    }

    private static (string Written, int Losses) Streamed(params StreamEvent[] events)
    {
        LossList losses = new();
        return (Stream(losses, events), losses.Count);
    }

    private static string Stream(LossList losses, params StreamEvent[] events) => Doors.Written([.. events, AnswerEnded.Instance], losses: losses);

    /// <summary>Sets each property by itself: the output must be another one, or a loss more be told.</summary>
    internal static void Audit<T>(T basis, Func<T, (string Written, int Losses)> write, params string[] except)
        where T : class
    {
        (string Written, int Losses) before = write(basis);
        foreach (PropertyInfo property in basis.GetType().GetProperties().Where(p => p.CanWrite && !FormOnly.Contains(p.Name, StringComparer.Ordinal) && !except.Contains(p.Name, StringComparer.Ordinal)))
        {
            object? sample = Sample(property, property.GetValue(basis));
            if (sample is not null)
            {
                T with = (T)basis.GetType().GetMethod("<Clone>$")!.Invoke(basis, null)!;
                property.SetValue(with, sample);
                write(with).ShouldNotBe(before, $"{basis} {property.Name} is lost in silence");
            }
        }
    }

    private static object? Sample(PropertyInfo property, object? now) => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, property.Name) switch
    {
        (_, "Messages" or "Choices" or "Message" or "Sampling" or "Reasoning" or "Choice" or "Part" or "Index" or "NativeUsage") => null,
        (_, "ServiceTier") => "flex",
        (_, "OutputModalities") => (string[])["audio"],
        (_, "Effort") => "low",
        (_, "Citations") when property.PropertyType == typeof(IReadOnlyList<Citation>) => (Citation[])[new Citation { Url = "https://x" }],
        (var t, _) when t == typeof(string) => now + "x",
        (var t, _) when t == typeof(bool) => now is not true,
        (var t, _) when t == typeof(int) => 3,
        (var t, _) when t == typeof(long) => 9L,
        (var t, _) when t == typeof(JsonNumber) => (JsonNumber)7L,
        (var t, _) when t == typeof(RawJson) => new RawJson("""{"a":1}"""),
        (var t, _) when t == typeof(CacheMark) => new CacheMark("1h"),
        (var t, _) when t == typeof(NativeFields) => Odd,
        (var t, _) when t == typeof(Usage) => new Usage { Input = 3 },
        (var t, _) when t == typeof(FinishReason) => FinishReason.Error,
        (var t, _) when t == typeof(ToolChoice) => new ToolChoice(ToolChoiceMode.Required),
        (var t, _) when t == typeof(ResponseFormat) => new ResponseFormat(ResponseFormatKind.JsonObject),
        (var t, _) when t == typeof(StreamOptions) => new StreamOptions { IncludeUsage = true },
        (var t, _) when t == typeof(IReadOnlyList<string>) => (string[])["x"],
        (var t, _) when t == typeof(IReadOnlyList<Part>) => (Part[])[new TextPart("x")],
        (var t, _) when t == typeof(IReadOnlyList<Tool>) => (Tool[])[new FunctionTool("x")],
        (var t, var name) => throw new NotSupportedException($"No sample for {name} of {t}."),
    };
}
