using Interline.Budgets;
using Interline.Core.Budgets;

namespace Interline.Tests.Budgets;

/// <summary>Books of which the test says what stands in them, and whether they can be read.</summary>
internal sealed class FakeHistory : ISpendHistory
{
    public decimal Spent { get; set; }

    public bool IsDown { get; set; }

    /// <summary>Answers wait for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public int Reads { get; private set; }

    public async ValueTask<decimal> SpentAsync(Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        Reads++;
        if (Gate is { } gate)
        {
            await gate.Task.WaitAsync(cancel);
        }

        return IsDown ? throw new InvalidOperationException("down") : Spent;
    }
}
