using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Tests.Translation;

/// <summary>Callers of Anthropic's format whose answer writers have a bug.</summary>
/// <param name="falls">The event that a stream's writer falls over.</param>
internal sealed class FaultyLane(Func<StreamEvent, bool> falls) : AnthropicLane
{
    public override string Name => "test.faulty";

    public override string UpstreamPath => "/v1/messages";

    public override ConversationFormat? Conversation { get; } = new FaultyFormat(falls);

    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body) => MessagesLane.Instance.SniffAnswer(body);

    private sealed class FaultyFormat(Func<StreamEvent, bool> falls) : ConversationFormat
    {
        private static readonly MessagesFormat Real = MessagesFormat.Instance;

        public override WireFormat Format => Real.Format;

        public override Lane Lane(bool stream) => Real.Lane(stream);

        public override bool TryReadRequest(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error) =>
            Real.TryReadRequest(body, out request, out error);

        public override void WriteRequest(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses) => Real.WriteRequest(request, target, output, losses);

        public override bool TryReadAnswer(ReadOnlySpan<byte> body, [NotNullWhen(true)] out Answer? answer, [NotNullWhen(false)] out ApiError? error) =>
            Real.TryReadAnswer(body, out answer, out error);

        public override void WriteAnswer(Answer answer, AnswerDefaults defaults, IBufferWriter<byte> output, LossList losses) => throw new InvalidCastException("secret words");

        public override IAnswerStreamReader NewStreamReader() => Real.NewStreamReader();

        public override IAnswerStreamWriter NewStreamWriter(AnswerDefaults defaults, LossList losses) => new Writer(Real.NewStreamWriter(defaults, losses), falls);
    }

    private sealed class Writer(IAnswerStreamWriter real, Func<StreamEvent, bool> falls) : IAnswerStreamWriter
    {
        public void Write(StreamEvent e, IBufferWriter<byte> output)
        {
            if (falls(e))
            {
                throw new InvalidCastException("secret words");
            }

            real.Write(e, output);
        }

        public void Dispose() => real.Dispose();
    }
}
