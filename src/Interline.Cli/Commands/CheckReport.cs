using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Interline.Core.Configuration;

namespace Interline.Cli.Commands;

/// <summary>What <c>check --json</c> prints.</summary>
internal static class CheckReport
{
    public static void Write(Stream output, ConfigResult result)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            string[] names = [.. result.Listed.Select(static x => x.Name).Distinct(StringComparer.Ordinal)];
            json.WriteStartObject();
            json.WriteNumber("groups", names.Length);
            json.WriteNumber("deployments", result.Listed.Length);
            Texts(json, "names", names);
            Unusable(json, result);
            if (result.Snapshot is { } snapshot)
            {
                json.WriteString("version", snapshot.Version);
                json.WriteStartObject("aliases");
                foreach ((string alias, var target) in snapshot.Aliases.OrderBy(static x => x.Key, StringComparer.Ordinal))
                {
                    json.WriteString(alias, target.Target);
                }

                json.WriteEndObject();
                json.WriteStartObject("fallbacks");
                Fallbacks(json, "general", snapshot.Router.Fallbacks);
                Fallbacks(json, "context_window", snapshot.Router.ContextWindowFallbacks);
                Fallbacks(json, "content_policy", snapshot.Router.ContentPolicyFallbacks);
                json.WriteEndObject();
            }

            Texts(json, "files", result.Files);
            Texts(json, "ignored", result.Problems.Where(static x => x.Severity == ConfigSeverity.Ignored).Select(static x => x.Path));
            Problems(json, "notes", result.Problems.Where(static x => x.Severity == ConfigSeverity.Note));
            Problems(json, "problems", result.Problems.Where(static x => x.Severity is ConfigSeverity.Error or ConfigSeverity.Warning));
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void Unusable(Utf8JsonWriter json, ConfigResult result)
    {
        json.WriteStartArray("unusable");
        foreach (ListedDeployment listed in result.Listed.Where(static x => x.Unusable is not null))
        {
            json.WriteStartObject();
            json.WriteString("name", listed.Name);
            json.WriteString("file", listed.File);
            json.WriteNumber("line", listed.Line);
            json.WriteString("path", listed.Path);
            json.WriteString("why", listed.Unusable);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Fallbacks(Utf8JsonWriter json, string kind, FrozenDictionary<string, ImmutableArray<string>> rules)
    {
        json.WriteStartObject(kind);
        foreach ((string group, ImmutableArray<string> targets) in rules.OrderBy(static x => x.Key, StringComparer.Ordinal))
        {
            Texts(json, group, targets);
        }

        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string key, IEnumerable<string> texts)
    {
        json.WriteStartArray(key);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Problems(Utf8JsonWriter json, string key, IEnumerable<ConfigProblem> problems)
    {
        json.WriteStartArray(key);
        foreach (ConfigProblem problem in problems)
        {
            json.WriteStartObject();
            json.WriteString("severity", problem.Severity.ToString().ToLowerInvariant());
            json.WriteString("file", problem.File);
            json.WriteNumber("line", problem.Line);
            json.WriteNumber("column", problem.Column);
            json.WriteString("path", problem.Path);
            json.WriteString("message", problem.Message);
            json.WriteString("suggestion", problem.Suggestion);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
