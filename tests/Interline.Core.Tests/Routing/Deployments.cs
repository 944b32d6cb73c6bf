using System.Collections.Immutable;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Pricing;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Tests.Routing;

internal static class Deployments
{
    public static Deployment One(string id, double weight = 1, int? order = null, string? key = null, int? retries = null) => new()
    {
        Id = id,
        Group = "g",
        Provider = new ProviderInfo { Id = "p", DisplayName = "P", Wire = "openai", ModelsFrom = "p" },
        UpstreamModel = id,
        BaseUrl = new Uri("https://p.example.com/v1"),
        ApiKey = new Secret(key ?? "key-" + id),
        Weight = weight,
        Order = order,
        NumRetries = retries,
    };

    public static ModelGroup Group(params Deployment[] deployments) => new("g", [.. deployments]);

    public static HealthReading[] Healthy(int count) => new HealthReading[count];

    public static Deployment Windowed(string id, long? window, int? order = null, ModelCapabilities capabilities = ModelCapabilities.None) =>
        One(id, order: order) with { Model = new ModelInfo { Provider = "p", Id = id, ContextWindow = window, Capabilities = capabilities } };

    public static Deployment Priced(string id, decimal? input, decimal? output) => One(id) with { Price = input is null && output is null ? null : new Price { Input = input, Output = output } };

    public static TestWalk Walk(ModelGroup group, HealthReading[] health, RouterSettings settings, ulong seed, bool hasNextGroup, RouteRequest? request = null) =>
        new(group, health, settings, seed, hasNextGroup, request ?? new RouteRequest());
}

/// <summary>A walk through one group, of which it is known whether another stands behind it.</summary>
internal sealed class TestWalk
{
    private readonly bool _hasNextGroup;

    public TestWalk(ModelGroup group, HealthReading[] health, RouterSettings settings, ulong seed, bool hasNextGroup, RouteRequest request)
    {
        _hasNextGroup = hasNextGroup;
        Walk.Enter(new RoutePlan(group, settings), health, request, seed, 0);
    }

    public RouteWalk Walk { get; } = new();

    public int Attempts => Walk.Attempts;

    public RouteStep First() => Walk.First();

    public RouteStep After(ApiError error, out NextMove move) => Walk.After(error, _hasNextGroup, out move);

    public bool HasOther() => Walk.HasOther(_hasNextGroup);
}
