using System.Collections.Immutable;
using System.Text.Json;
using Interline.Accounts.Documents;
using Interline.Core.Budgets;

namespace Interline.Accounts;

/// <summary>Makes terms of documents.</summary>
internal static class TermsReader
{
    /// <summary>Terms of an account as a whole, and one for each model it has terms for.</summary>
    /// <param name="to">Where those go that limit something.</param>
    /// <param name="scope">The account.</param>
    /// <param name="own">Its document.</param>
    /// <param name="template">The budget it shares; null if none.</param>
    /// <param name="zone">Zone whose days and months count; null is UTC.</param>
    /// <param name="now">Now.</param>
    /// <param name="until">Moved to when these terms end to hold, if that is earlier.</param>
    public static void Add(ImmutableArray<ScopedTerms>.Builder to, Scope scope, AccountTerms own, BudgetDocument? template, TimeZoneInfo? zone, DateTimeOffset now, ref DateTimeOffset until)
    {
        decimal? limit = own.MaxBudget ?? template?.MaxBudget;
        if (limit is not null && own.TempBudgetIncrease is { } increase && own.TempBudgetExpiry is { } expiry && expiry > now)
        {
            limit += increase;
            until = expiry < until ? expiry : until;
        }

        ImmutableArray<BudgetTerms>.Builder budgets = ImmutableArray.CreateBuilder<BudgetTerms>();
        if (limit is not null || (own.SoftBudget ?? template?.SoftBudget) is not null)
        {
            budgets.Add(new(limit, own.SoftBudget ?? template?.SoftBudget, BudgetWindowText.Read(own.BudgetDuration ?? template?.BudgetDuration, zone)));
        }

        foreach (BudgetLimit more in own.BudgetLimits ?? template?.BudgetLimits ?? [])
        {
            if (more.MaxBudget is { } most)
            {
                budgets.Add(new(most, null, BudgetWindowText.Read(more.BudgetDuration, zone)));
            }
        }

        Add(to, scope, new ScopeTerms
        {
            Budgets = budgets.ToImmutable(),
            Rpm = own.RpmLimit ?? template?.RpmLimit,
            Tpm = own.TpmLimit ?? template?.TpmLimit,
            Parallel = own.MaxParallelRequests ?? template?.MaxParallelRequests,
        });
        ByModel(to, scope, zone, own.ModelMaxBudget ?? template?.ModelMaxBudget, own.ModelRpmLimit ?? template?.ModelRpmLimit, own.ModelTpmLimit ?? template?.ModelTpmLimit);
    }

    /// <summary>Adds terms that limit something.</summary>
    public static void Add(ImmutableArray<ScopedTerms>.Builder to, Scope scope, ScopeTerms terms)
    {
        if (!terms.IsEmpty)
        {
            to.Add(new(scope, terms));
        }
    }

    /// <summary>A single budget as a list of budgets.</summary>
    public static ImmutableArray<BudgetTerms> Budget(decimal? limit, string? duration, TimeZoneInfo? zone) => limit is null ? [] : [new(limit, null, BudgetWindowText.Read(duration, zone))];

    private static void ByModel(
        ImmutableArray<ScopedTerms>.Builder to, Scope scope, TimeZoneInfo? zone, IReadOnlyDictionary<string, JsonElement>? budgets, IReadOnlyDictionary<string, long>? rpm, IReadOnlyDictionary<string, long>? tpm)
    {
        IEnumerable<string> models = [.. budgets?.Keys ?? [], .. rpm?.Keys ?? [], .. tpm?.Keys ?? []];
        foreach (string model in models.Distinct(StringComparer.Ordinal))
        {
            BudgetLimit? budget = budgets is not null && budgets.TryGetValue(model, out JsonElement value) ? ModelBudget.Read(value) : null;
            Add(to, scope with { Model = model }, new ScopeTerms
            {
                Budgets = Budget(budget?.MaxBudget, budget?.BudgetDuration, zone),
                Rpm = rpm is not null && rpm.TryGetValue(model, out long requests) ? requests : null,
                Tpm = tpm is not null && tpm.TryGetValue(model, out long tokens) ? tokens : null,
            });
        }
    }
}
