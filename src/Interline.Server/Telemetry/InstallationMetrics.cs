using System.Text;
using Interline.Budgets;
using Interline.Storage;

namespace Interline.Server.Telemetry;

/// <summary>Metrics of what the gateway keeps: how far the books are behind, how limits are held, how many nodes share them. Read off what is counted anyway.</summary>
internal static class InstallationMetrics
{
    /// <summary>Writes the metrics of the books and of the other nodes.</summary>
    public static void WriteLedger(StringBuilder text, Installation installation)
    {
        MetricText.Single(text, "interline_ledger_unwritten_calls", "gauge", "Settled calls that wait in the journal for the database.", installation.Books.Waiting);
        MetricText.Single(text, "interline_ledger_unwritten_bytes", "gauge", "Bytes that wait in the journal for the database.", installation.Books.WaitingBytes);
        MetricText.Single(text, "interline_ledger_written_calls_total", "counter", "Calls this process has written to the books.", installation.Books.Written);
        MetricText.Single(text, "interline_ledger_write_failures_total", "counter", "Tries to write to the books that failed.", installation.Books.Failures);
        MetricText.Single(text, "interline_ledger_journal_full", "gauge", "1 while the journal takes no more and calls are refused.", installation.Ledger.IsFull ? 1 : 0);
        MetricText.Single(text, "interline_ledger_database_reachable", "gauge", "0 while the database does not answer.", installation.Database.Reachability.IsReachable ? 1 : 0);
        MetricText.Single(text, "interline_ledger_calls_taken_over_total", "counter", "Settled calls of earlier processes found in the journal at start.", installation.Ledger.RecoveredCalls);
        MetricText.Single(text, "interline_ledger_calls_interrupted_total", "counter", "Those of them that were under way when their process died.", installation.Ledger.InterruptedCalls);
        MetricText.Single(text, "interline_ledger_nodes_alive", "gauge", "Nodes that share the database, this one included.", installation.Nodes?.Nodes ?? 1);
    }

    /// <summary>Writes how often limits could not be held as they are meant to.</summary>
    public static void WriteLimits(StringBuilder text, BudgetCounters counters)
    {
        MetricText.Single(text, "interline_limits_history_lost_total", "counter", "Reads of what was spent before that failed.", counters.HistoryLost);
        MetricText.Single(text, "interline_limits_leases_lost_total", "counter", "Leases that could not be asked for.", counters.LeasesLost);
        MetricText.Single(text, "interline_limits_admitted_unread_total", "counter", "Calls admitted although it was not known what their budget had spent.", counters.AdmittedUnread);
        MetricText.Single(text, "interline_limits_admitted_unbacked_total", "counter", "Calls admitted beyond what this node had leased.", counters.AdmittedUnbacked);
        MetricText.Single(text, "interline_limits_refused_lost_total", "counter", "Calls refused because a budget or limit could not be read or leased.", counters.RefusedLost);
    }
}
