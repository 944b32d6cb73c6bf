using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>
/// Numbers of the texts that calls hold. Texts are entered in a transaction of their own, before the calls, so that two nodes never wait for each other in a ring. Most calls
/// have the same texts as some before: they are found as one, not text by text. Not thread-safe.
/// </summary>
internal sealed class NameBook(Database database, TimeProvider time)
{
    private const int MostKept = 200_000;
    private const int MostCallsKept = 50_000;
    private const char TagEnd = '\u001f';

    private const string EnterPostgres =
        """
        insert into interline_name (text, used) select t, $2 from unnest($1) as t order by t
        on conflict (text) do update set used = greatest(interline_name.used, excluded.used) returning text, id
        """;

    private const string EnterSqlite = "insert into interline_name (text, used) values ($1, $2) on conflict (text) do update set used = max(used, excluded.used) returning id";

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<CallTexts, CallNames> _calls = [];
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private readonly List<int> _unnamed = [];
    private readonly List<CallNames?> _named = [];
    private int _day;

    /// <summary>What the text of a set with this tag contains.</summary>
    public static string TagPart(string tag) => TagEnd + tag + TagEnd;

    /// <summary>The tags of a set.</summary>
    public static string[] TagsOf(string set) => set[1..^1].Split(TagEnd);

    /// <summary>Enters what is new in some calls.</summary>
    /// <returns>The numbers of their texts, in the order of the batch; good until the next time.</returns>
    public async Task<IReadOnlyList<CallNames>> EnterAsync(JournalBatch batch, CancellationToken cancel)
    {
        int today = (int)(time.GetUtcNow().ToUnixTimeSeconds() / 86400);
        if (today != _day || _ids.Count > MostKept)
        {
            // Every day anew: what is in this memory was used today, and only what was not used for days is ever deleted.
            _ids.Clear();
            _calls.Clear();
            _day = today;
        }

        Look(batch);
        if (_missing.Count > 0)
        {
            string[] texts = [.. _missing.Order(StringComparer.Ordinal)];
            foreach ((string text, int id) in await database.WriteAsync((session, token) => EnterAsync(session, texts, today, token), cancel))
            {
                _ids[text] = id;
            }
        }

        foreach (int i in _unnamed)
        {
            CallTexts texts = CallTexts.Of(in batch.Calls[i].Record);
            _named[i] = CollectionsMarshal.GetValueRefOrAddDefault(_calls, texts, out _) ??= Name(in texts);
        }

        return _named!;
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

    /// <summary>Names the calls whose texts came before, and notes the others and which of their texts have no number.</summary>
    private void Look(JournalBatch batch)
    {
        _missing.Clear();
        _unnamed.Clear();
        _named.Clear();
        if (_calls.Count > MostCallsKept)
        {
            _calls.Clear();
        }

        foreach (ref readonly JournaledCall call in batch.Calls)
        {
            CallTexts texts = CallTexts.Of(in call.Record);
            _named.Add(_calls.GetValueOrDefault(texts));
            if (_named[^1] is null)
            {
                _unnamed.Add(_named.Count - 1);
                Look(in texts);
            }
        }
    }

    private void Look(in CallTexts texts)
    {
        Look(texts.Operation);
        Look(texts.Group);
        Look(texts.Deployment);
        Look(texts.Provider);
        Look(texts.UpstreamModel);
        Look(texts.Key);
        Look(texts.Team);
        Look(texts.User);
        Look(texts.Customer);
        Look(texts.Member);
        Look(texts.Error);
        Look(texts.Finish);
        Look(texts.PriceSource);
        Look(texts.PriceVersion);
        Look(texts.PlanVersion);
        Look(texts.Snapshot);
        Look(TagSet(texts.Tags));
        foreach (string tag in texts.Tags)
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

    private CallNames Name(in CallTexts texts) => new()
    {
        Operation = Id(texts.Operation),
        Group = Id(texts.Group),
        Deployment = Id(texts.Deployment),
        Provider = Id(texts.Provider),
        UpstreamModel = Id(texts.UpstreamModel),
        Key = Id(texts.Key),
        Team = Id(texts.Team),
        User = Id(texts.User),
        Customer = Id(texts.Customer),
        Member = Id(texts.Member),
        Error = Id(texts.Error),
        Finish = Id(texts.Finish),
        PriceSource = Id(texts.PriceSource),
        PriceVersion = Id(texts.PriceVersion),
        PlanVersion = Id(texts.PlanVersion),
        Snapshot = Id(texts.Snapshot),
        TagSet = Id(TagSet(texts.Tags)),

        // A tag given twice counts once.
        Tags = [.. texts.Tags.Select(Id).Distinct()],
    };

    private int Id(string? text) => text is null ? 0 : _ids[text];

    /// <summary>The text that stands for the tags of a call; null for none.</summary>
    private static string? TagSet(ImmutableArray<string> tags) => tags.IsEmpty ? null : TagEnd + string.Join(TagEnd, tags) + TagEnd;
}
