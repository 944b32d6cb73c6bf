using System.Globalization;

namespace Interline.Core.Configuration;

/// <summary>How much a problem matters.</summary>
public enum ConfigSeverity
{
    /// <summary>Something cannot be used: one deployment, or (then there is no snapshot) the file.</summary>
    Error,

    /// <summary>Usable, but probably not what was meant.</summary>
    Warning,

    /// <summary>A key without effect: unknown, or of a feature that is not here.</summary>
    Ignored,

    /// <summary>Usable and meant so; what it does here is worth knowing, since LiteLLM does something else.</summary>
    Note,
}

/// <summary>One thing to tell about a configuration file. Its text never holds a credential.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="File">File as given to the reader; an included one with the folder of the first before it.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Path">Where in the tree, such as <c>model_list[3].litellm_params.model</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong or expected.</param>
/// <param name="Suggestion">Nearest valid name or names, such as <c>api_base or api_key</c>; null if none is near.</param>
public sealed record ConfigProblem(ConfigSeverity Severity, string File, int Line, int Column, string Path, string Message, string? Suggestion = null)
{
    /// <summary><c>file:line:column: path: message (did you mean …?)</c>, as editors and terminals link it.</summary>
    public override string ToString()
    {
        string path = Path.Length == 0 ? "" : Path + ": ";
        string suggestion = Suggestion is null ? "" : $" (did you mean {Suggestion}?)";
        return string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {path}{Message}{suggestion}");
    }
}
