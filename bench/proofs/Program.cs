// Tries to make the gateway wrong: its ledger and its answers, with real processes, a real database and kill -9: `bench/prove --help`.
using System.Globalization;
using Interline.Proofs;

const string Help = """
    bench/prove crash [--database sqlite|postgres] [--runs N] [--seed S]   kill -9 at random moments under load; default sqlite, 1000 runs
    bench/prove nodes [--nodes N] [--calls N]                               gateways over one PostgreSQL: budget, rpm, tpm, calls at once; default 4 and 500
    bench/prove outage [--seconds N]                                        PostgreSQL stopped under load; default 60
    bench/prove faults                                                      every fault in every setting, as a table on a virtual clock: what became of the call
    bench/prove simulate [--schedules N] [--seed S]                         random routers, faults, chunks, clients that leave, on a virtual clock; default 5000 from seed 1
    bench/prove chaos [--minutes N] [--rate R] [--seed S]                   a gateway before providers that misbehave, calls at a constant rate; default 30 and 40 a second

    Each prints what it saw and ends with 0 if nothing was wrong, 1 if something was, 2 if it could not run. PostgreSQL must be installed; a server of its own is
    started in a temporary folder. A thousand kills take about a quarter of an hour.
    """;

var options = new Dictionary<string, string>(StringComparer.Ordinal);
for (int i = 1; i + 1 < args.Length; i += 2)
{
    options[args[i]] = args[i + 1];
}

try
{
    bool good;
    switch (args.FirstOrDefault())
    {
        case "crash":
            good = await Crash.RunAsync(options.GetValueOrDefault("--database", "sqlite"), Number("--runs", 1000), Number("--seed", Environment.TickCount));
            break;
        case "nodes":
            good = await Nodes.RunAsync(Number("--nodes", 4), Number("--calls", 500));
            break;
        case "outage":
            good = await Outage.RunAsync(TimeSpan.FromSeconds(Number("--seconds", 60)));
            break;
        case "faults":
            good = Faults.Run();
            break;
        case "simulate":
            good = Simulate.Run(Number("--schedules", 5000), Number("--seed", 1), Environment.ProcessorCount);
            break;
        case "chaos":
            good = await Chaos.RunAsync(TimeSpan.FromMinutes(Number("--minutes", 30)), Number("--rate", 40), Number("--seed", 1));
            break;
        default:
            Console.WriteLine(Help);
            return args.FirstOrDefault() is null or "--help" or "-h" ? 0 : 2;
    }

    Console.WriteLine(good ? "nothing wrong" : "WRONG: see above");
    return good ? 0 : 1;
}
catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException)
{
    Console.Error.WriteLine("prove: " + e.Message);
    return 2;
}

int Number(string name, int otherwise) => options.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
