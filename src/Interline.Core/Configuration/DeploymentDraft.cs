using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>What became of one item of <c>model_list</c>.</summary>
/// <param name="Drafts">Its deployments; none if it is left out.</param>
/// <param name="Name">Its <c>model_name</c>; null if it has none.</param>
/// <param name="IsElsewhere">Whether it is left out because it is meant for another environment.</param>
internal readonly record struct DeploymentReading(ImmutableArray<DeploymentDraft> Drafts, string? Name, bool IsElsewhere = false);

/// <summary>A deployment as one item of <c>model_list</c> says it, before its group gives it a weight and the whole list an id.</summary>
/// <param name="Deployment">Deployment; id and weight are not final.</param>
/// <param name="ExplicitId"><c>model_info.id</c>; null if absent.</param>
/// <param name="Weight"><c>weight</c>; null if absent.</param>
/// <param name="Place">Where the item stands.</param>
/// <param name="Path">Its path, such as <c>model_list[3]</c>.</param>
internal sealed record DeploymentDraft(Deployment Deployment, string? ExplicitId, double? Weight, Place Place, string Path);
