using Interline.Core.Configuration;

namespace Interline.Cli.Starting;

/// <summary>The gateway's key and where it came from.</summary>
/// <param name="Key">The key.</param>
/// <param name="Origin">Where it came from, for people.</param>
/// <param name="IsGenerated">Whether this program made it up and keeps it, so that nobody else can tell the user what it is.</param>
internal sealed record KeySource(Secret Key, string Origin, bool IsGenerated)
{
    private static readonly string[] Variables = ["INTERLINE_MASTER_KEY", "LITELLM_MASTER_KEY"];

    /// <summary>The file's key, else the environment's, else the one in the data folder, which is made up at the first start.</summary>
    /// <param name="configured">Key of the configuration file.</param>
    /// <param name="inContainer">Whether this runs in a container, where a made-up key would be lost.</param>
    /// <returns>Null if a container was given none.</returns>
    public static KeySource? Find(Secret? configured, bool inContainer)
    {
        if (configured is not null)
        {
            return new(configured, "general_settings.master_key", IsGenerated: false);
        }

        return FromEnvironment() ?? (inContainer ? null : Kept());
    }

    /// <summary>The key of a gateway on this machine, for those who call it: the environment's, else the one in the data folder. Makes none up.</summary>
    public static Secret? Known()
    {
        string file = Path.Combine(DataFolder.Path, "master_key");
        return FromEnvironment()?.Key ?? (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } known ? new Secret(known) : null);
    }

    private static KeySource? FromEnvironment()
    {
        foreach (string name in Variables)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                return new(new Secret(value), name, IsGenerated: false);
            }
        }

        return null;
    }

    private static KeySource Kept()
    {
        string file = Path.Combine(DataFolder.Path, "master_key");
        return new(KeptSecret.ReadOrMake(file, "sk-"), file, IsGenerated: true);
    }
}

/// <summary>Where this machine's state is kept: <c>INTERLINE_DATA</c>, else <c>interline</c> in the user's data folder.</summary>
internal static class DataFolder
{
    public static string Path => Environment.GetEnvironmentVariable("INTERLINE_DATA") is { Length: > 0 } given
        ? given
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "interline");

    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
