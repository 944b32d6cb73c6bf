using Interline.Core.Routing;

namespace Interline.Cli.Starting;

/// <summary>What a person sees at start: where it listens, the key, and a call that works.</summary>
internal static class Banner
{
    public static void Write(TextWriter output, string url, KeySource key, Gateway gateway, FileInfo? config)
    {
        // An address that means every interface is no address to call.
        url = url.Replace("//0.0.0.0:", "//localhost:", StringComparison.Ordinal).Replace("//[::]:", "//localhost:", StringComparison.Ordinal);
        (string Name, Deployment Deployment) first = gateway.Models().FirstOrDefault(x => x.Deployment.Model?.Mode is null or "chat");
        string shown = key.IsGenerated ? key.Key.Reveal() : $"${Variable(key)}";
        string what = config is not null ? $"{config}"
            : first.Deployment?.Provider.Id == Demo.DemoProvider.Id ? "no provider found in the environment: the built-in demo model answers (set OPENAI_API_KEY or another provider's key, or give --config)"
            : "providers found in the environment: " + string.Join(", ", gateway.Current.Snapshot.Wildcards.Select(x => x.Deployments[0].Provider.Id).Distinct());
        output.WriteLine($"""

              Interline {Gateway.Version}
              serving   {what}
              address   {url}/v1
              key       {(key.IsGenerated ? $"{shown}   (kept in {key.Origin})" : $"from {key.Origin}")}

              curl {url}/v1/chat/completions \
                -H "Authorization: Bearer {shown}" -H "Content-Type: application/json" \
                -d '{"{"}"model":"{first.Name ?? "MODEL"}","messages":[{"{"}"role":"user","content":"Hello"{"}"}]{"}"}'

              Add "stream":true to the request for a stream. Models: GET {url}/v1/models. Stop with Ctrl-C.

            """);
    }

    /// <summary>A key that somebody else keeps is not shown: the reader knows where it is, the log need not.</summary>
    private static string Variable(KeySource key) => key.Origin.StartsWith("general_settings", StringComparison.Ordinal) ? "KEY" : key.Origin;
}
