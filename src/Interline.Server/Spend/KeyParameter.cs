namespace Interline.Server.Spend;

/// <summary>A key as a parameter: its id, or, as LiteLLM's scripts have it, the key itself.</summary>
internal static class KeyParameter
{
    private const string Prefix = "sk-";

    /// <summary>The id it names; null if not given. The value is never shown: it may be the key.</summary>
    /// <param name="query">The query.</param>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="idOf">The id of a key.</param>
    public static string? Read(QueryReader query, string name, Func<string, string?> idOf)
    {
        string? given = query.Text(name);
        string? id = given is not null && given.StartsWith(Prefix, StringComparison.Ordinal) ? idOf(given) : given;
        if (given is not null && id is null)
        {
            query.Refuse(name, null, "there is no such key; keys are better named by their id (GET /key/list), since addresses are kept in logs");
        }

        return id;
    }
}
