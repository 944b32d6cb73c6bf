using System.Globalization;
using System.Text.Json;
using Interline.Accounts;
using Interline.Core.Budgets;

namespace Interline.Server.Accounts;

/// <summary>What a field holds.</summary>
internal enum FieldType
{
    /// <summary>Text of up to 2,000 characters.</summary>
    Text,

    /// <summary>Id: 1 to 256 characters, none a control character.</summary>
    Id,

    /// <summary>USD, 0 to a billion.</summary>
    Money,

    /// <summary>Whole number from 0.</summary>
    Count,

    /// <summary>Whole number from 0 to a million.</summary>
    Slots,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>Up to 1,000 texts of up to 256 characters.</summary>
    Names,

    /// <summary>Object whose values are texts.</summary>
    TextMap,

    /// <summary>Object whose values are whole numbers.</summary>
    CountMap,

    /// <summary>Object whose values are budgets.</summary>
    BudgetMap,

    /// <summary>List of <c>{budget_duration, max_budget}</c>.</summary>
    Budgets,

    /// <summary>Duration such as <c>30d</c>.</summary>
    Duration,

    /// <summary>Moment in ISO 8601.</summary>
    Moment,

    /// <summary>Any object.</summary>
    Object,

    /// <summary>Anything: LiteLLM's field, kept, and without effect here.</summary>
    Kept,

    /// <summary>Anything: read by the endpoint itself.</summary>
    Own,
}

/// <summary>Who may set a field of what it may change at all.</summary>
internal enum FieldRight
{
    /// <summary>Whoever may change the account.</summary>
    Owner,

    /// <summary>Admins of the account's team, and admins.</summary>
    TeamAdmin,

    /// <summary>Admins.</summary>
    Admin,
}

/// <summary>A field of a management request.</summary>
internal sealed record Field(string Name, FieldType Type, FieldRight Right = FieldRight.Owner)
{
    private const decimal MostMoney = 1_000_000_000m;
    private const long MostCount = 1_000_000_000_000_000;
    private const int MostItems = 1000;
    private const int LongestText = 2000;

    /// <summary>Checks a value; null is allowed everywhere and takes the field away.</summary>
    /// <returns>What was expected; null if nothing is wrong.</returns>
    public string? Check(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : Type switch
    {
        FieldType.Text => Text(value, LongestText),
        FieldType.Id => IdReason(value),
        FieldType.Money => IsMoney(value) ? null : $"expected USD from 0 to {MostMoney:0}",
        FieldType.Count => IsCount(value, MostCount) ? null : $"expected a whole number from 0 to {MostCount}",
        FieldType.Slots => IsCount(value, 1_000_000) ? null : "expected a whole number from 0 to 1000000",
        FieldType.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : "expected true or false",
        FieldType.Names => Names(value),
        FieldType.TextMap => Map(value, static x => Text(x, AccountKinds.LongestId)),
        FieldType.CountMap => Map(value, static x => IsCount(x, MostCount) ? null : $"expected whole numbers from 0 to {MostCount}"),
        FieldType.BudgetMap => Map(value, ModelBudget),
        FieldType.Budgets => Budgets(value),
        FieldType.Duration => value.ValueKind == JsonValueKind.String && BudgetWindowText.Read(value.GetString()) is not null ? null : "expected a duration such as 30s, 30m, 24h, 30d, 1w, 1mo or rolling 30d",
        FieldType.Moment => value.ValueKind == JsonValueKind.String && Moment(value.GetString()) is not null ? null : "expected a moment such as 2027-01-31T12:00:00Z",
        FieldType.Object => value.ValueKind == JsonValueKind.Object ? null : "expected an object",
        _ => null,
    };

    /// <summary>A moment; without a zone it is UTC.</summary>
    public static DateTimeOffset? Moment(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at) ? at : null;

    /// <summary>What is wrong with an id; null if nothing.</summary>
    public static string? IdReason(string id) =>
        id.Length is 0 or > AccountKinds.LongestId || id.AsSpan().ContainsAnyInRange('\0', '\x1f') || id.Contains('\x7f', StringComparison.Ordinal) || id.AsSpan().ContainsAnyInRange('\ud800', '\udfff')
            ? $"expected 1 to {AccountKinds.LongestId} characters, none of them a control character or a surrogate" : null;

    private static string? IdReason(JsonElement value) => Text(value, AccountKinds.LongestId) ?? IdReason(value.GetString()!);

    private static string? Text(JsonElement value, int longest)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return "expected text";
        }

        string text = value.GetString()!;
        return text.Length > longest ? $"expected at most {longest} characters" : text.Contains('\0', StringComparison.Ordinal) ? "expected text without a null character" : null;
    }

    private static bool IsMoney(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && number is >= 0 and <= MostMoney;

    private static bool IsCount(JsonElement value, long most) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0 && number <= most;

    private static string? Names(JsonElement value) =>
        value.ValueKind != JsonValueKind.Array ? "expected a list of texts"
        : value.GetArrayLength() > MostItems ? $"expected at most {MostItems} entries"
        : value.EnumerateArray().Select(static x => Text(x, AccountKinds.LongestId)).FirstOrDefault(static x => x is not null);

    private static string? Map(JsonElement value, Func<JsonElement, string?> check) =>
        value.ValueKind != JsonValueKind.Object ? "expected an object"
        : value.EnumerateObject().Count() > MostItems ? $"expected at most {MostItems} entries"
        : value.EnumerateObject().Select(x => x.Name.Length > AccountKinds.LongestId ? "expected shorter names" : check(x.Value)).FirstOrDefault(static x => x is not null);

    private static string? ModelBudget(JsonElement value)
    {
        const string Expected = "expected for each model USD, or an object with max_budget (or budget_limit) and budget_duration (or time_period)";
        if (value.ValueKind == JsonValueKind.Number)
        {
            return IsMoney(value) ? null : Expected;
        }

        return value.ValueKind == JsonValueKind.Object
            && (value.TryGetProperty("budget_limit", out JsonElement limit) || value.TryGetProperty("max_budget", out limit)) && IsMoney(limit)
            && (!(value.TryGetProperty("time_period", out JsonElement window) || value.TryGetProperty("budget_duration", out window)) || IsWindow(window)) ? null : Expected;
    }

    private static string? Budgets(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= 20 && value.EnumerateArray().All(static x =>
            x.ValueKind == JsonValueKind.Object && x.TryGetProperty("max_budget", out JsonElement limit) && IsMoney(limit) && (!x.TryGetProperty("budget_duration", out JsonElement window) || IsWindow(window)))
            ? null : "expected a list of at most 20 objects with max_budget and budget_duration";

    private static bool IsWindow(JsonElement window) => window.ValueKind == JsonValueKind.Null || (window.ValueKind == JsonValueKind.String && BudgetWindowText.Read(window.GetString()) is not null);
}
