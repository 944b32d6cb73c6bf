using Interline.Core.Configuration;

namespace Interline.Cli.Starting;

/// <summary>
/// The installation's own secret: virtual keys are stored as hashes under it, and credentials are sealed under it. Without it neither can be used again, so it is
/// kept apart from the database.
/// </summary>
internal static class SaltSource
{
    private static readonly string[] Variables = ["INTERLINE_SALT_KEY", "LITELLM_SALT_KEY"];

    /// <summary>The environment's, else the one in the data folder, which is made up at the first start.</summary>
    public static Secret Find()
    {
        foreach (string name in Variables)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                return new Secret(value);
            }
        }

        return KeptSecret.ReadOrMake(Path.Combine(DataFolder.Path, "salt_key"), "salt-");
    }

    /// <summary>Secrets that also open what was sealed, while the secret is being changed: <c>INTERLINE_SALT_KEY_PREVIOUS</c>.</summary>
    public static IReadOnlyList<Secret> Others() => Environment.GetEnvironmentVariable("INTERLINE_SALT_KEY_PREVIOUS") is { Length: > 0 } value ? [new Secret(value)] : [];
}
