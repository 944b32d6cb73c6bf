using System.Globalization;
using Interline.Accounts;
using Interline.Ledger;
using Interline.Protocols;

namespace Interline.Bench;

/// <summary>Calls as a company might make them, the same on every run, in the order of their time.</summary>
internal sealed class Traffic(int calls, DateTimeOffset from, DateTimeOffset to)
{
    private const int Keys = 200, Teams = 20, Users = 500, Customers = 2000, Models = 12;

    private static readonly string[] KeyIds = [.. Enumerable.Range(0, Keys).Select(static x => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(x))))];
    private static readonly Principal[] Principals = [.. Enumerable.Range(0, Keys).Select(static x => new Principal { Role = Role.Caller, KeyId = KeyIds[x], TeamId = Name("team", x % Teams), UserId = Name("user", x * 5 % Users) })];
    private static readonly string[] CustomerIds = [.. Enumerable.Range(0, Customers).Select(static x => Name("customer", x))];
    private static readonly string[] Groups = [.. Enumerable.Range(0, Models).Select(static x => Name("model", x))];
    private static readonly string[] Deployments = [.. Enumerable.Range(0, Models * 2).Select(static x => Name("deployment", x))];
    private static readonly string[] Providers = ["openai", "anthropic", "gemini", "azure"];

    public static string Key(int number) => KeyIds[number];

    public CallRecord Call(int number)
    {
        uint draw = (uint)number * 2654435761u;
        draw ^= draw >> 15;
        int key = (int)(draw % Keys) * (int)((draw >> 8) % Keys) / Keys;
        int model = (int)((draw >> 12) % Models);
        decimal cost = (draw % 9000 * 0.0000025m) + 0.00001m;
        return new CallRecord
        {
            Number = number,
            StartedAt = from + ((to - from) * ((double)number / (calls + 1))),
            Operation = "openai.chat",
            Group = Groups[model],
            DeploymentId = Deployments[(model * 2) + (int)((draw >> 20) & 1)],
            Provider = Providers[model % Providers.Length],
            UpstreamModel = Groups[model],
            Status = draw % 50 == 0 ? 429 : 200,
            Error = draw % 50 == 0 ? Protocols.Errors.ErrorKind.RateLimit : null,
            Streamed = (draw & 1) == 0,
            Finish = FinishReason.Stop,
            Usage = new Usage { Input = draw % 4000, Output = draw % 700, CacheRead = draw % 3 == 0 ? 1024 : 0, Reasoning = draw % 5 == 0 ? 300 : 0 },
            Cost = cost,
            ListPrice = cost,
            BilledPrice = cost,
            PriceVersion = "2026-11-22",
            PriceSource = "catalog",
            KeyId = Principals[key].KeyId,
            TeamId = Principals[key].TeamId,
            UserId = Principals[key].UserId,
            Customer = CustomerIds[(int)((draw >> 9) % Customers)],
            Attempts = 1,
            Duration = TimeSpan.FromMilliseconds(draw % 8000),
            FirstByte = TimeSpan.FromMilliseconds(draw % 900),
            Overhead = TimeSpan.FromMicroseconds(draw % 500),
            SnapshotVersion = "1a2b3c4d",
            Seed = 0,
        };
    }

    public static OpenCall Open(in CallRecord record) => new()
    {
        Number = record.Number,
        StartedAt = record.StartedAt,
        Operation = record.Operation,
        Group = record.Group,
        Principal = Principals[Array.IndexOf(KeyIds, record.KeyId)],
        Customer = record.Customer,
        Reserved = record.Cost,
    };

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");
}
