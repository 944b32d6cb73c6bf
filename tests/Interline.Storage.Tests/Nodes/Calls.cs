using System.Buffers;
using System.Collections.Frozen;
using System.IO.Pipelines;
using System.Text;
using Interline.Calls;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAIChat;
using Interline.Upstream;

namespace Interline.Storage.Tests.Nodes;

/// <summary>A call of a gateway in this process.</summary>
internal static class Calls
{
    public static async Task SendAsync(Gateway gateway)
    {
        Call call = Begin(gateway);
        call.Error = (await gateway.SendAsync(call, new NoSink(), CancellationToken.None)).ShouldNotBeNull();
        gateway.Settle(call);
    }

    /// <summary>A call that has come, and asks for "x".</summary>
    public static Call Begin(Gateway gateway)
    {
        byte[] body = Encoding.UTF8.GetBytes("""{"model":"gpt","messages":[{"role":"user","content":"x"}]}""");
        byte[] rented = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(rented, 0);
        var pooled = new PooledBody(rented, body.Length);
        ChatLane.Instance.Peek(pooled.Span, null, out RequestFacts facts).ShouldBeNull();
        ActiveSnapshot snapshot = gateway.Current;
        return gateway.Begin(ChatLane.Instance, pooled, facts, null, snapshot, snapshot.Resolve("gpt")!, TimeProvider.System.GetTimestamp());
    }

    /// <summary>A gateway of one group with two deployments, at an address nobody listens at.</summary>
    public static Gateway Gateway()
    {
        var deployments = new[] { "d one", "d two" }.Select(id => new Deployment
        {
            Id = id,
            Group = "gpt",
            Provider = new ProviderInfo { Id = "fake", DisplayName = "Fake", Wire = "openai", ModelsFrom = "openai" },
            UpstreamModel = "up",
            BaseUrl = new Uri("http://127.0.0.1:9/"),
        });
        var snapshot = new Snapshot
        {
            Version = "v1",
            Router = new(),
            General = new(),
            Groups = new Dictionary<string, ModelGroup> { ["gpt"] = new("gpt", [.. deployments]) }.ToFrozenDictionary(),
        };
        return new Gateway(snapshot, new UpstreamOptions(), TimeProvider.System, randomness: 7);
    }

    /// <summary>Takes an answer and forgets it.</summary>
    internal sealed class NoSink : IAnswerSink
    {
        public PipeWriter Body { get; } = PipeWriter.Create(Stream.Null);

        public void Begin(Call call, in AnswerHead head)
        {
            // Nobody answers here.
        }
    }
}
