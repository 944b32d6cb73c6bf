using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Interline.Calls;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAIChat;

namespace Interline.Storage.Tests.Nodes;

/// <summary>A call of a gateway in this process.</summary>
internal static class Calls
{
    public static async Task SendAsync(Gateway gateway)
    {
        byte[] body = Encoding.UTF8.GetBytes("""{"model":"gpt","messages":[{"role":"user","content":"x"}]}""");
        byte[] rented = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(rented, 0);
        var pooled = new PooledBody(rented, body.Length);
        ChatLane.Instance.Peek(pooled.Span, null, out RequestFacts facts).ShouldBeNull();
        ActiveSnapshot snapshot = gateway.Current;
        Call call = gateway.Begin(ChatLane.Instance, pooled, facts, null, snapshot, snapshot.Resolve("gpt")!, TimeProvider.System.GetTimestamp());
        call.Error = (await gateway.SendAsync(call, new NoSink(), CancellationToken.None)).ShouldNotBeNull();
        gateway.Settle(call);
    }

    private sealed class NoSink : IAnswerSink
    {
        public PipeWriter Body { get; } = PipeWriter.Create(Stream.Null);

        public void Begin(Call call, in AnswerHead head)
        {
            // Nobody answers here.
        }
    }
}
