using System.Text.Json;
using Interline.Storage;
using Interline.Storage.Books;
using Interline.Storage.Databases;

namespace Interline.Server.Health;

/// <summary>How the database, the books, the accounts and the other nodes stand: what an outage does, and how far behind this node is.</summary>
internal static class InstallationHealth
{
    /// <summary>Writes <c>ledger</c>, <c>accounts</c> and, where there are several, <c>nodes</c>.</summary>
    public static void Write(Utf8JsonWriter json, Installation installation)
    {
        Reachability reachability = installation.Database.Reachability;
        json.WriteStartObject("ledger"u8);
        json.WriteString("state"u8, installation.Ledger.IsFull ? "full"u8 : reachability.IsReachable && installation.Books.FailingSince is null ? "ok"u8 : "behind"u8);
        json.WriteString("database"u8, installation.Database.Shown);
        json.WriteBoolean("database_reachable"u8, reachability.IsReachable);
        Moment(json, "database_lost_at"u8, reachability.LostAt);
        WriteBooks(json, installation.Books);
        json.WriteNumber("calls_taken_over_at_start"u8, installation.Ledger.RecoveredCalls);
        json.WriteNumber("calls_interrupted_before_start"u8, installation.Ledger.InterruptedCalls);
        Text(json, "journal_trouble"u8, installation.Ledger.Trouble);
        json.WriteEndObject();

        json.WriteStartObject("accounts"u8);
        json.WriteBoolean("behind"u8, installation.Accounts.IsBehind);
        Moment(json, "last_sync"u8, installation.Accounts.LastSync);
        json.WriteEndObject();
        if (installation.Nodes is { } nodes)
        {
            json.WriteStartObject("nodes"u8);
            json.WriteString("this"u8, nodes.Name);
            json.WriteNumber("alive"u8, nodes.Nodes);
            Text(json, "lease_error"u8, installation.Leases?.LastError);
            json.WriteEndObject();
        }
    }

    private static void WriteBooks(Utf8JsonWriter json, BookKeeper books)
    {
        json.WriteNumber("unwritten_calls"u8, books.Waiting);
        json.WriteNumber("unwritten_bytes"u8, books.WaitingBytes);
        Moment(json, "last_write"u8, books.LastWrite);
        Moment(json, "failing_since"u8, books.FailingSince);
        Text(json, "last_error"u8, books.FailingSince is null ? null : books.LastError);
    }

    private static void Moment(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } at)
        {
            json.WriteString(name, at.UtcDateTime);
        }
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }
}
