using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Interline.Cli.Commands;

/// <summary>A command whose own help ends with examples and exit codes; the list of commands shows one line of it.</summary>
/// <param name="name">Name.</param>
/// <param name="description">The line.</param>
/// <param name="lesson">What its own help shows besides.</param>
internal sealed class TaughtCommand(string name, string description, string lesson) : Command(name, description)
{
    /// <summary>What its own help shows besides.</summary>
    public string Lesson => lesson;

    /// <summary>Lets the help of a program show lessons.</summary>
    /// <param name="root">The program's root.</param>
    public static void Teach(RootCommand root)
    {
        foreach (HelpOption option in root.Options.OfType<HelpOption>())
        {
            option.Action = new Help((SynchronousCommandLineAction)option.Action!);
        }
    }

    private sealed class Help(SynchronousCommandLineAction plain) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int exit = plain.Invoke(parseResult);
            if (parseResult.CommandResult.Command is TaughtCommand taught)
            {
                parseResult.InvocationConfiguration.Output.WriteLine(taught.Lesson);
            }

            return exit;
        }
    }
}
