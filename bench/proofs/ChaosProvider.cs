using System.Globalization;
using Interline.Testing;
using Interline.Testing.Faults;

namespace Interline.Proofs;

/// <summary>Providers of every format on one real socket that misbehave: models named <c>bad-…</c> every other time, <c>good-…</c> now and then.</summary>
internal sealed class ChaosProvider : IAsyncDisposable
{
    private readonly Fault[] _faults;
    private readonly FakeProvider _provider;
    private readonly Random _random;
    private readonly Lock _lock = new();
    private int _asked;
    private int _faulty;

    public ChaosProvider(int seed, IEnumerable<Fault> faults)
    {
        _random = new Random(seed);
        _faults = [.. faults];
        _provider = new FakeProvider { KeepsRequests = false };
        _provider.Otherwise = Answer;
    }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_provider.Port}");

    /// <summary>Attempts that came.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Attempts that were misbehaved at.</summary>
    public int Faulty => Volatile.Read(ref _faulty);

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    /// <summary>What a call is to be answered, by its number.</summary>
    public static IReadOnlyList<string> Words(int call) => [string.Create(CultureInfo.InvariantCulture, $"#{call} "), .. Dialect.Words];

    public static string Prompt(int call) => string.Create(CultureInfo.InvariantCulture, $"[call {call}]");

    private FakeAnswer Answer(FakeRequest request)
    {
        Dialect dialect = request.Path.StartsWith("/v1/messages", StringComparison.Ordinal) ? Dialect.Anthropic : request.Path.Contains("enerateContent", StringComparison.Ordinal) ? Dialect.Gemini : Dialect.OpenAI;
        bool streamed = request.Path.Contains(":stream", StringComparison.Ordinal) || request.Text.Contains("\"stream\":true", StringComparison.Ordinal);
        bool bad = request.Path.Contains("/bad-", StringComparison.Ordinal) || request.Text.Contains("\"bad-", StringComparison.Ordinal);
        int from = request.Text.IndexOf("[call ", StringComparison.Ordinal) + "[call ".Length;
        int call = int.Parse(request.Text.AsSpan(from, request.Text.IndexOf(']', from) - from), CultureInfo.InvariantCulture);
        var answer = new FaultyAnswer(dialect, streamed, [.. Words(call)]);
        Interlocked.Increment(ref _asked);
        lock (_lock)
        {
            Fault fault = FaultCatalogue.Healthy;
            if (_random.NextDouble() < (bad ? 0.5 : 0.03))
            {
                Interlocked.Increment(ref _faulty);
                do
                {
                    fault = _faults[_random.Next(_faults.Length)];
                }
                while (streamed ? !fault.Streamed : !fault.Plain);
            }

            // Some begin late and some trickle, as they do in life.
            Reply reply = fault.Make(answer);
            if (_random.Next(4) == 0)
            {
                reply = reply with { Wait = reply.Wait + TimeSpan.FromMilliseconds(_random.Next(1500)) };
            }

            bool small = reply.Pieces.Sum(x => (long)x.Bytes.Length) < 10_000;
            return FakeAnswer.Of(small && _random.Next(3) == 0 ? reply.Rechunked(() => _random.Next(1, 400), () => TimeSpan.FromMilliseconds(_random.Next(30))) : reply);
        }
    }
}
