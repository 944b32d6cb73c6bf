using System.Globalization;
using Interline.Books;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>A question to the calls, and how far it was answered.</summary>
internal sealed class CallQuestion
{
    private const string Start = $"select {CallRow.Columns} from interline_call where started >= $1 and started < $2 and (started < $3 or (started = $3 and (segment, seq) < ($4, $5)))";
    private const string End = " order by started desc, segment desc, seq desc limit $6";

    private readonly CallQuery _query;
    private readonly List<SqlValue> _values = [];
    private string _conditions = "";
    private (long Started, long Segment, int Seq) _before = (long.MaxValue, long.MaxValue, int.MaxValue);

    private CallQuestion(CallQuery query) => _query = query;

    /// <summary>Looks up what it names.</summary>
    /// <returns>Null if nothing can answer it: a key that never called, a page after a call that is gone.</returns>
    public static async Task<CallQuestion?> PrepareAsync(SqlSession session, CallQuery query, CancellationToken cancel)
    {
        var question = new CallQuestion(query);
        return await question.FindAsync(session, cancel) ? question : null;
    }

    /// <summary>The next calls.</summary>
    /// <returns>The calls, and whether there may be more.</returns>
    public async Task<(List<StoredCall> Calls, bool More)> NextAsync(SqlSession session, StoredCalls texts, int most, CancellationToken cancel)
    {
        long from = _query.From is { } first ? CallRow.Micros(first) : long.MinValue;
        long to = _query.To is { } end ? CallRow.Micros(end) : long.MaxValue;
        if (_before.Started < to)
        {
            // Said twice, so that an index on the time alone begins at the right place.
            to = _before.Started + 1;
        }

        // Put together of constants; what callers say is in the values.
        List<StoredCalls.Row> rows = await session.ListAsync(Start + _conditions + End, StoredCalls.Read, cancel, [from, to, _before.Started, _before.Segment, _before.Seq, most, .. _values]);
        if (rows is [.., var last])
        {
            _before = (CallRow.Micros(last.Record.StartedAt), last.Segment, last.Seq);
        }

        return (await texts.WithTextsAsync(session, rows, cancel), rows.Count == most);
    }

    private async Task<bool> FindAsync(SqlSession session, CancellationToken cancel)
    {
        if (_query.Before is { } before && !await BeginAfterAsync(session, before, cancel))
        {
            return false;
        }

        foreach ((string condition, string? text) in new[]
        {
            (" and key_id = $", _query.KeyId), (" and team_id = $", _query.TeamId), (" and user_id = $", _query.UserId), (" and customer_id = $", _query.Customer),
            (" and model_id = $", _query.Model), (" and provider_id = $", _query.Provider),
        })
        {
            if (text is not null)
            {
                int id = await session.FirstAsync("select id from interline_name where text = $1", static x => x.GetInt32(0), cancel, StoredText.Of(text));
                if (id == 0)
                {
                    return false;
                }

                Add(condition, "", id);
            }
        }

        if (_query.TeamIds is { } teams && !await AddTeamsAsync(session, teams, cancel))
        {
            return false;
        }

        if (_query.Tag is { } tag)
        {
            string find = session.Dialect == SqlDialect.Postgres ? "strpos" : "instr";
            Add($" and tags_id in (select id from interline_name where {find}(text, $", ") > 0)", NameBook.TagPart(StoredText.Of(tag)));
        }

        _conditions += _query.Failed switch
        {
            true => " and (error_id is not null or status >= 400)",
            false => " and error_id is null and status < 400",
            null => "",
        };
        return true;
    }

    private async Task<bool> AddTeamsAsync(SqlSession session, IReadOnlyList<string> teams, CancellationToken cancel)
    {
        long[] numbers = await UsageQuestion.NumbersAsync(session, teams, cancel);
        (string begin, string end, SqlValue value) = session.Dialect == SqlDialect.Postgres
            ? (" and team_id = any($", ")", (SqlValue)numbers)
            : (" and team_id in (select value from json_each($", "))", (SqlValue)$"[{string.Join(',', numbers)}]");
        Add(begin, end, value);
        return numbers.Length > 0;
    }

    private async Task<bool> BeginAfterAsync(SqlSession session, string before, CancellationToken cancel)
    {
        if (!UsageReader.TryParse(before, out ulong run, out long number))
        {
            return false;
        }

        _before = await session.FirstAsync(
            "select started, segment, seq from interline_call where run = $1 and number = $2",
            static x => (x.GetInt64(0), x.GetInt64(1), x.GetInt32(2)),
            cancel,
            (long)run,
            number);
        return _before != default;
    }

    private void Add(string condition, string end, SqlValue value)
    {
        _values.Add(value);
        _conditions += condition + (6 + _values.Count).ToString(CultureInfo.InvariantCulture) + end;
    }
}
