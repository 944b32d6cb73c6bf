namespace Interline.Storage.Nodes;

/// <summary>The name of a node: what its restarts have in common, kept beside its journal.</summary>
internal static class NodeName
{
    /// <summary>Reads the name, or makes one.</summary>
    /// <param name="folder">Folder of the node.</param>
    /// <param name="fresh">Name to take if there is none.</param>
    public static string ReadOrMake(string folder, string fresh)
    {
        string file = Path.Combine(folder, "node");
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 and <= 64 } known && known.All(char.IsAsciiLetterOrDigit))
        {
            return known;
        }

        File.WriteAllText(file, fresh + "\n");
        return fresh;
    }
}
