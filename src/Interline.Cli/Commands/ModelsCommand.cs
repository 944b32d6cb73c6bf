using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Interline.Cli.Starting;
using Interline.Core.Catalog;
using Interline.Core.Configuration;

namespace Interline.Cli.Commands;

/// <summary><c>models</c>: what the catalogue knows, or what a configuration serves.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var search = new Argument<string?>("TEXT") { Description = "Part of a model's or provider's name.", Arity = ArgumentArity.ZeroOrOne };
        var config = new Option<FileInfo?>("--config", "-c") { Description = "List what this configuration serves instead of the catalogue." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of lines." };
        var command = new TaughtCommand(
            "models",
            "List models with their windows and prices (USD per million tokens).",
            """
              interline models sonnet                  the catalogue's models with "sonnet" in their name
              interline models --config config.yaml    the groups of a file, and what is behind each

            Exit status: 0, or 2 if the configuration cannot be used.
            """) { search, config, asJson };
        command.SetAction(result => Run(result.GetValue(search), result.GetValue(config), result.GetValue(asJson)));
        return command;
    }

    private static int Run(string? search, FileInfo? config, bool asJson)
    {
        IEnumerable<Row>? rows = config is null ? Catalogue() : Configured(config);
        if (rows is null)
        {
            return 2;
        }

        rows = rows.Where(row => search is null || row.Name.Contains(search, StringComparison.OrdinalIgnoreCase) || row.Behind?.Contains(search, StringComparison.OrdinalIgnoreCase) == true);
        if (asJson)
        {
            WriteJson(rows);
            return 0;
        }

        foreach (Row row in rows)
        {
            string window = row.Model?.ContextWindow?.ToString(CultureInfo.InvariantCulture) ?? "?";
            string behind = row.Behind is null ? "" : $" {row.Behind}";
            string remark = row.Remark is null ? "" : " " + Terminal.Output.Yellow(row.Remark);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-64} {row.Model?.Mode ?? "?",-12} window {window,-9} in {Price(row.Model?.Price?.Input),-8} out {Price(row.Model?.Price?.Output),-8}{behind}{remark}"));
        }

        return 0;
    }

    private static IEnumerable<Row> Catalogue()
    {
        ModelCatalog catalog = ModelCatalog.BuiltIn;
        return catalog.Providers.Select(static x => x.ModelsFrom).Distinct().Order(StringComparer.Ordinal)
            .SelectMany(provider => catalog.ModelsOf(provider), static (provider, model) => new Row($"{provider}/{model.Id}", null, model, model.Deprecated ? "deprecated" : null));
    }

    private static IEnumerable<Row>? Configured(FileInfo config)
    {
        ConfigResult? read = Configuration.Load(config, ShippedCatalog.BuiltIn);
        return read?.Snapshot is not { } snapshot ? null
            : snapshot.Groups.Values.Concat(snapshot.Wildcards)
                .OrderBy(group => snapshot.Names.IndexOf(group.Name))
                .SelectMany(static group => group.Deployments, static (group, deployment) => new Row(
                    group.Name,
                    $"{deployment.Provider.Id}/{deployment.UpstreamModel}",
                    deployment.Model,
                    deployment.Missing is null ? null : "cannot be called"));
    }

    private static void WriteJson(IEnumerable<Row> rows)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (Row row in rows)
            {
                json.WriteStartObject();
                json.WriteString("name", row.Name);
                json.WriteString("deployment", row.Behind);
                json.WriteString("mode", row.Model?.Mode);
                Number(json, "window", row.Model?.ContextWindow);
                Number(json, "input_per_million", row.Model?.Price?.Input);
                Number(json, "output_per_million", row.Model?.Price?.Output);
                json.WriteString("remark", row.Remark);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.Write("\n"u8);
    }

    private static void Number(Utf8JsonWriter json, string key, decimal? number)
    {
        json.WritePropertyName(key);
        if (number is { } known)
        {
            json.WriteNumberValue(known);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static string Price(decimal? price) => price?.ToString(CultureInfo.InvariantCulture) ?? "?";

    /// <param name="Name">Name to ask for.</param>
    /// <param name="Behind">Provider and model behind it; null where that is the name.</param>
    /// <param name="Model">What is known of it.</param>
    /// <param name="Remark">What to know besides.</param>
    private sealed record Row(string Name, string? Behind, ModelInfo? Model, string? Remark);
}
