using System.Collections.Immutable;
using Interline.Accounts;

namespace Interline.Server.Accounts;

/// <summary>Who changed which account when: the newest in memory, all of them as log lines. Never what a field was set to, so no secret.</summary>
internal sealed partial class AuditLog(ILogger<AuditLog> logger, TimeProvider time)
{
    /// <summary>Changes kept in memory.</summary>
    public const int Capacity = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<AuditEntry> _newest = new();

    /// <summary>The newest changes, oldest first.</summary>
    public ImmutableArray<AuditEntry> Newest
    {
        get
        {
            lock (_lock)
            {
                return [.. _newest];
            }
        }
    }

    /// <summary>Notes a change.</summary>
    public void Note(Principal who, string action, string kind, string id)
    {
        var entry = new AuditEntry(time.GetUtcNow(), who.KeyId ?? "master key", who.UserId, action, kind, id);
        lock (_lock)
        {
            _newest.Enqueue(entry);
            if (_newest.Count > Capacity)
            {
                _newest.Dequeue();
            }
        }

        Log.Changed(logger, action, kind, Plain(id), entry.Key, Plain(who.UserId ?? "-"));
    }

    /// <summary>Ids are chosen by callers: a line break in one must not make a log line of its own.</summary>
    private static string Plain(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = char.IsControl(from[i]) ? '?' : from[i];
        }
    });

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Information, "{Action}: {Kind} {Id}, by key {Key}, user {User}")]
        public static partial void Changed(ILogger logger, string action, string kind, string id, string key, string user);
    }
}

/// <summary>A change.</summary>
/// <param name="At">When.</param>
/// <param name="Key">Id of the key it was made with, or <c>master key</c>.</param>
/// <param name="UserId">Its user.</param>
/// <param name="Action">Path of the endpoint.</param>
/// <param name="Kind">Kind of the account.</param>
/// <param name="Id">Its id.</param>
internal sealed record AuditEntry(DateTimeOffset At, string Key, string? UserId, string Action, string Kind, string Id);
