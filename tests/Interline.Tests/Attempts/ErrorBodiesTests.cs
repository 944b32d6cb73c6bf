using System.IO.Compression;
using System.Text;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

/// <summary>Error answers as they come over the wire, not as they are meant.</summary>
public class ErrorBodiesTests
{
    private const string Spent = """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}""";

    [Fact]
    public async Task A_gzip_error_body_is_read()
    {
        await using var provider = new FakeProvider();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Spent));
        }

        provider.Otherwise = _ => FakeAnswer.Body("application/json", packed.ToArray(), 429, ("Content-Encoding", "gzip"));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider);
        Ended ended = await engine.SendAsync(Wire.Plain);
        ended.Error!.Kind.ShouldBe(ErrorKind.QuotaExhausted);
    }

    [Fact]
    public async Task A_gzip_answer_nobody_asked_for_is_given_as_it_was_meant_and_a_broken_one_is_malformed()
    {
        await using var provider = new FakeProvider();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Wire.Answer));
        }

        provider.Then(FakeAnswer.Body("application/json", packed.ToArray(), 200, ("Content-Encoding", "gzip")))
            .Then(FakeAnswer.Body("application/json", Encoding.UTF8.GetBytes(Wire.Answer), 200, ("Content-Encoding", "gzip")));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider);
        (await engine.SendAsync(Wire.Plain)).Text.ShouldBe(Wire.Answer);
        (await engine.SendAsync(Wire.Plain)).Error!.Kind.ShouldBe(ErrorKind.Malformed);
    }

    [Theory]
    [InlineData("text/html", "<html><h1>503 Service Temporarily Unavailable</h1></html>", 503, ErrorKind.Overloaded)]
    [InlineData("text/html", "<html>blocked</html>", 403, ErrorKind.Permission)]
    [InlineData("text/plain", "", 502, ErrorKind.Server)]
    [InlineData("text/html", "<html><h1>404 Not Found</h1></html>", 404, ErrorKind.NotFound)]
    public async Task A_proxys_page_or_an_empty_body_is_sorted_by_its_status_and_never_shown(string type, string body, int status, ErrorKind kind)
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Body(type, Encoding.UTF8.GetBytes(body), status);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider);
        Ended ended = await engine.SendAsync(Wire.Plain);
        (ended.Error!.Kind, ended.Error.Status).ShouldBe((kind, status));
        ended.Error.Message.ShouldNotContain("<");
        ended.Error.Message.ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("""{"error":{"message":"Slow","type":"rate_limit_error"}}""", ErrorKind.RateLimit)]
    [InlineData("""{"error":{"message":"Overloaded","type":"overloaded_error"}}""", ErrorKind.Overloaded)]
    [InlineData("""{"error":{"message":"Too long","code":"context_length_exceeded"}}""", ErrorKind.ContextLength)]
    [InlineData("""{"error":{"message":"Spent","code":"insufficient_quota"}}""", ErrorKind.QuotaExhausted)]
    public async Task An_error_in_the_first_event_of_a_stream_with_status_200_is_of_its_kind(string error, ErrorKind kind)
    {
        await using var first = new FakeProvider();
        await using var spare = new FakeProvider();
        first.Otherwise = _ => FakeAnswer.Stream($"data: {error}\n\n");
        spare.Otherwise = _ => FakeAnswer.Stream(Wire.Events);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(first).With(spare, x => x with { Group = "spare" }).Fallback("gpt", "spare");
        Ended ended = await engine.SendAsync(Wire.Streamed);
        ended.Text.ShouldBe(Wire.EventsWithoutUsage);
        ended.Record.Failed.ShouldHaveSingleItem().Kind.ShouldBe(kind);
    }
}
