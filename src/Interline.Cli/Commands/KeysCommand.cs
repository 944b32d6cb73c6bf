using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Interline.Cli.Books;

namespace Interline.Cli.Commands;

/// <summary><c>keys</c>: virtual keys, through a running gateway, whichever node it is.</summary>
internal static class KeysCommand
{
    private const string Lesson = """
        The gateway is called with the key in INTERLINE_MASTER_KEY or LITELLM_MASTER_KEY, else the one in the data folder. It is never an argument: others see those.

        """;

    private static readonly Option<string> Url = new("--url") { Description = "Address of a gateway.", DefaultValueFactory = _ => "http://127.0.0.1:4000" };

    public static Command Create()
    {
        var command = new Command("keys", "List, make, block and unblock virtual keys, through a running gateway.");
        command.Subcommands.Add(List());
        command.Subcommands.Add(New());
        command.Subcommands.Add(Block("block", "Refuse all calls of a key from now on."));
        command.Subcommands.Add(Block("unblock", "Let a blocked key call again."));
        return command;
    }

    private static TaughtCommand List()
    {
        var team = new Option<string?>("--team") { Description = "Only keys of this team." };
        var user = new Option<string?>("--user") { Description = "Only keys of this user." };
        var command = new TaughtCommand("list", "List keys with what they have spent. The keys themselves are nowhere kept and cannot be shown.", Lesson + """
              interline keys list --team research

            Exit status: 0, or 2 if the gateway could not be asked.
            """) { Url, team, user };
        command.SetAction((result, cancel) => WithGatewayAsync(result, async gateway =>
        {
            await foreach (JsonElement key in gateway.KeysAsync(result.GetValue(team), result.GetValue(user), cancel))
            {
                string state = Flag(key, "blocked") ? Terminal.Output.Red("blocked") : "active ";
                string budget = Text(key, "max_budget") is { Length: > 0 } most ? $" of {most}" : "";
                await result.InvocationConfiguration.Output.WriteLineAsync(
                    $"{state} {Text(key, "token"),-64} {Text(key, "key_alias") ?? "-",-24} team {Text(key, "team_id") ?? "-",-16} user {Text(key, "user_id") ?? "-",-16} spent {Text(key, "spend") ?? "0"}{budget}");
            }
        }));
        return command;
    }

    private static TaughtCommand New()
    {
        var alias = new Option<string?>("--alias") { Description = "Name for people." };
        var team = new Option<string?>("--team") { Description = "Its team." };
        var user = new Option<string?>("--user") { Description = "Its user." };
        var models = new Option<string[]>("--model") { Description = "Model it may ask for; again for more. Without any: all." };
        var budget = new Option<decimal?>("--budget") { Description = "USD it may spend." };
        var window = new Option<string?>("--budget-duration") { Description = "Window of the budget: 1d, 7d, 1mo. Without one: for ever." };
        var duration = new Option<string?>("--duration") { Description = "When it expires: 30d, 12h. Without one: never." };
        var command = new TaughtCommand("new", "Make a key. It is shown once, on standard output.", Lesson + """
              interline keys new --alias ci --budget 10 --budget-duration 1mo --model gpt-5-mini
              KEY=$(interline keys new --team research)

            Exit status: 0 made, 1 refused, 2 if the gateway could not be asked.
            """) { Url, alias, team, user, models, budget, window, duration };
        command.SetAction((result, cancel) => WithGatewayAsync(result, async gateway =>
        {
            JsonElement made = await gateway.PostAsync("key/generate", json =>
            {
                Write(json, "key_alias", result.GetValue(alias));
                Write(json, "team_id", result.GetValue(team));
                Write(json, "user_id", result.GetValue(user));
                Write(json, "duration", result.GetValue(duration));
                Write(json, "budget_duration", result.GetValue(window));
                if (result.GetValue(budget) is { } most)
                {
                    json.WriteNumber("max_budget", most);
                }

                if (result.GetValue(models) is { Length: > 0 } names)
                {
                    json.WriteStartArray("models");
                    Array.ForEach(names, json.WriteStringValue);
                    json.WriteEndArray();
                }
            }, cancel);
            await result.InvocationConfiguration.Output.WriteLineAsync(Text(made, "key"));
        }));
        return command;
    }

    private static TaughtCommand Block(string name, string description)
    {
        var key = new Argument<string>("KEY") { Description = "Id of the key, as `keys list` shows it." };
        var command = new TaughtCommand(name, description, Lesson + $"""
              interline keys {name} 0c5f…

            Exit status: 0 done, 1 refused, 2 if the gateway could not be asked.
            """) { key, Url };
        command.SetAction((result, cancel) => WithGatewayAsync(result, async gateway =>
        {
            await gateway.PostAsync("key/" + name, json => json.WriteString("key", result.GetValue(key)), cancel);
            await result.InvocationConfiguration.Output.WriteLineAsync(name + "ed");
        }));
        return command;
    }

    private static async Task<int> WithGatewayAsync(ParseResult result, Func<GatewayClient, Task> work)
    {
        TextWriter errors = result.InvocationConfiguration.Error;
        if (!Uri.TryCreate(result.GetValue(Url), UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            await errors.WriteLineAsync($"interline: --url {result.GetValue(Url)} is no address: give one such as http://127.0.0.1:4000.");
            return 2;
        }

        if (Starting.KeySource.Known() is not { } key)
        {
            await errors.WriteLineAsync("interline: no key: set INTERLINE_MASTER_KEY to the gateway's key.");
            return 2;
        }

        try
        {
            using var gateway = new GatewayClient(url, key);
            await work(gateway);
            return 0;
        }
        catch (GatewayRefusal refusal)
        {
            await errors.WriteLineAsync($"interline: {url} refused: {refusal.Message}");
            return refusal.Status is 401 or 403 or >= 500 ? 2 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException)
        {
            await errors.WriteLineAsync($"interline: {url} could not be asked: {e.Message}");
            return 2;
        }
    }

    private static void Write(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    private static bool Flag(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;
}
