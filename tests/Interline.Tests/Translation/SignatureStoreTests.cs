using Interline.Protocols;
using Interline.Protocols.Conversation;
using Interline.Translation;

namespace Interline.Tests.Translation;

public sealed class SignatureStoreTests
{
    private static readonly Signer Anthropic = new(WireFormat.AnthropicMessages, "anthropic", "one");
    private static readonly Signer Google = new(WireFormat.Gemini, "gemini", "two");

    private readonly SignatureStore _store = new();

    [Fact]
    public void Signed_reasoning_comes_back_before_the_tool_call_it_came_with()
    {
        _store.Keep("t", Answered(Thought("because", "sig"), Call("a"), Call("b")), Anthropic);
        Message restored = Restored("t", Anthropic, Call("a"), Call("b"));
        restored.Parts.ShouldBe([Thought("because", "sig"), Call("a"), Call("b")]);
    }

    [Fact]
    public void A_signature_on_the_call_itself_comes_back_on_it()
    {
        _store.Keep("t", Answered(Call("a") with { Signature = "sig" }, Call("b")), Google);
        Restored("t", Google, Call("a"), Call("b")).Parts.ShouldBe([Call("a") with { Signature = "sig" }, Call("b")]);
    }

    [Fact]
    public void The_clients_own_unsigned_copy_of_the_reasoning_gives_way_to_the_signed_one()
    {
        _store.Keep("t", Answered(Thought("because", "sig"), Call("a")), Anthropic);
        Restored("t", Anthropic, new ReasoningPart("because"), new TextPart("I look."), Call("a")).Parts
            .ShouldBe([Thought("because", "sig"), new TextPart("I look."), Call("a")]);
    }

    [Fact]
    public void What_the_client_sent_back_signed_stays_as_it_sent_it()
    {
        _store.Keep("t", Answered(Thought("because", "sig"), Call("a")), Anthropic);
        Restored("t", Anthropic, Thought("mine", "own"), Call("a")).Parts.ShouldBe([Thought("mine", "own"), Call("a")]);
    }

    [Fact]
    public void The_same_signature_in_the_callers_own_format_gives_way_to_the_reasoning_as_the_provider_wrote_it()
    {
        ReasoningPart foreign = Thought("because", "sig") with { Native = new NativeFields(WireFormat.Gemini) };
        _store.Keep("t", Answered(Thought("because", "sig"), Call("a"), Call("b")), Anthropic);
        Restored("t", Anthropic, foreign, Call("a"), Call("b")).Parts.ShouldBe([Thought("because", "sig"), Call("a"), Call("b")]);
    }

    [Fact]
    public void Another_tenant_finds_nothing()
    {
        _store.Keep("t", Answered(Thought("because", "sig"), Call("a")), Anthropic);
        Restored("u", Anthropic, Call("a")).Parts.ShouldBe([Call("a")]);
    }

    [Fact]
    public void A_provider_of_another_format_is_not_given_what_it_cannot_read()
    {
        _store.Keep("t", Answered(Thought("because", "sig"), Call("a")), Anthropic);
        Restored("t", Google, Call("a")).Parts.ShouldBe([Call("a")]);
    }

    [Theory]
    [InlineData("other", "one")]
    [InlineData("anthropic", "elsewhere")]
    public void Another_vendor_or_server_behind_the_same_format_is_not_given_it(string provider, string host)
    {
        _store.Keep("t", Answered(Thought("because", "sig"), Call("a")), Anthropic);
        Restored("t", new Signer(WireFormat.AnthropicMessages, provider, host), Call("a")).Parts.ShouldBe([Call("a")]);
        Restored("t", new Signer(WireFormat.AnthropicMessages, "anthropic", "one"), Call("a")).Parts.Count.ShouldBe(2);
    }

    [Fact]
    public void Reasoning_without_a_proof_is_not_kept()
    {
        _store.Keep("t", Answered(new ReasoningPart("because"), Call("a")), new Signer(WireFormat.OpenAIChat, "openai", "api"));
        _store.Count.ShouldBe(0);
    }

