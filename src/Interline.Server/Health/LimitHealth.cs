using System.Text.Json;
using Interline.Budgets;

namespace Interline.Server.Health;

/// <summary>How often budgets and limits could not be held as they are meant to.</summary>
internal static class LimitHealth
{
    /// <summary>Writes <c>limits</c>.</summary>
    public static void Write(Utf8JsonWriter json, BudgetCounters counters)
    {
        json.WriteStartObject("limits"u8);
        json.WriteString("state"u8, counters.AreZero ? "ok"u8 : "weakened"u8);
        json.WriteNumber("history_reads_failed"u8, counters.HistoryLost);
        json.WriteNumber("leases_failed"u8, counters.LeasesLost);
        json.WriteNumber("admitted_unread"u8, counters.AdmittedUnread);
        json.WriteNumber("admitted_beyond_lease"u8, counters.AdmittedUnbacked);
        json.WriteNumber("refused"u8, counters.RefusedLost);
        json.WriteEndObject();
    }
}
