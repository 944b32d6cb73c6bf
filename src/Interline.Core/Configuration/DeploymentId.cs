using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>Ids of deployments: the same for the same file on every start, since cooldowns, budgets and logs hold them. A credential is never part of one.</summary>
internal static class DeploymentId
{
    private const int HexDigits = 24;

    /// <summary>Gives each deployment an id that no other has. An id written twice is told and made unique.</summary>
    public static IEnumerable<(DeploymentDraft Draft, string Id)> Assign(IReadOnlyList<DeploymentDraft> drafts, ProblemList problems)
    {
        // Written ids first, so that a computed one can never take one away.
        var taken = drafts.Select(static draft => draft.ExplicitId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (DeploymentDraft draft in drafts)
        {
            if (draft.ExplicitId is not { } id)
            {
                yield return (draft, Unique(index => Of(draft.Deployment, index), candidate => !taken.Contains(candidate) && used.Add(candidate), 0));
            }
            else if (used.Add(id))
            {
                yield return (draft, id);
            }
            else
            {
                string unique = Unique(index => string.Create(CultureInfo.InvariantCulture, $"{id}-{index}"), candidate => !taken.Contains(candidate) && used.Add(candidate), 2);
                problems.Warning(draft.Place, $"{draft.Path}.model_info.id", $"the id '{id}' is used before; '{unique}' is used here");
                yield return (draft, unique);
            }
        }
    }

    /// <summary>Id from what identifies a deployment: group, provider, upstream model, base URL, organisation, and its number among equals.</summary>
    public static string Of(Deployment deployment, int index)
    {
        // Joined by a character that none of them holds, so that no two lists of parts give one text.
        string identity = string.Join('\n', deployment.Group, deployment.Provider.Id, deployment.UpstreamModel, deployment.BaseUrl.OriginalString, deployment.Organization, index.ToString(CultureInfo.InvariantCulture));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..HexDigits];
    }

    private static string Unique(Func<int, string> make, Func<string, bool> take, int index)
    {
        while (true)
        {
            string candidate = make(index++);
            if (take(candidate))
            {
                return candidate;
            }
        }
    }
}
