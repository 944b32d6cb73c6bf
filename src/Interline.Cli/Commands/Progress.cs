using System.CommandLine;

namespace Interline.Cli.Commands;

/// <summary>Tells on standard error how far long work is.</summary>
internal static class Progress
{
    /// <summary>Tells it now and then.</summary>
    /// <param name="io">Where it goes.</param>
    /// <param name="count">How many are done.</param>
    /// <param name="what">Of what.</param>
    /// <param name="every">How many lie between two lines.</param>
    public static void Tell(InvocationConfiguration io, long count, string what, long every)
    {
        if (count % every == 0)
        {
            io.Error.WriteLine($"{count} {what}");
        }
    }
}
