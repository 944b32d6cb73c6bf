using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>The rules that every sequence of events keeps, as <see cref="StreamEvent"/> states them.</summary>
internal static class EventRules
{
    public static void Hold(IReadOnlyList<StreamEvent> events)
    {
        events.Count(e => e is AnswerStarted).ShouldBeLessThanOrEqualTo(1);
        if (events[^1] is not AnswerFailed)
        {
            events[0].ShouldBeOfType<AnswerStarted>();
            events[^1].ShouldBeOfType<AnswerEnded>();
        }

        foreach (IGrouping<int, ChoiceEvent> choice in events.OfType<ChoiceEvent>().GroupBy(e => e.Choice))
        {
            HoldChoice(choice, events[^1] is AnswerFailed);
        }
    }

    private static void HoldChoice(IEnumerable<ChoiceEvent> events, bool failed)
    {
        Dictionary<int, Part> open = [];
        int next = 0;
        bool finished = false;
        foreach (ChoiceEvent e in events)
        {
            switch (e)
            {
                case PartStarted started:
                    finished.ShouldBeFalse();
                    started.Part.ShouldBe(next++);
                    open.Values.ShouldAllBe(p => p is ToolCallPart);
                    open[started.Part] = started.Seed;
                    break;
                case PartEnded ended:
                    open.Remove(ended.Part).ShouldBeTrue();
                    break;
                case TextDelta text:
                    open[text.Part].ShouldNotBeOfType<ToolCallPart>();
                    text.Text.ShouldNotBeEmpty();
                    break;
                case ArgumentsDelta arguments:
                    open[arguments.Part].ShouldBeOfType<ToolCallPart>();
                    break;
                case ChoiceFinished:
                    finished.ShouldBeFalse();
                    open.ShouldBeEmpty();
                    finished = true;
                    break;
                default:
                    break;
            }
        }

        (open.Count == 0 || failed).ShouldBeTrue();
    }
}
