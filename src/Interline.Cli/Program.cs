using System.CommandLine;
using Interline.Cli.Books;
using Interline.Cli.Commands;
using Interline.Cli.Starting;

// Must stand before the first socket: the runtime reads it once. Measured in bench/: with Kestrel's inline scheduling it takes a third to a half off the cost of a stream's event.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

// A fault in work that nobody waited for would vanish without a word. bench/prove chaos looks for these lines.
TaskScheduler.UnobservedTaskException += static (_, e) => Console.Error.WriteLine("interline: unobserved exception: " + e.Exception);

var root = new RootCommand("""
    Interline: one API in front of every LLM provider. Without a command it serves.

      1. interline doctor                    which providers does the environment have, and do their keys work?
      2. interline                           serve them on http://127.0.0.1:4000; it prints a key and a call to try
      3. interline check config.yaml         or bring a LiteLLM configuration: is it usable, what has no effect?
      4. interline --config config.yaml      and serve that

    In this repository `./run` builds and is `interline`.
    """);
ServeCommand.AddTo(root);
root.Subcommands.Add(ServeCommand.Create());
root.Subcommands.Add(CheckCommand.Create());
root.Subcommands.Add(CredentialsCommand.Create(BooksDatabase.OpenAsync, SaltSource.Find, SaltSource.Others));
root.Subcommands.Add(DoctorCommand.Create());
root.Subcommands.Add(ExplainCommand.Create());
root.Subcommands.Add(KeysCommand.Create());
root.Subcommands.Add(LedgerCommand.Create(LedgerAccess.OpenAsync));
root.Subcommands.Add(ModelsCommand.Create());
root.Subcommands.Add(SchemaCommand.Create());
root.Subcommands.Add(VersionCommand.Create());
TaughtCommand.Teach(root);
ParseResult parsed = root.Parse(args);

// Serving ends by itself: it lets calls under way end first, for as long as its configuration says.
bool serves = parsed.CommandResult.Command is RootCommand or { Name: "serve" };
return await parsed.InvokeAsync(serves ? new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromDays(1) } : null);