    [Fact]
    public void Encrypted_reasoning_is_kept_like_a_signed_one()
    {
        ReasoningPart redacted = new("") { Encrypted = "AAAA" };
        _store.Keep("t", Answered(redacted, Call("a")), Anthropic);
        Restored("t", Anthropic, Call("a")).Parts.ShouldBe([redacted, Call("a")]);
    }

    [Fact]
    public void The_oldest_gives_way_when_there_are_too_many()
    {
        SignatureStore small = new(capacity: 2);
        foreach (string id in new[] { "a", "b", "c" })
        {
            small.Keep("t", Answered(Call(id) with { Signature = "s" }), Google);
        }

        small.Count.ShouldBe(2);
        Restored(small, "t", Google, Call("a")).Parts.ShouldBe([Call("a")]);
        Restored(small, "t", Google, Call("c")).Parts.ShouldBe([Call("c") with { Signature = "s" }]);
    }

    [Fact]
    public void The_oldest_gives_way_when_they_are_too_large()
    {
        SignatureStore small = new(capacity: 100, most: 1000);
        small.Keep("t", Answered(Call("a") with { Signature = new string('x', 600) }), Google);
        small.Keep("t", Answered(Call("b") with { Signature = new string('y', 600) }), Google);
        small.Keep("t", Answered(Call("huge") with { Signature = new string('z', 2000) }), Google);
        small.Count.ShouldBe(1);
        Restored(small, "t", Google, Call("b")).Parts.ShouldNotBe([Call("b")]);
    }

    [Fact]
    public void The_same_call_kept_again_is_counted_once()
    {
        SignatureStore small = new(capacity: 2);
        small.Keep("t", Answered(Call("a") with { Signature = "1" }), Google);
        small.Keep("t", Answered(Call("b") with { Signature = "1" }), Google);
        small.Keep("t", Answered(Call("a") with { Signature = "2" }), Google);
        small.Count.ShouldBe(2);
        Restored(small, "t", Google, Call("a")).Parts.ShouldBe([Call("a") with { Signature = "2" }]);
    }

    [Fact]
    public void A_streamed_answer_is_kept_when_its_choice_finishes()
    {
        SignatureKeeper keeper = _store.Keeper("t", Anthropic);
        StreamEvent[] events =
        [
            new AnswerStarted("id", "m", null),
            new PartStarted(0, 0, new ReasoningPart("")),
            new TextDelta(0, 0, "be"),
            new TextDelta(0, 0, "cause"),
            new SignatureDelta(0, 0, "sig"),
            new PartEnded(0, 0),
            new PartStarted(0, 1, new TextPart("")),
            new TextDelta(0, 1, "I look."),
            new PartEnded(0, 1),
            new PartStarted(0, 2, new ToolCallPart("a", "f", "")),
            new ArgumentsDelta(0, 2, "{}"),
            new PartEnded(0, 2),
        ];
        foreach (StreamEvent e in events)
        {
            keeper.Add(e);
        }

        _store.Count.ShouldBe(0);
        keeper.Add(new ChoiceFinished(0, FinishReason.ToolCalls, "tool_use"));
        Restored("t", Anthropic, Call("a")).Parts[0].ShouldBe(Thought("because", "sig"));
    }

    private static ToolCallPart Call(string id) => new(id, "f", "{}");

    private static ReasoningPart Thought(string text, string signature) => new(text) { Signature = signature };

    private static Answer Answered(params Part[] parts) => new([new Choice(0, new Message(Role.Assistant, parts))]);

    private static Message Restored(SignatureStore store, string tenant, Signer signer, params Part[] parts) =>
        store.Restore(tenant, new ConversationRequest("m", [new Message(Role.User, []), new Message(Role.Assistant, parts)]), signer).Messages[1];

    private Message Restored(string tenant, Signer signer, params Part[] parts) => Restored(_store, tenant, signer, parts);
}
