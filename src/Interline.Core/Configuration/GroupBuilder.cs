using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>Groups of a configuration.</summary>
/// <param name="Exact">By exact name.</param>
/// <param name="Wildcards">Patterns, most specific first.</param>
/// <param name="Names">All names in the order of the file.</param>
internal readonly record struct GroupSet(FrozenDictionary<string, ModelGroup> Exact, ImmutableArray<ModelGroup> Wildcards, ImmutableArray<string> Names);

/// <summary>Makes groups of what the items of <c>model_list</c> say: ids, weights, exact names and patterns.</summary>
internal static class GroupBuilder
{
    /// <summary>Weight of a deployment said to have none: it is taken only when it is alone. Above 0, because a share of nothing cannot be drawn.</summary>
    private const double NoWeight = 1e-9;

    /// <summary>Groups by exact name, patterns most specific first, and all names in the order of the file.</summary>
    public static GroupSet Build(IReadOnlyList<DeploymentDraft> drafts, ProblemList problems)
    {
        var groups = new OrderedDictionary<string, List<(DeploymentDraft Draft, Deployment Deployment)>>(StringComparer.Ordinal);
        foreach ((DeploymentDraft draft, string id) in DeploymentId.Assign(drafts, problems))
        {
            if (!groups.TryGetValue(draft.Deployment.Group, out List<(DeploymentDraft Draft, Deployment Deployment)>? members))
            {
                groups.Add(draft.Deployment.Group, members = []);
            }

            members.Add((draft, draft.Deployment with { Id = id }));
        }

        ImmutableArray<ModelGroup> all = [.. groups.Select(group => new ModelGroup(group.Key, Weigh(group.Value, problems)))];
        return new(
            all.Where(static group => !IsPattern(group)).ToFrozenDictionary(static group => group.Name, StringComparer.Ordinal),
            [.. all.Where(IsPattern).OrderBy(static group => group.Name, Comparer<string>.Create(ModelNamePattern.CompareSpecificity))],
            [.. all.Select(static group => group.Name)]);
    }

    private static bool IsPattern(ModelGroup group) => group.Name.Contains('*', StringComparison.Ordinal);

    // LiteLLM asks the first deployment of a group what all are weighed by; one that does not have it then weighs nothing.
    private static ImmutableArray<Deployment> Weigh(List<(DeploymentDraft Draft, Deployment Deployment)> members, ProblemList problems)
    {
        (DeploymentDraft first, Deployment deployment) = members[0];
        (string Key, Func<DeploymentDraft, double?> Of)? by =
            first.Weight is not null ? ("weight", static draft => draft.Weight)
            : deployment.Rpm is not null ? ("rpm", static draft => draft.Deployment.Rpm)
            : deployment.Tpm is not null ? ("tpm", static draft => draft.Deployment.Tpm)
            : null;

        if (by is not var (key, of) || members.All(member => of(member.Draft) is null or 0))
        {
            return [.. members.Select(static member => member.Deployment with { Weight = 1 })];
        }

        foreach ((DeploymentDraft draft, Deployment _) in members.Where(member => of(member.Draft) is null))
        {
            problems.Warning(draft.Place, draft.Path, $"has no {key}, by which the first deployment of '{draft.Deployment.Group}' weighs the group; it is used only when the others cannot be");
        }

        return [.. members.Select(member => member.Deployment with { Weight = of(member.Draft) is > 0 and { } weight ? weight : NoWeight })];
    }
}
