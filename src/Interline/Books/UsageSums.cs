using System.Collections.Immutable;
using Interline.Ledger;
using Interline.Protocols;

namespace Interline.Books;

/// <summary>Sums calls as the roll-ups do, where there are none, or none that know what is asked: one call after the other, holding only the sums.</summary>
public sealed class UsageSums
{
    private readonly UsageQuery _query;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _to;
    private readonly Dictionary<(DateTimeOffset? Period, string? Id, string? Model, string? Provider), Sum> _sums = [];

    /// <summary>Starts with nothing.</summary>
    /// <param name="query">What to sum.</param>
    public UsageSums(UsageQuery query)
    {
        _query = query;
        _from = UsagePeriods.Start(query.Period, query.From);
        _to = UsagePeriods.End(query.Period, query.To);
    }

    /// <summary>Adds a call; one that the query does not ask for changes nothing.</summary>
    /// <param name="call">The call.</param>
    public void Add(in CallRecord call)
    {
        if (call.StartedAt < _from || call.StartedAt >= _to || _query.Models?.Contains(call.Group, StringComparer.Ordinal) == false)
        {
            return;
        }

        switch (_query.Dimension)
        {
            case UsageDimension.Everything:
                Add(call, null);
                return;
            case UsageDimension.Tag:
                foreach (string tag in call.Tags)
                {
                    AddId(call, tag);
                }

                return;
            default:
                AddId(call, Id(_query.Dimension, call));
                return;
        }
    }

    /// <summary>The sums, in the order of period, id, model, provider.</summary>
    public ImmutableArray<UsageRow> Rows() =>
    [
        .. _sums.OrderBy(x => x.Key.Period).ThenBy(x => x.Key.Id, StringComparer.Ordinal).ThenBy(x => x.Key.Model, StringComparer.Ordinal).ThenBy(x => x.Key.Provider, StringComparer.Ordinal)
            .Select(x => x.Value.Row with { Period = x.Key.Period, Id = x.Key.Id, Model = x.Key.Model, Provider = x.Key.Provider }),
    ];

    private static string? Id(UsageDimension dimension, in CallRecord call) => dimension switch
    {
        UsageDimension.Key => call.KeyId,
        UsageDimension.Team => call.TeamId,
        UsageDimension.User => call.UserId,
        _ => call.Customer,
    };

    private void AddId(in CallRecord call, string? id)
    {
        if (id is not null && _query.Ids?.Contains(id, StringComparer.Ordinal) != false)
        {
            Add(call, id);
        }
    }

    private void Add(in CallRecord call, string? id)
    {
        var key = (
            _query.ByPeriod ? UsagePeriods.Start(_query.Period, call.StartedAt) : (DateTimeOffset?)null,
            _query.ById ? id : null,
            _query.ByModel ? call.Group : null,
            _query.ByProvider ? call.Provider : null);
        if (!_sums.TryGetValue(key, out Sum? sum))
        {
            _sums.Add(key, sum = new Sum());
        }

        sum.Add(call);
    }

    private sealed class Sum
    {
        public UsageRow Row { get; private set; } = new();

        public void Add(in CallRecord call)
        {
            Usage tokens = call.Usage ?? default;
            Row = Row with
            {
                Calls = Row.Calls + 1,
                Failed = Row.Failed + (call.Error is null ? 0 : 1),
                Estimated = Row.Estimated + (call.Estimated ? 1 : 0),
                Tokens = Row.Tokens.Plus(tokens),
                UpstreamCost = Row.UpstreamCost + (call.Cost ?? 0),
                ListPrice = Row.ListPrice + (call.ListPrice ?? 0),
                BilledPrice = Row.BilledPrice + (call.BilledPrice ?? 0),
                DurationMs = Row.DurationMs + (long)call.Duration.TotalMilliseconds,
            };
        }
    }
}
