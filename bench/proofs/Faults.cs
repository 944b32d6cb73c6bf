using Interline.Simulation;
using Interline.Testing.Faults;

namespace Interline.Proofs;

/// <summary>Prints what becomes of each fault, in the lines that tests/Interline.Tests/Faults/faults.txt keeps.</summary>
internal static class Faults
{
    public static bool Run()
    {
        bool good = true;
        Console.WriteLine("# fault | kind | healthy the second time | a healthy fallback | alone. W whole, E status, e error in the stream; /attempts; caller<provider where it differs. Made by bench/prove faults.");
        foreach ((Fault fault, bool streamed) in FaultTrial.Rows)
        {
            string row = FaultTrial.Row(fault, streamed);
            good &= FaultCatalogue.Gaps.Contains(fault.Name) || !FaultTrial.IsBroken(row);
            Console.WriteLine(row);
        }

        return good;
    }
}
