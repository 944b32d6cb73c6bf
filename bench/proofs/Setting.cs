using System.Globalization;
using System.Text.Json;
using Interline.Testing;

namespace Interline.Proofs;

/// <summary>A folder, a database and a configuration for gateways that are put to the test.</summary>
internal sealed class Setting : IDisposable
{
    /// <summary>USD per token of the model <c>m</c>.</summary>
    public const decimal InputPrice = 0.000002m;
    public const decimal OutputPrice = 0.00001m;

    private readonly string _folder = Directory.CreateTempSubdirectory("interline-proof-").FullName;

    public Setting(string database, Upstream upstream, string settings = "")
    {
        if (database == "postgres")
        {
            Postgres = new PostgresServer();
            DatabaseUrl = Postgres.CreateDatabase();
        }

        Config = Path.Combine(_folder, "config.yaml");
        File.WriteAllText(Config, $$"""
            model_list:
              - model_name: m
                litellm_params:
                  model: openai/up
                  api_base: {{upstream.Url}}/v1
                  api_key: sk-upstream
                  input_cost_per_token: {{InputPrice.ToString(CultureInfo.InvariantCulture)}}
                  output_cost_per_token: {{OutputPrice.ToString(CultureInfo.InvariantCulture)}}
            router_settings:
              num_retries: 0
            general_settings:
            {{(DatabaseUrl is null ? "" : $"  database_url: {DatabaseUrl}\n")}}  proxy_config_reload_interval_seconds: 0
            {{settings}}
            """);
    }

    public PostgresServer? Postgres { get; }

    public string? DatabaseUrl { get; }

    public string Config { get; }

    /// <summary>A data folder for a node.</summary>
    public string Data(int node)
    {
        string folder = Path.Combine(_folder, $"node{node.ToString(CultureInfo.InvariantCulture)}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    public void Dispose()
    {
        Postgres?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What usage costs here.</summary>
    public static decimal Cost((int Input, int Output) usage) => (usage.Input * InputPrice) + (usage.Output * OutputPrice);

    /// <summary>Makes a virtual key.</summary>
    public static async Task<string> KeyAsync(GatewayProcess gateway, string terms) =>
        (await gateway.AdminAsync(HttpMethod.Post, "/key/generate", "{" + terms + "}")).GetProperty("key").GetString()!;

    /// <summary>Waits until everything settled is in the books.</summary>
    public static async Task WrittenAsync(GatewayProcess gateway)
    {
        JsonElement health = default;
        for (int i = 0; i < 600; i++)
        {
            health = await gateway.AdminAsync(HttpMethod.Get, "/health");
            if (health.GetProperty("ledger").GetProperty("unwritten_bytes").GetInt64() == 0)
            {
                return;
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"The books were not written within a minute: {health.GetProperty("ledger")} {gateway.Errors}");
    }

    public static decimal Money(JsonElement call, string name) =>
        call.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? decimal.Parse(value.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture) : 0m;
}
