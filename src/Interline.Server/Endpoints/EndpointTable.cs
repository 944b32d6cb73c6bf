using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Interline.Server.Endpoints;

/// <summary>Finds the row of a request. Exact paths by one lookup; the few with a parameter by their ends.</summary>
public sealed class EndpointTable
{
    private readonly FrozenDictionary<string, ImmutableArray<Endpoint>> _exact;
    private readonly ImmutableArray<(string Prefix, string Suffix, Endpoint Endpoint)> _patterns;

    /// <summary>Over rows.</summary>
    /// <param name="rows">The rows.</param>
    public EndpointTable(ImmutableArray<Endpoint> rows)
    {
        Rows = rows;
        _exact = rows.Where(x => !x.Path.Contains('{', StringComparison.Ordinal))
            .GroupBy(x => x.Path, StringComparer.Ordinal)
            .ToFrozenDictionary(x => x.Key, x => x.ToImmutableArray(), StringComparer.Ordinal);

        // The longest first: /v1/calls/{id}/content is also /v1/calls/{id} with a slash in it.
        _patterns = [.. rows.Where(x => x.Path.Contains('{', StringComparison.Ordinal)).Select(Pattern).OrderByDescending(x => x.Prefix.Length + x.Suffix.Length)];
    }

    /// <summary>All rows.</summary>
    public ImmutableArray<Endpoint> Rows { get; }

    /// <summary>Finds a row.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Request path, decoded.</param>
    /// <param name="parameter">What the path's parameter matched; null if it has none.</param>
    /// <param name="allowed">Methods the path knows, where the method is not among them; null if the path is unknown.</param>
    public Endpoint? Find(string method, string path, out string? parameter, out string? allowed)
    {
        parameter = null;
        allowed = null;

        // Load balancers probe with HEAD; the server sends the head of the same answer and no body.
        method = HttpMethods.IsHead(method) ? HttpMethods.Get : method;
        if (_exact.TryGetValue(path, out ImmutableArray<Endpoint> same))
        {
            foreach (Endpoint endpoint in same)
            {
                if (endpoint.Method == method)
                {
                    return endpoint;
                }
            }

            allowed = string.Join(", ", same.Select(x => x.Method));
            return null;
        }

        foreach ((string prefix, string suffix, Endpoint endpoint) in _patterns)
        {
            if (path.Length > prefix.Length + suffix.Length && path.StartsWith(prefix, StringComparison.Ordinal) && path.EndsWith(suffix, StringComparison.Ordinal))
            {
                if (endpoint.Method == method)
                {
                    // The server leaves %2F as it is, because it would change the path; inside a parameter it is a slash.
                    parameter = path[prefix.Length..^suffix.Length].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
                    allowed = null;
                    return endpoint;
                }

                allowed = endpoint.Method;
            }
        }

        return null;
    }

    private static (string Prefix, string Suffix, Endpoint Endpoint) Pattern(Endpoint endpoint)
    {
        int open = endpoint.Path.IndexOf('{', StringComparison.Ordinal);
        int close = endpoint.Path.IndexOf('}', StringComparison.Ordinal);
        return (endpoint.Path[..open], endpoint.Path[(close + 1)..], endpoint);
    }
}
