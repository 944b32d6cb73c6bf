using System.Globalization;
using System.Text.Json;

namespace Interline.Protocols.Errors;

/// <summary>Writes the limit that refused a call into error objects.</summary>
internal static class LimitWriting
{
    /// <summary>Writes its fields into an object that is open: amounts as numbers, the time as ISO 8601 in UTC.</summary>
    public static void Members(Utf8JsonWriter json, LimitDetails limit)
    {
        json.WriteString("scope"u8, limit.Scope);
        json.WriteString("scope_id"u8, limit.Id);
        if (limit.Model is not null)
        {
            json.WriteString("scope_model"u8, limit.Model);
        }

        json.WriteString("unit"u8, limit.Unit);
        json.WriteNumber("limit"u8, limit.Limit);
        json.WriteNumber("spent"u8, limit.Spent);
        json.WriteNumber("reserved"u8, limit.Reserved);
        json.WriteNumber("needed"u8, limit.Needed);
        json.WriteString("resets_at"u8, Time(limit.ResetsAt));
    }

    /// <summary>Writes the same as texts, for envelopes whose details are a map of texts.</summary>
    public static void Texts(Utf8JsonWriter json, LimitDetails limit)
    {
        json.WriteString("scope"u8, limit.Scope);
        json.WriteString("scope_id"u8, limit.Id ?? "");
        json.WriteString("unit"u8, limit.Unit);
        json.WriteString("limit"u8, limit.Limit.ToString(CultureInfo.InvariantCulture));
        json.WriteString("spent"u8, limit.Spent.ToString(CultureInfo.InvariantCulture));
        json.WriteString("reserved"u8, limit.Reserved.ToString(CultureInfo.InvariantCulture));
        json.WriteString("needed"u8, limit.Needed.ToString(CultureInfo.InvariantCulture));
        json.WriteString("resets_at"u8, Time(limit.ResetsAt) ?? "");
    }

    private static string? Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
