using Interline.Calls;
using Interline.Core.Routing;
using Interline.Server.Endpoints;
using Interline.Upstream;

namespace Interline.Server.Health;

/// <summary>Health of the process and of the deployments, from live calls alone: asking costs nothing and wakes nobody.</summary>
internal sealed class HealthEndpoints(Gateway gateway, TimeProvider time)
{
    private static readonly byte[] Alive = "\"I'm alive!\""u8.ToArray();

    public static async Task LiveAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = Alive.Length;
        await http.Response.BodyWriter.WriteAsync(Alive, http.RequestAborted);
    }

    public Task ReadyAsync(HttpContext http) => JsonResponse.WriteAsync(http, json =>
    {
        json.WriteStartObject();
        json.WriteString("status"u8, "healthy"u8);
        json.WriteString("version"u8, Gateway.Version);
        json.WriteString("configuration"u8, gateway.Current.Snapshot.Version);
        json.WriteEndObject();
    });

    public Task AllAsync(HttpContext http) => JsonResponse.WriteAsync(http, json =>
    {
        Callable[] all = [.. gateway.Current.Groups.SelectMany(x => x.Callables)];
        json.WriteStartObject();
        json.WriteNumber("healthy_count"u8, all.Count(x => x.Health.Read(time).IsAvailable));
        json.WriteNumber("unhealthy_count"u8, all.Count(x => !x.Health.Read(time).IsAvailable));
        json.WriteStartArray("deployments"u8);
        foreach (Callable callable in all)
        {
            HealthReading reading = callable.Health.Read(time);
            json.WriteStartObject();
            json.WriteString("id"u8, callable.Deployment.Id);
            json.WriteString("group"u8, callable.Deployment.Group);
            json.WriteString("provider"u8, callable.Deployment.Provider.Id);
            json.WriteString("model"u8, callable.Deployment.UpstreamModel);
            json.WriteString("state"u8, reading.IsAvailable ? "available"u8 : "cooling"u8);
            if (!reading.IsAvailable)
            {
                json.WriteNumber("cools_for_seconds"u8, Math.Round(reading.CoolingFor.TotalSeconds, 3));
            }

            json.WriteNumber("in_flight"u8, callable.Health.InFlight);
            json.WriteNumber("successes"u8, callable.Health.Totals.Successes);
            json.WriteNumber("failures"u8, callable.Health.Totals.Failures);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
