using System.Globalization;
using System.Text;
using Interline.Contents;
using Interline.Core.Routing;
using Interline.Health;
using Interline.Queues;
using Interline.Storage;

namespace Interline.Server.Telemetry;

/// <summary>
/// Metrics in Prometheus' text format 0.0.4. They are read off the running totals that routing keeps anyway, so a call pays nothing for them.
/// Label values are names of the configuration; no credential is ever among them.
/// </summary>
internal sealed class MetricsEndpoint(Gateway gateway, Installation? installation, CallLog log, ContentLog? contents, TimeProvider time)
{
    public async Task GetAsync(HttpContext http)
    {
        byte[] body = Encoding.UTF8.GetBytes(Text());
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
    }

    private string Text()
    {
        var text = new StringBuilder(4096);
        (Deployment Deployment, DeploymentHealth Health)[] all = [.. gateway.Current.Deployments];
        Family(text, "interline_deployment_attempts_total", "counter", "Attempts by outcome.", all, (at, x) =>
        {
            at("outcome=\"success\"", x.Totals.Successes);
            at("outcome=\"failure\"", x.Totals.Failures);
        });
        Family(text, "interline_deployment_tokens_total", "counter", "Tokens by direction.", all, (at, x) =>
        {
            at("direction=\"input\"", x.Totals.InputTokens);
            at("direction=\"output\"", x.Totals.OutputTokens);
        });
        Family(text, "interline_deployment_cost_usd_total", "counter", "Cost in USD of calls whose price is known.", all, (at, x) => at(null, x.Totals.Cost));
        Family(text, "interline_deployment_hedges_total", "counter", "Calls it was asked as the second of two deployments, by who answered.", all, (at, x) =>
        {
            at("outcome=\"won\"", x.HedgesWon);
            at("outcome=\"lost\"", x.HedgedCalls - x.HedgesWon);
        });
        Family(text, "interline_deployment_in_flight", "gauge", "Attempts under way.", all, (at, x) => at(null, x.InFlight));
        Family(text, "interline_deployment_cooling", "gauge", "1 while the deployment cools down.", all, (at, x) => at(null, x.Read(time).IsAvailable ? 0 : 1));
        (string Group, GroupGate Queue)[] queues = [.. gateway.Current.Queues];
        Family(text, "interline_group_running", "gauge", "Calls under way in a group that has a limit.", queues, static x => x.Running);
        Family(text, "interline_group_waiting", "gauge", "Calls that wait for a place in a group.", queues, static x => x.Waiting);
        Family(text, "interline_group_queued_total", "counter", "Calls that have had to wait.", queues, static x => x.Queued);
        Family(text, "interline_group_refused_total", "counter", "Calls refused because the queue was full or the wait too long.", queues, static x => x.Refused);
        MetricText.Single(text, "interline_log_lines_shed_total", "counter", "Log lines shed because the reader did not keep up.", log.Shed);
        if (contents is not null)
        {
            MetricText.Single(text, "interline_content_shed_total", "counter", "Calls whose content was not kept: too much was waiting, or it could not be stored.", contents.Shed);
            MetricText.Single(text, "interline_content_waiting_bytes", "gauge", "Bytes of content that wait to be stored.", contents.Waiting);
        }

        if (installation is not null)
        {
            InstallationMetrics.WriteLedger(text, installation);
        }

        InstallationMetrics.WriteLimits(text, gateway.Admission.Book.Counters);
        MetricText.Single(text, "interline_uptime_seconds", "gauge", "Time since start.", (long)(time.GetUtcNow() - gateway.StartedAt).TotalSeconds);
        MetricText.Single(text, "process_resident_memory_bytes", "gauge", "Resident memory.", Environment.WorkingSet);
        MetricText.Single(text, "dotnet_gc_heap_bytes", "gauge", "Memory in use on the managed heap.", GC.GetTotalMemory(forceFullCollection: false));
        MetricText.Single(text, "dotnet_gc_allocated_bytes_total", "counter", "Memory allocated on the managed heap since start.", GC.GetTotalAllocatedBytes());
        MetricText.Single(text, "dotnet_gc_collections_total", "counter", "Garbage collections since start, of all generations.", GC.CollectionCount(0));
        MetricText.Single(text, "dotnet_thread_pool_threads", "gauge", "Threads of the pool.", ThreadPool.ThreadCount);
        return text.ToString();
    }

    private static void Family(StringBuilder text, string name, string type, string help, (Deployment Deployment, DeploymentHealth Health)[] all, Action<Action<string?, decimal>, DeploymentHealth> samples)
    {
        MetricText.Head(text, name, type, help);
        foreach ((Deployment deployment, DeploymentHealth health) in all)
        {
            string labels = $"deployment=\"{Escape(deployment.Id)}\",model_group=\"{Escape(deployment.Group)}\",provider=\"{deployment.Provider.Id}\",model=\"{Escape(deployment.UpstreamModel)}\"";
            samples((more, value) => text.Append(name).Append('{').Append(labels).Append(more is null ? "" : "," + more).Append("} ").Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n'), health);
        }
    }

    private static void Family(StringBuilder text, string name, string type, string help, (string Group, GroupGate Queue)[] queues, Func<GroupGate, long> value)
    {
        if (queues.Length > 0)
        {
            MetricText.Head(text, name, type, help);
        }

        foreach ((string group, GroupGate queue) in queues)
        {
            text.Append(name).Append("{model_group=\"").Append(Escape(group)).Append("\"} ").Append(value(queue).ToString(CultureInfo.InvariantCulture)).Append('\n');
        }
    }

    private static string Escape(string label) => label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
