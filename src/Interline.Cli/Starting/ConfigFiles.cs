using Interline.Core.Configuration;

namespace Interline.Cli.Starting;

/// <summary>Reads a configuration file and what it includes from the disk.</summary>
internal static class ConfigFiles
{
    /// <summary>Reads it.</summary>
    /// <param name="file">The file, as it was given.</param>
    /// <param name="catalog">Providers and models.</param>
    /// <param name="error">Why it cannot be read at all; null if it could.</param>
    public static ConfigResult? Read(string file, ICatalog catalog, out string? error)
    {
        string? text = Text(file, out error);
        return text is null ? null : ConfigReader.Read(text, file, Environment.GetEnvironmentVariable, catalog, static included => Text(included, out _));
    }

    private static string? Text(string file, out string? error)
    {
        error = null;
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            error = $"there is no file {Path.GetFullPath(file)}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error = $"{file} cannot be read: {e.Message}";
        }

        return null;
    }
}
