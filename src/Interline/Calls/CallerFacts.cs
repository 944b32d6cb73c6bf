using System.Collections.Immutable;
using Interline.Accounts;
using Interline.Core.Routing;

namespace Interline.Calls;

/// <summary>Who calls, and what of its headers goes on to a provider of the same format.</summary>
public readonly record struct CallerFacts
{
    /// <summary>Nobody in particular, with no headers.</summary>
    public CallerFacts()
    {
    }

    /// <summary>Whose conversations the call may share something with.</summary>
    public string Tenant { get => field ?? ""; init; }

    /// <summary>Who calls.</summary>
    public Principal Principal { get => field ?? Principal.Master; init; }

    /// <summary>Customer (end user) the caller named; null if none.</summary>
    public string? Customer { get; init; }

    /// <summary>Tags it counts for: those of the request and of its key.</summary>
    public ImmutableArray<string> Tags { get => field.IsDefault ? [] : field; init; }

    /// <summary>Headers of the caller that pass on.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> PassedHeaders { get => field ?? []; init; }

    /// <summary>What the caller asks of the router.</summary>
    public CallerOptions Options { get => field ?? CallerOptions.None; init; }
}
