using Interline.Accounts;
using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Server.Auth;

/// <summary>Whether a caller may ask for a model.</summary>
internal static class ModelAccess
{
    /// <summary>Checks a name. One that does not exist is refused alike unless it is on the list, so that names cannot be tried out.</summary>
    /// <returns>Null if it may; else a 403.</returns>
    public static ApiError? Check(ModelGrants grants, string name, string? group) =>
        grants.Allows(name, group ?? name) ? null : grants.Refusal(name, group ?? name);

    /// <summary>Checks the groups a caller itself asks to fall back to; those of the configuration are its operator's choice.</summary>
    public static ApiError? CheckFallbacks(Principal caller, CallerOptions options, ActiveSnapshot snapshot)
    {
        if (caller.Models is not { } grants || (options.Fallbacks is null && options.ContextWindowFallbacks is null && options.ContentPolicyFallbacks is null))
        {
            return null;
        }

        foreach (string name in (IEnumerable<string>)[.. options.Fallbacks ?? [], .. options.ContextWindowFallbacks ?? [], .. options.ContentPolicyFallbacks ?? []])
        {
            if (Check(grants, name, snapshot.Resolve(name)?.Group.Name) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }
}
