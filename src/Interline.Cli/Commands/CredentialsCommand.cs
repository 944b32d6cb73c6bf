using System.CommandLine;
using Interline.Core.Configuration;
using Interline.Credentials;
using Interline.Storage.Accounts;
using Interline.Storage.Credentials;
using Interline.Storage.Databases;

namespace Interline.Cli.Commands;

/// <summary>Opens the database that a configuration names.</summary>
/// <param name="config">Configuration file; null takes the environment's database, else the data folder's.</param>
/// <param name="cancel">Gives up.</param>
/// <returns>The database, or why it cannot be opened, for people.</returns>
internal delegate ValueTask<(Database? Database, string? Problem)> OpenDatabase(FileInfo? config, CancellationToken cancel);

/// <summary><c>credentials</c>: what is sealed in the database.</summary>
internal static class CredentialsCommand
{
    private static readonly Option<FileInfo?> Config = new("--config", "-c") { Description = "Configuration file that names the database. Without one: DATABASE_URL, else the data folder's." };

    /// <summary>Makes the command.</summary>
    /// <param name="open">Opens the database.</param>
    /// <param name="secret">The installation's secret.</param>
    /// <param name="earlier">Those it had before.</param>
    public static Command Create(OpenDatabase open, Func<Secret> secret, Func<IReadOnlyList<Secret>> earlier)
    {
        var command = new Command("credentials", "Seal the stored credentials anew.");
        command.Subcommands.Add(Reseal(open, secret, earlier));
        return command;
    }

    private static TaughtCommand Reseal(OpenDatabase open, Func<Secret> secret, Func<IReadOnlyList<Secret>> earlier)
    {
        var command = new TaughtCommand(
            "reseal",
            "Seal every stored credential by the installation's current secret, so that the one before it can be dropped.",
            """
            To change the secret: give all gateways the new one as INTERLINE_SALT_KEY and the old one as INTERLINE_SALT_KEY_PREVIOUS, restart them, then reseal with the same
            two. Gateways may go on meanwhile. Virtual keys need the old one until each was used once: docs/accounts.md.

              INTERLINE_SALT_KEY=... INTERLINE_SALT_KEY_PREVIOUS=... interline credentials reseal
              interline credentials reseal --config config.yaml

            Exit status: 0 all is sealed by the current secret, 1 some could not be opened and stay as they are, 2 could not.
            """) { Config };
        command.SetAction((result, cancel) => ResealAsync(open, secret, earlier, result.GetValue(Config), result.InvocationConfiguration, cancel));
        return command;
    }

    private static async Task<int> ResealAsync(OpenDatabase open, Func<Secret> secret, Func<IReadOnlyList<Secret>> earlier, FileInfo? config, InvocationConfiguration io, CancellationToken cancel)
    {
        (Database? opened, string? problem) = await open(config, cancel);
        if (opened is null)
        {
            await io.Error.WriteLineAsync($"interline: {problem}");
            return 2;
        }

        await using Database database = opened;
        try
        {
            var sealer = new Sealer(secret(), earlier());
            await new SealCheck(database, sealer).VerifyAsync(cancel);
            ResealResult result = await Resealing.RunAsync(new SqlAccountStore(database, null, TimeProvider.System), database, sealer, cancel);
            await io.Output.WriteLineAsync($"{result.Secrets} secrets sealed anew by {sealer.KeyId}");
            if (result.Unopened == 0)
            {
                return 0;
            }

            await io.Error.WriteLineAsync($"interline: {result.Unopened} secrets are sealed by a secret that is not known here and stay as they are: give it as INTERLINE_SALT_KEY_PREVIOUS, or those credentials again");
            return 1;
        }
        catch (Exception e) when (e is DatabaseException or DatabaseUnavailableException or System.Data.Common.DbException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            await io.Error.WriteLineAsync($"interline: not all is sealed anew: {e.Message}");
            return 2;
        }
        catch (ArgumentException e)
        {
            await io.Error.WriteLineAsync($"interline: the installation's secret cannot be used: {e.Message}");
            return 2;
        }
    }
}
