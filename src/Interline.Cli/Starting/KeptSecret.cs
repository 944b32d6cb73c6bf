using System.Security.Cryptography;
using Interline.Core.Configuration;

namespace Interline.Cli.Starting;

/// <summary>A secret that this program makes up once and keeps in a file of the data folder that only its user can read.</summary>
internal static class KeptSecret
{
    /// <summary>Reads the secret, or makes it up.</summary>
    /// <param name="file">Path of the file; its folder is made if need be.</param>
    /// <param name="prefix">What a new one begins with.</param>
    public static Secret ReadOrMake(string file, string prefix)
    {
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } known)
        {
            return new Secret(known);
        }

        DataFolder.Create(Path.GetDirectoryName(file)!);
        string made = prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new StreamWriter(file, options))
        {
            stream.WriteLine(made);
        }

        return new Secret(made);
    }
}
