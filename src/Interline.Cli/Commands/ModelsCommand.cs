using System.CommandLine;
using System.Globalization;
using Interline.Core.Catalog;

namespace Interline.Cli.Commands;

/// <summary><c>models</c>: what the catalogue knows.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var search = new Argument<string?>("TEXT") { Description = "Part of a model's or provider's name.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("models", "List the catalogue's models with their windows and prices (USD per million tokens).") { search };
        command.SetAction(result => Run(result.GetValue(search)));
        return command;
    }

    private static void Run(string? search)
    {
        ModelCatalog catalog = ModelCatalog.BuiltIn;
        foreach (string provider in catalog.Providers.Select(x => x.ModelsFrom).Distinct().Order(StringComparer.Ordinal))
        {
            foreach (ModelInfo model in catalog.ModelsOf(provider))
            {
                string name = $"{provider}/{model.Id}";
                if (search is null || name.Contains(search, StringComparison.OrdinalIgnoreCase))
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-64} {model.Mode,-12} window {model.ContextWindow?.ToString(CultureInfo.InvariantCulture) ?? "?",-9} in {Price(model.Price?.Input),-8} out {Price(model.Price?.Output),-8}{(model.Deprecated ? " deprecated" : "")}"));
                }
            }
        }
    }

    private static string Price(decimal? price) => price?.ToString(CultureInfo.InvariantCulture) ?? "?";
}
