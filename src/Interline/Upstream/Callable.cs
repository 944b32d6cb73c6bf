using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Interline.Budgets;
using Interline.Core.Routing;
using Interline.Health;
using Interline.Protocols.ByteLane;

namespace Interline.Upstream;

/// <summary>A deployment made ready to be called: its connections, its live state, and what every call to it would otherwise compute again.</summary>
public sealed class Callable
{
    private readonly ConcurrentDictionary<Lane, Uri> _uris = new();

    /// <summary>Makes a deployment ready.</summary>
    /// <param name="deployment">The deployment; no pattern.</param>
    /// <param name="health">Its live state.</param>
    /// <param name="pool">Connections to its upstream.</param>
    public Callable(Deployment deployment, DeploymentHealth health, UpstreamPool pool)
    {
        Deployment = deployment;
        Health = health;
        Pool = pool;
        ModelText = Encoding.UTF8.GetBytes(deployment.UpstreamModel);
        ModelToken = Encoding.UTF8.GetBytes(JsonSplice.Quote(deployment.UpstreamModel));
        if (deployment.ApiKey is { } key)
        {
            KeyHeader = deployment.Provider.KeyHeader;
            KeyValue = string.Equals(KeyHeader, "Authorization", StringComparison.OrdinalIgnoreCase) ? "Bearer " + key.Reveal() : key.Reveal();
        }
    }

    /// <summary>The deployment.</summary>
    public Deployment Deployment { get; }

    /// <summary>Its live state.</summary>
    public DeploymentHealth Health { get; }

    /// <summary>What it shares with the others of its host.</summary>
    internal HostHealth Host { get; init; } = new();

    /// <summary>The budgets it draws on, its own and its provider's; mostly none.</summary>
    internal ImmutableArray<CountingMeter<decimal>> Budgets { get; init; } = [];

    /// <summary>Whether it can be called with bytes of a wire format as they are.</summary>
    /// <param name="wire">Wire format as in the catalogue.</param>
    public bool Speaks(string wire) => Deployment.BaseUrlFor(wire) is not null;

    internal UpstreamPool Pool { get; }

    internal ReadOnlyMemory<byte> ModelToken { get; }

    internal ReadOnlyMemory<byte> ModelText { get; }

    internal string? KeyHeader { get; }

    internal string? KeyValue { get; }

    internal Uri UriFor(Lane lane) => _uris.GetOrAdd(lane, static (lane, self) => self.Join(self.Deployment.BaseUrlFor(lane.Wire)!, lane.UpstreamPath), this);

    /// <summary>Base and path; a query on the base (Azure's <c>api-version</c>) stays behind the path.</summary>
    private Uri Join(Uri url, string path)
    {
        string query = url.Query;
        string left = url.GetLeftPart(UriPartial.Path).TrimEnd('/');
        path = path.Replace("{model}", Uri.EscapeDataString(Deployment.UpstreamModel), StringComparison.Ordinal);
        return new Uri(left + path + (path.Contains('?', StringComparison.Ordinal) && query.Length > 0 ? "&" + query[1..] : query));
    }
}
