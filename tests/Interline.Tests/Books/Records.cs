using Interline.Ledger;
using Interline.Protocols;
using Interline.Protocols.Errors;

namespace Interline.Tests.Books;

/// <summary>Calls as they are booked.</summary>
internal static class Records
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static CallRecord Call(long number, DateTimeOffset at, decimal? cost = 1, string group = "gpt", string? provider = "openai", string? key = null, string? team = null, string? user = null, string? customer = null, string[]? tags = null, ErrorKind? error = null) => new()
    {
        Number = number,
        StartedAt = at,
        Operation = "openai.chat",
        Group = group,
        Provider = provider,
        UpstreamModel = group + "-2026",
        DeploymentId = "d1",
        Status = error is null ? 200 : 500,
        Error = error,
        Usage = error is null ? new Usage { Input = 100, CacheRead = 20, Output = 10 } : null,
        Cost = cost,
        ListPrice = cost * 2,
        BilledPrice = cost * 3,
        KeyId = key,
        TeamId = team,
        UserId = user,
        Customer = customer,
        Tags = [.. tags ?? []],
        Duration = TimeSpan.FromMilliseconds(1500),
        SnapshotVersion = "v1",
        Seed = 7,
    };
}
