using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>What every part of the reader shares: where problems go and where variables come from.</summary>
internal sealed class ReadScope
{
    /// <summary>Begins a reference to an environment variable; only at the beginning of a value.</summary>
    public const string ReferencePrefix = "os.environ/";

    private readonly Func<string, string?> _environment;
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);

    public ReadScope(ProblemList problems, Func<string, string?> environment)
    {
        Problems = problems;
        _environment = environment;
    }

    public ProblemList Problems { get; }

    /// <summary>A variable from the file's <c>environment_variables</c>, else from the environment; null if it is not set or empty.</summary>
    public string? Variable(string name)
    {
        string? value = _written.TryGetValue(name, out string? written) ? written : _environment(name);
        return string.IsNullOrWhiteSpace(value) ? null : value.Trim();
    }

    /// <summary>First variable of several that is set.</summary>
    public (string Name, string Value)? FirstVariable(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (Variable(name) is { } value)
            {
                return (name, value);
            }
        }

        return null;
    }

    /// <summary>Sets a variable as the file's <c>environment_variables</c> does; LiteLLM writes them over the process's own.</summary>
    public void Write(string name, string value) => _written[name] = value;

    /// <summary>A value with its reference to a variable followed; a variable that is not set gives nothing, as in LiteLLM, and a warning.</summary>
    public YamlScalar Follow(YamlScalar scalar, string path)
    {
        if (scalar.Type != YamlScalarType.Text || !scalar.Text.StartsWith(ReferencePrefix, StringComparison.Ordinal))
        {
            return scalar;
        }

        string name = scalar.Text[ReferencePrefix.Length..].Trim();
        if (Variable(name) is { } value)
        {
            return new YamlScalar(scalar.Place, value, YamlScalarType.Text);
        }

        Problems.Warning(scalar.Place, path, $"the environment variable {name} is not set");
        return new YamlScalar(scalar.Place, "", YamlScalarType.Null);
    }

    /// <summary>The name of the variable a value refers to; null if it refers to none.</summary>
    public static string? ReferenceOf(YamlNode node) =>
        node is YamlScalar { Type: YamlScalarType.Text } scalar && scalar.Text.StartsWith(ReferencePrefix, StringComparison.Ordinal)
            ? scalar.Text[ReferencePrefix.Length..].Trim()
            : null;
}
