using System.Globalization;
using Interline.Books;
using Interline.Budgets;
using Interline.Core.Budgets;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;
using Interline.Storage.Nodes;

namespace Interline.Storage.Books;

/// <summary>
/// What was spent, from the books. A window is taken apart into whole months, days and hours, which are sums, and the rest of an hour at either end, which is read from the
/// calls. What has been settled by this process is written first. Where sums or calls at the far end of a long rolling window are no longer kept, that end counts nothing.
/// All a call cost counts for the deployment that answered it or was tried last.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="books">Who writes it; null if nobody does.</param>
public sealed class SpendHistory(Database database, BookKeeper? books) : ISpendHistory, INodeSpend
{
    /// <inheritdoc />
    public async ValueTask<decimal?> SpentAsync(string node, Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(node);

        // A start of a node is told from others by its run, which is also the first half of its call ids.
        if (!ulong.TryParse(node.AsSpan(node.LastIndexOf('#') + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong run))
        {
            return null;
        }

        // A node that starts again asks this of its earlier start, whose calls are still on their way to the books.
        if (books is not null)
        {
            await books.CatchUpAsync(cancel);
        }

        return await database.ReadAsync((session, token) => SpentAsync(session, (long)run, scope, from, to, token), cancel);
    }

    /// <inheritdoc />
    public async ValueTask<decimal> SpentAsync(Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        if (books is not null)
        {
            await books.CatchUpAsync(cancel);
        }

        return await database.ReadAsync((session, token) => SpentAsync(session, scope, from, to, token), cancel);
    }

    /// <summary>A window's parts: a null period is single calls; times are in microseconds since 1970.</summary>
    internal static List<(UsagePeriod? Period, long From, long To)> Parts(long from, long to)
    {
        List<(UsagePeriod?, long, long)> parts = [];
        Cut(null, from, to);
        return parts;

        void Cut(UsagePeriod? period, long start, long end)
        {
            if (start >= end)
            {
                return;
            }

            UsagePeriod? longer = period switch { null => UsagePeriod.Hour, UsagePeriod.Hour => UsagePeriod.Day, UsagePeriod.Day => UsagePeriod.Month, _ => null };
            if (longer is not { } next)
            {
                parts.Add((period, start, end));
                return;
            }

            long low = Up(next, start), high = Down(next, end);
            if (low >= high)
            {
                parts.Add((period, start, end));
                return;
            }

            Add(period, start, low);
            Cut(next, low, high);
            Add(period, high, end);
        }

        void Add(UsagePeriod? period, long start, long end)
        {
            if (start < end)
            {
                parts.Add((period, start, end));
            }
        }
    }

    private static long Down(UsagePeriod period, long micros) => Periods.Start(period, Math.DivRem(micros, 1_000_000).Quotient) * 1_000_000;

    private static long Up(UsagePeriod period, long micros) => Periods.Ceiling(period, (micros + 999_999) / 1_000_000) * 1_000_000;

    private static async Task<decimal> SpentAsync(SqlSession session, Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        Place place = Place.Of(scope);
        if (await place.FindAsync(session, scope, cancel) is not { } ids)
        {
            return 0;
        }

        decimal spent = 0;
        foreach ((UsagePeriod? period, long start, long end) in Parts(Micros(from), Micros(to)))
        {
            string sql = period is null ? place.Calls(session) : place.Sums(session);
            SqlValue[] values = period is { } whole
                ? [start / 1_000_000, end / 1_000_000, (int)whole, (int)place.Dimension, .. ids]
                : [start, end, .. ids];
            spent += await session.FirstAsync(sql, static x => x.IsDBNull(0) ? 0 : x.GetDecimal(0), cancel, values);
        }

        return spent;
    }

    private static async Task<decimal?> SpentAsync(SqlSession session, long run, Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        // Its sums are everybody's: only its single calls say what was its own, and those may be gone already.
        long pruned = await session.FirstAsync(
            "select count(*) from interline_segment where run = $1 and last_started >= $2 and (pruned_at is not null or emptied_at is not null)",
            static x => x.GetInt64(0),
            cancel,
            run,
            Micros(from));
        if (pruned > 0)
        {
            return null;
        }

        Place place = Place.Of(scope);
        if (await place.FindAsync(session, scope, cancel) is not { } ids)
        {
            return 0;
        }

        SqlValue[] values = [Micros(from), Micros(to), .. ids, run];
        return await session.FirstAsync(
            place.Calls(session) + string.Create(CultureInfo.InvariantCulture, $" and run = ${values.Length}"),
            static x => x.IsDBNull(0) ? 0 : x.GetDecimal(0),
            cancel,
            values);
    }

    private static long Micros(DateTimeOffset time) =>
        UsageQuestion.Seconds(time) is var seconds && seconds == time.ToUnixTimeSeconds() ? CallRow.Micros(time) : seconds * 1_000_000;

    /// <summary>Where a scope's spend stands.</summary>
    private sealed record Place(UsageDimension Dimension, string? Column, string Money)
    {
        private string[] _columns = [];
        private string[] _conditions = [];

        public static Place Of(Scope scope)
        {
            Place place = scope.Kind switch
            {
                ScopeKind.Everything => new(UsageDimension.Everything, null, "billed_price"),
                ScopeKind.Key => new(UsageDimension.Key, "key_id", "billed_price"),
                ScopeKind.Team => new(UsageDimension.Team, "team_id", "billed_price"),
                ScopeKind.User => new(UsageDimension.User, "user_id", "billed_price"),
                ScopeKind.Customer => new(UsageDimension.Customer, "customer_id", "billed_price"),
                ScopeKind.TeamMember => new(UsageDimension.Member, "team_id", "billed_price"),
                ScopeKind.Tag => new(UsageDimension.Tag, "tags_id", "billed_price"),
                ScopeKind.Model => new(UsageDimension.Everything, "model_id", "cost"),
                ScopeKind.Provider => new(UsageDimension.Everything, "provider_id", "cost"),
                _ => new(UsageDimension.Deployment, "deployment_id", "cost"),
            };
            string own = scope.Kind switch { ScopeKind.Model => "model", ScopeKind.Provider => "provider", _ => "id" };
            if (place.Column is not null)
            {
                (place._columns, place._conditions) = ([own], [place.Column]);
            }

            if (scope.Model is not null)
            {
                (place._columns, place._conditions) = ([.. place._columns, "model"], [.. place._conditions, "model_id"]);
            }

            return place;
        }

        /// <summary>Numbers of what it names, in the order of the statements; null if something of it was never booked.</summary>
        public async Task<SqlValue[]?> FindAsync(SqlSession session, Scope scope, CancellationToken cancel)
        {
            List<SqlValue> ids = [];
            foreach (string text in (string[])[.. Column is null ? [] : (string[])[scope.Id], .. scope.Model is { } model ? (string[])[model] : []])
            {
                int id = await session.FirstAsync("select id from interline_name where text = $1", static x => x.GetInt32(0), cancel, StoredText.Of(text));
                if (id == 0)
                {
                    return null;
                }

                ids.Add(id);
            }

            return [.. ids];
        }

        public string Sums(SqlSession session) =>
            $"select {UsageQuestion.Sum(session, Money)} from interline_usage where start >= $1 and start < $2 and period = $3 and dimension = $4"
            + string.Concat(_columns.Select((x, i) => $" and {x} = ${(i + 5).ToString(CultureInfo.InvariantCulture)}"));

        public string Calls(SqlSession session) =>
            $"select {UsageQuestion.Sum(session, Money)} from interline_call where started >= $1 and started < $2"
            + string.Concat(_conditions.Select((x, i) => " and " + Condition(session, x, "$" + (i + 3).ToString(CultureInfo.InvariantCulture))));

        // A number stands for "team/user" or a tag; the calls have the team and the user, and all tags as one text.
        private string Condition(SqlSession session, string column, string number) => (column, Dimension) switch
        {
            ("team_id", UsageDimension.Member) =>
                $"exists (select 1 from interline_name m, interline_name t, interline_name u where m.id = {number} and t.id = team_id and u.id = user_id and m.text = t.text || '/' || u.text)",
            ("tags_id", _) => session.Dialect == SqlDialect.Postgres
                ? $"tags_id in (select s.id from interline_name s, interline_name n where n.id = {number} and strpos(s.text, chr(31) || n.text || chr(31)) > 0)"
                : $"tags_id in (select s.id from interline_name s, interline_name n where n.id = {number} and instr(s.text, char(31) || n.text || char(31)) > 0)",
            _ => $"{column} = {number}",
        };
    }
}
