using System.Text.Json;
using Interline.Budgets;
using Interline.Core.Budgets;

namespace Interline.Server.Health;

/// <summary>How often budgets and limits could not be held as they are meant to, and which soft limits were passed. For whoever may see all: it names keys and teams.</summary>
internal static class LimitHealth
{
    /// <summary>Writes <c>limits</c>.</summary>
    public static void Write(Utf8JsonWriter json, MeterBook book)
    {
        BudgetCounters counters = book.Counters;
        json.WriteStartObject("limits"u8);
        json.WriteString("state"u8, counters.AreZero ? "ok"u8 : "weakened"u8);
        json.WriteNumber("history_reads_failed"u8, counters.HistoryLost);
        json.WriteNumber("leases_failed"u8, counters.LeasesLost);
        json.WriteNumber("admitted_unread"u8, counters.AdmittedUnread);
        json.WriteNumber("admitted_beyond_lease"u8, counters.AdmittedUnbacked);
        json.WriteNumber("refused"u8, counters.RefusedLost);
        json.WriteStartArray("soft_limits_passed"u8);
        foreach (SoftLimitPassed passed in book.SoftLimitsPassed())
        {
            WritePassed(json, passed);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePassed(Utf8JsonWriter json, SoftLimitPassed passed)
    {
        json.WriteStartObject();
        json.WriteString("scope"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(passed.Scope.Kind.ToString()));
        if (passed.Scope.Kind != ScopeKind.Everything)
        {
            json.WriteString("scope_id"u8, passed.Scope.Id);
        }

        if (passed.Scope.Model is { } model)
        {
            json.WriteString("model"u8, model);
        }

        json.WriteNumber("limit"u8, passed.SoftLimit);
        json.WriteNumber("spent"u8, passed.Spent);
        json.WriteString("passed_at"u8, passed.At.UtcDateTime);
        if (passed.ResetsAt is { } end)
        {
            json.WriteString("resets_at"u8, end.UtcDateTime);
        }
        else
        {
            json.WriteNull("resets_at"u8);
        }

        json.WriteEndObject();
    }
}
