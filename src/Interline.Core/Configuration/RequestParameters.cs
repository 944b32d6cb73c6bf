namespace Interline.Core.Configuration;

/// <summary>Names of request parameters.</summary>
public static class RequestParameters
{
    /// <summary>Whether a name is one of OpenAI's parameters, or of those that providers of its format share; what is none of them can only be meant for the provider itself.</summary>
    /// <param name="name">The name.</param>
    public static bool AreOpenAIs(string name) => KnownKeys.RequestParameters.Contains(name);
}
