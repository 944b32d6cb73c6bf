using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Interline.Protocols.Conversation;
using Interline.Protocols.Tests.OpenAIChat;
using Interline.Protocols.Tests.Schemas;

namespace Interline.Protocols.Tests.Translation;

/// <summary>Requests of each format as another's: the provider's own schema takes them, calls and results stay matched.</summary>
public sealed class RequestTests
{
    public static TheoryData<string, WireFormat> Requests => Pairs.Rows(Document.All.Where(d => d.Kind == DocumentKind.Request), same: false);

    public static TheoryData<WireFormat> Formats => [.. Pairs.Formats];

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_translated_request_is_one_that_the_providers_schema_takes(string name, WireFormat to) =>
        Translated.Targets(to).Where(t => t.ProviderId is "openai" or "anthropic" or "google").SelectMany(t => Problems(Translated.Make(Document.Of(name), to, t).Written, to)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_maximal_request_is_one_that_its_own_providers_schema_takes(WireFormat format)
    {
        Document d = Document.Maximal.First(d => d.Kind == DocumentKind.Request && d.Format == format && !d.Name.Contains("dialects", StringComparison.Ordinal));
        Problems(d.Pieces[0], format).ShouldBeEmpty();
    }

    [Fact]
    public void Random_requests_are_taken_by_the_providers_schemas() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            Document chat = new("random", WireFormat.OpenAIChat, DocumentKind.Request, [Encoding.UTF8.GetString(RandomRequest.Make(new Random(seed)))]);
            foreach (WireFormat to in (WireFormat[])[WireFormat.AnthropicMessages, WireFormat.Gemini])
            {
                Document made = Translated.Make(chat, to).As(chat, to);
                Problems(made.Pieces[0], to).ShouldBeEmpty();
                foreach (WireFormat next in Pairs.Formats.Where(f => f != to))
                {
                    Problems(Translated.Make(made, next).Written, next).ShouldBeEmpty();
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Theory]
    [MemberData(nameof(Requests))]
    public void Calls_and_their_results_stay_matched(string name, WireFormat to)
    {
        Document d = Document.Of(name);
        ConversationRequest before = Translated.Request(d)!, after = Translated.Request(Translated.Make(d, to).As(d, to))!;
        ToolCalls.Same(Calls(before), Calls(after), to);
        List<int> answered = Answered(after);
        answered.ShouldNotContain(-1);
        answered.Where(a => Answered(before).Contains(a)).ShouldBe(Answered(before).Where(a => a >= 0).Order(), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_translated_request_keeps_the_rules_of_the_provider(string name, WireFormat to)
    {
        // Claude 3 takes temperature and top_p together, which the rules refuse.
        foreach (TargetModel target in Translated.Targets(to).Where(t => !t.Model.StartsWith("claude-3-", StringComparison.Ordinal)))
        {
            byte[] written = Encoding.UTF8.GetBytes(Translated.Make(Document.Of(name), to, target).Written);
            switch (to)
            {
                case WireFormat.AnthropicMessages:
                    Anthropic.Rules.Hold(written);
                    break;
                case WireFormat.Gemini:
                    Gemini.Rules.Hold(written, signed: target.Model.Contains("gemini-3", StringComparison.Ordinal));
                    break;
                default:
                    break;
            }
        }
    }

    [Theory]
    [InlineData(WireFormat.OpenAIChat)]
    [InlineData(WireFormat.AnthropicMessages)]
    public void Parallel_calls_without_ids_are_given_ids_that_their_results_have(WireFormat to)
    {
        Document gemini = new("calls", WireFormat.Gemini, DocumentKind.Request,
        [
            """
            {"contents":[{"role":"user","parts":[{"text":"q"}]},
              {"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}},{"functionCall":{"name":"g","args":{}}},{"functionCall":{"name":"f","args":{"a":2}}}]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"result":"one"}}},{"functionResponse":{"name":"g","response":{"result":"two"}}},{"functionResponse":{"name":"f","response":{"result":"three"}}}]}],
             "tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}]}
            """,
        ]);
        ConversationRequest after = Translated.Request(Translated.Make(gemini, to).As(gemini, to))!;
        Calls(after).Select(c => c.Name).ShouldBe(["f", "g", "f"]);
        Calls(after).Select(c => c.Id).ShouldBeUnique();
        Answered(after).ShouldBe([0, 1, 2]);
        after.Messages.SelectMany(m => m.Parts).OfType<ToolResultPart>().Select(r => ((TextPart)r.Parts[0]).Text).ShouldBe(["one", "two", "three"]);
    }

    private static List<string> Problems(string json, WireFormat format) => [.. SchemaCheck.Request(format, Encoding.UTF8.GetBytes(json)).Select(p => p.ToString())];

    private static List<ToolCallPart> Calls(ConversationRequest r) => [.. r.Messages.SelectMany(m => m.Parts).OfType<ToolCallPart>()];

    /// <summary>For each result the number of the call it answers: by id, or the first unanswered one of its name; -1 if there is none.</summary>
    private static List<int> Answered(ConversationRequest r)
    {
        List<ToolCallPart> calls = Calls(r);
        HashSet<int> done = [];
        List<int> answered = [];
        foreach (ToolResultPart result in r.Messages.SelectMany(m => m.Parts).OfType<ToolResultPart>())
        {
            int at = calls.FindIndex(c => !done.Contains(calls.IndexOf(c)) && (result.CallId.Length > 0 ? c.Id == result.CallId : c.Name == result.Name));
            done.Add(at);
            answered.Add(at);
        }

        return answered;
    }
}
