using System.Collections.Immutable;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;

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
}
