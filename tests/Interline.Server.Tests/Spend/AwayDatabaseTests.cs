using System.Net;
using Interline.Books;
using Interline.Server.Tests.Running;
using Interline.Storage.Databases;

namespace Interline.Server.Tests.Spend;

/// <summary>Questions to the books while their database is away.</summary>
public sealed class AwayDatabaseTests
{
    [Theory]
    [InlineData("/v1/usage")]
    [InlineData("/v1/calls?format=jsonl")]
    [InlineData("/v1/calls/00000000000000070000000000000001")]
    [InlineData("/spend/logs")]
    [InlineData("/global/spend")]
    [InlineData("/user/daily/activity?start_date=2026-11-01&end_date=2026-11-02")]
    public async Task They_are_answered_with_503_and_no_fault_is_logged(string path)
    {
        await using RunningGateway gateway = await RunningGateway.StartAsync("model_list: []", change: options => options with { Usage = new AwayReader() });
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", RunningGateway.Key);
        using HttpResponseMessage response = await gateway.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        (await response.Content.ReadAsStringAsync()).ShouldContain("database_unavailable");
        gateway.ServerLog.Text.ShouldBe("");
    }

    private sealed class AwayReader : IUsageReader
    {
        public ValueTask<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken cancel) => throw Away();

        public ValueTask<StoredCall?> FindAsync(string id, CancellationToken cancel) => throw Away();

        public IAsyncEnumerable<StoredCall> CallsAsync(CallQuery query, CancellationToken cancel) => throw Away();

        private static DatabaseUnavailableException Away() => new("The server does not answer.");
    }
}
