using System.Buffers;
using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Translation;

namespace Interline.Attempts;

/// <summary>What a caller wants pretended of the group it asks for (LiteLLM's <c>mock_…</c>): an answer, or a failure and then what follows such a failure. Nobody is called.</summary>
internal static class Mock
{
    public static bool Wanted(CallerOptions options) => options.MockAnswer is not null || options.MockError is not null;

    /// <summary>Pretends.</summary>
    /// <returns>Null once the answer was given; else the failure.</returns>
    public static async ValueTask<ApiError?> RunAsync(Call call, IAnswerSink sink, TimeProvider time, CancellationToken aborted)
    {
        if (call.Options.MockDelay > TimeSpan.Zero)
        {
            try
            {
                await Task.Delay(call.Options.MockDelay, time, aborted).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return new(ErrorKind.ClientGone, 499, "The client closed the connection.");
            }
        }

        if (call.Options.MockError is { } error)
        {
            return error;
        }

        if (call.Lane.Conversation is not { } format || call.Lane.CountsTokens)
        {
            return new(ErrorKind.BadRequest, 400, $"`mock_response` pretends the answer to a conversation; {call.Lane.Name} is none.") { Param = "mock_response" };
        }

        string text = call.Options.MockAnswer!;
        call.Usage = new Usage { Input = call.Body.Length / 4, Output = (long)Math.Ceiling(TokenEstimate.Of(text)) };
        call.Finish = FinishReason.Stop;
        call.Status = 200;
        call.Streamed = call.Facts.Stream;
        call.Estimated = true;
        call.FirstByteTimestamp = time.GetTimestamp();
        var output = new ArrayBufferWriter<byte>(256);
        var defaults = new AnswerDefaults(call.Id, call.StartedAt.ToUnixTimeSeconds(), call.Group.Group.Name, call.Facts.IncludeUsage);
        string type = AttemptTranslation.PlainType;
        if (call.Facts.Stream)
        {
            type = call.Lane.StreamType;
            WriteStream(format, defaults, text, call.Usage.Value, output);
        }
        else
        {
            var answer = new Answer([new Choice(0, new Message(Role.Assistant, [new TextPart(text)])) { Finish = FinishReason.Stop }]) { Usage = call.Usage };
            format.WriteAnswer(answer, defaults, output, new LossList());
        }

        sink.Begin(call, new AnswerHead(200, type, call.Facts.Stream ? null : output.WrittenCount, call.Facts.Stream, Upstream: null));
        BuffersExtensions.Write(sink.Body, output.WrittenSpan);
        await sink.Body.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        return null;
    }

    private static void WriteStream(ConversationFormat format, AnswerDefaults defaults, string text, Usage usage, IBufferWriter<byte> output)
    {
        using IAnswerStreamWriter writer = format.NewStreamWriter(defaults, new LossList());
        StreamEvent[] events =
        [
            new AnswerStarted(null, defaults.Model, defaults.Created), new PartStarted(0, 0, new TextPart("")), new TextDelta(0, 0, text), new PartEnded(0, 0),
            new ChoiceFinished(0, FinishReason.Stop, null), new UsageReported(usage, null), AnswerEnded.Instance,
        ];
        foreach (StreamEvent e in events)
        {
            writer.Write(e, output);
        }
    }
}
