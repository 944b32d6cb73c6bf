using Interline.Core.Routing;
using Interline.Health;
using Interline.Server.Endpoints;
using Interline.Server.Hosting;
using Interline.Storage;

namespace Interline.Server.Health;

/// <summary>Health of the process and of the deployments, from live calls alone: asking costs nothing and wakes nobody.</summary>
internal sealed class HealthEndpoints(Gateway gateway, Installation? installation, TimeProvider time, Drain drain)
{
    private static readonly byte[] Alive = "\"I'm alive!\""u8.ToArray();

    public static async Task LiveAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = Alive.Length;
        await http.Response.BodyWriter.WriteAsync(Alive, http.RequestAborted);
    }

    /// <summary>Whether calls are taken. A server that ends says no, so that nobody sends it more.</summary>
    public Task ReadyAsync(HttpContext http)
    {
        bool draining = drain.IsDraining;
        if (draining)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            http.Response.Headers.Connection = "close";
        }

        return JsonResponse.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("status"u8, draining ? "draining"u8 : "healthy"u8);
            json.WriteString("version"u8, Gateway.Version);
            json.WriteString("configuration"u8, gateway.Current.Snapshot.Version);
            if (draining)
            {
                json.WriteNumber("calls_under_way"u8, drain.Running);
            }

            json.WriteEndObject();
        });
    }

    public Task AllAsync(HttpContext http) => JsonResponse.WriteAsync(http, json =>
    {
        (Deployment Deployment, DeploymentHealth Health)[] all = [.. gateway.Current.Deployments];
        json.WriteStartObject();
        json.WriteNumber("healthy_count"u8, all.Count(x => x.Health.Read(time).IsAvailable));
        json.WriteNumber("unhealthy_count"u8, all.Count(x => !x.Health.Read(time).IsAvailable));
        json.WriteStartArray("deployments"u8);
        foreach ((Deployment deployment, DeploymentHealth health) in all)
        {
            HealthReading reading = health.Read(time);
            json.WriteStartObject();
            json.WriteString("id"u8, deployment.Id);
            json.WriteString("group"u8, deployment.Group);
            json.WriteString("provider"u8, deployment.Provider.Id);
            json.WriteString("model"u8, deployment.UpstreamModel);
            json.WriteString("state"u8, reading.IsAvailable ? "available"u8 : "cooling"u8);
            if (!reading.IsAvailable)
            {
                json.WriteNumber("cools_for_seconds"u8, Math.Round(reading.CoolingFor.TotalSeconds, 3));
            }

            json.WriteNumber("in_flight"u8, health.InFlight);
            json.WriteNumber("successes"u8, health.Totals.Successes);
            json.WriteNumber("failures"u8, health.Totals.Failures);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (installation is not null)
        {
            InstallationHealth.Write(json, installation);
        }

        LimitHealth.Write(json, gateway.Admission.Book);
        json.WriteEndObject();
    });
}
