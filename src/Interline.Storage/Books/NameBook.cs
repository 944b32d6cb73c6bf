using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>
/// Numbers of the texts that calls hold. Texts are entered in a transaction of their own, before the calls, so that two nodes never wait for each other in a ring. Not
/// thread-safe.
/// </summary>
internal sealed class NameBook(Database database, TimeProvider time)
{
    private const int MostKept = 200_000;
    private const char TagEnd = '\u001f';

    private const string EnterPostgres =
        """
        insert into interline_name (text, used) select t, $2 from unnest($1) as t order by t
        on conflict (text) do update set used = greatest(interline_name.used, excluded.used) returning text, id
        """;

    private const string EnterSqlite = "insert into interline_name (text, used) values ($1, $2) on conflict (text) do update set used = max(used, excluded.used) returning id";

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Team, string User), string> _members = [];
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private int _day;

    /// <summary>Number of a text that was entered; 0 for null.</summary>
    public int Id(string? text) => text is null ? 0 : _ids[text];

    /// <summary>The text that stands for the tags of a call; null for none.</summary>
    public static string? TagSet(in CallRecord record) => record.Tags.IsEmpty ? null : TagEnd + string.Join(TagEnd, record.Tags) + TagEnd;

    /// <summary>What the text of a set with this tag contains.</summary>
    public static string TagPart(string tag) => TagEnd + tag + TagEnd;

    /// <summary>The tags of a set.</summary>
    public static string[] TagsOf(string set) => set[1..^1].Split(TagEnd);

    /// <summary>The text that stands for a user in a team; null where one is missing.</summary>
    public string? Member(in CallRecord record)
    {
        if (record.TeamId is not { } team || record.UserId is not { } user)
        {
            return null;
        }

        if (!_members.TryGetValue((team, user), out string? member))
        {
            member = StoredText.Of($"{team}/{user}");
            _members[(team, user)] = member;
        }

        return member;
    }

    /// <summary>Enters what is new in some calls.</summary>
    public async Task EnterAsync(JournalBatch batch, CancellationToken cancel)
    {
        int today = (int)(time.GetUtcNow().ToUnixTimeSeconds() / 86400);
        if (today != _day || _ids.Count > MostKept)
        {
            // Every day anew: what is in this memory was used today, and only what was not used for days is ever deleted.
            _ids.Clear();
            _members.Clear();
            _day = today;
        }

        _missing.Clear();
        foreach (ref readonly JournaledCall call in batch.Calls)
        {
            Look(in call);
        }

        if (_missing.Count > 0)
        {
            string[] texts = [.. _missing.Order(StringComparer.Ordinal)];
            foreach ((string text, int id) in await database.WriteAsync((session, token) => EnterAsync(session, texts, today, token), cancel))
            {
                _ids[text] = id;
            }
        }
    }

    private static async Task<List<(string Text, int Id)>> EnterAsync(SqlSession session, string[] texts, int today, CancellationToken cancel)
    {
        if (session.Dialect == SqlDialect.Postgres)
        {
            return await session.ListAsync(EnterPostgres, static x => (x.GetString(0), x.GetInt32(1)), cancel, texts, today);
        }

        List<(string, int)> entered = [];
        foreach (string text in texts)
        {
            entered.Add((text, await session.FirstAsync(EnterSqlite, static x => x.GetInt32(0), cancel, text, today)));
        }

        return entered;
    }

    private void Look(in JournaledCall call)
    {
        ref readonly CallRecord record = ref call.Record;
        Look(record.Operation);
        Look(record.Group);
        Look(record.DeploymentId);
        Look(record.Provider);
        Look(record.UpstreamModel);
        Look(record.KeyId);
        Look(record.TeamId);
        Look(record.UserId);
        Look(record.Customer);
        Look(RecordForm.NameOf(record.Error));
        Look(RecordForm.NameOf(record.Finish));
        Look(record.PriceSource);
        Look(record.PriceVersion);
        Look(record.PlanVersion);
        Look(record.SnapshotVersion);
        Look(Member(in record));
        Look(TagSet(in record));
        foreach (string tag in record.Tags)
        {
            Look(tag);
        }
    }

    private void Look(string? text)
    {
        if (text is not null && !_ids.ContainsKey(text))
        {
            _missing.Add(text);
        }
    }
}
