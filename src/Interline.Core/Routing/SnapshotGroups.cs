using Interline.Core.Configuration;
using Interline.Core.Retry;

namespace Interline.Core.Routing;

/// <summary>The groups of a snapshot by name, ids of deployments included.</summary>
/// <param name="snapshot">The snapshot.</param>
/// <param name="catalog">Where facts of a filled pattern's models are found; null leaves them unknown.</param>
public sealed class SnapshotGroups(Snapshot snapshot, ICatalog? catalog = null) : IGroups
{
    /// <inheritdoc />
    public string? Find(string name)
    {
        if (!snapshot.Groups.ContainsKey(name) && !snapshot.Aliases.ContainsKey(name))
        {
            foreach (ModelGroup group in snapshot.Groups.Values)
            {
                foreach (Deployment deployment in group.Deployments)
                {
                    if (deployment.Id == name)
                    {
                        return name;
                    }
                }
            }
        }

        return snapshot.Resolve(name, catalog)?.Name;
    }
}
