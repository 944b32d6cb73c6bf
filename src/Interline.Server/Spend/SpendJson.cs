using System.Globalization;
using System.Text.Json;
using Interline.Books;
using Interline.Books.Export;
using Interline.Server.Endpoints;

namespace Interline.Server.Spend;

/// <summary>How LiteLLM's spend answers are written. Money is a number, from the decimal and with all its digits: scripts expect one.</summary>
internal static class SpendJson
{
    /// <summary>A day as <c>2026-11-30</c>.</summary>
    public static string Day(DateTimeOffset? period) => (period ?? default).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>An amount as a number with all its digits.</summary>
    public static void WriteUsd(this Utf8JsonWriter json, string name, decimal amount) => json.WriteNumber(name, Money.Shortest(amount));

    /// <summary>An array with an object for each row.</summary>
    public static Task ListAsync<T>(HttpContext http, IEnumerable<T> rows, Action<Utf8JsonWriter, T> write) => JsonResponse.WriteAsync(http, json => List(json, rows, write));

    /// <summary>An array with an object for each row.</summary>
    public static void List<T>(Utf8JsonWriter json, IEnumerable<T> rows, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray();
        foreach (T row in rows)
        {
            json.WriteStartObject();
            write(json, row);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>An object of amounts by name.</summary>
    public static void Amounts(Utf8JsonWriter json, string name, IEnumerable<UsageRow> rows, Func<UsageRow, string> key)
    {
        json.WriteStartObject(name);
        foreach (IGrouping<string, UsageRow> group in rows.GroupBy(key, StringComparer.Ordinal))
        {
            json.WriteUsd(group.Key, group.Sum(x => x.BilledPrice));
        }

        json.WriteEndObject();
    }
}
