using Interline.Simulation;
using Interline.Testing.Faults;

namespace Interline.Tests.Faults;

/// <summary>
/// Every fault of the catalogue, streamed and plain, for every caller and every provider, in three settings, against the table beside this file. A line changes
/// when behaviour changes: then <c>bench/prove faults</c> prints the table anew, and the difference is to be read before it is kept.
/// </summary>
public sealed class FaultTableTests
{
    private static readonly Dictionary<string, string> Table = Read();

    public static TheoryData<string, bool> Rows
    {
        get
        {
            var rows = new TheoryData<string, bool>();
            foreach ((Fault fault, bool streamed) in FaultTrial.Rows)
            {
                rows.Add(fault.Name, streamed);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_fault_ends_as_the_table_says(string fault, bool streamed)
    {
        string row = await Task.Factory.StartNew(() => FaultTrial.Row(FaultCatalogue.Of(fault), streamed), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        row.ShouldBe(Table.GetValueOrDefault(Key(row)));
    }

    [Fact]
    public void The_table_has_a_line_for_each_fault_and_no_other() => Table.Keys.ShouldBe(FaultTrial.Rows.Select(x => $"{x.Fault.Name} | {(x.Streamed ? "stream" : "plain")}"), ignoreOrder: true);

    [Fact]
    public void No_line_is_a_false_success_a_hang_or_a_leak_but_those_of_the_known_gaps() =>
        Table.Values.Where(FaultTrial.IsBroken).Select(x => x.Split(" | ")[0]).Distinct(StringComparer.Ordinal).ShouldBe(FaultCatalogue.Gaps, ignoreOrder: true);

    private static Dictionary<string, string> Read() =>
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Faults", "faults.txt")).Where(x => x.Contains(" | ", StringComparison.Ordinal) && x[0] != '#').ToDictionary(Key, StringComparer.Ordinal);

    private static string Key(string row)
    {
        string[] cells = row.Split(" | ");
        return cells[0] + " | " + cells[1];
    }
}
