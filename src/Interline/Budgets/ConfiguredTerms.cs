using System.Collections.Frozen;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Budgets;

/// <summary>What the configuration limits by itself: the whole installation, model groups and tags.</summary>
internal sealed class ConfiguredTerms
{
    public ConfiguredTerms(Snapshot snapshot)
    {
        Settings = snapshot.General.Budgets;
        Everything = Settings.Everything is { } budget ? new ScopedTerms(new Scope(ScopeKind.Everything, ""), new ScopeTerms { Budgets = [budget] }) : null;
        Tags = snapshot.Router.TagBudgets.ToFrozenDictionary(x => x.Key, x => Terms(new Scope(ScopeKind.Tag, x.Key), x.Value, Settings.Zone), StringComparer.Ordinal);
        Models = snapshot.Router.ModelBudgets.ToFrozenDictionary(x => x.Key, x => Terms(new Scope(ScopeKind.Model, x.Key), x.Value, Settings.Zone), StringComparer.Ordinal);
    }

    public BudgetSettings Settings { get; }

    public ScopedTerms? Everything { get; }

    public FrozenDictionary<string, ScopedTerms> Tags { get; }

    public FrozenDictionary<string, ScopedTerms> Models { get; }

    /// <summary>Terms of a budget of the configuration.</summary>
    public static ScopedTerms Terms(Scope scope, Budget budget, TimeZoneInfo? zone) =>
        new(scope, new ScopeTerms { Budgets = [new BudgetTerms(budget.Limit, null, BudgetWindow.Of(budget.Period) with { Zone = zone, Rolling = budget.Rolling })] });
}
