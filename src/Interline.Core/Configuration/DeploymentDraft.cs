using Interline.Core.Configuration.Yaml;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>A deployment as one item of <c>model_list</c> says it, before its group gives it a weight and the whole list an id.</summary>
/// <param name="Deployment">Deployment; id and weight are not final.</param>
/// <param name="ExplicitId"><c>model_info.id</c>; null if absent.</param>
/// <param name="Weight"><c>weight</c>; null if absent.</param>
/// <param name="Place">Where the item stands.</param>
/// <param name="Path">Its path, such as <c>model_list[3]</c>.</param>
internal sealed record DeploymentDraft(Deployment Deployment, string? ExplicitId, double? Weight, Place Place, string Path);
