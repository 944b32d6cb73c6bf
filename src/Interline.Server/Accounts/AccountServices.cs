using System.Security.Cryptography;
using Interline.Accounts;
using Interline.Budgets;
using Interline.Core.Configuration;

namespace Interline.Server.Accounts;

/// <summary>What the management endpoints stand on.</summary>
public sealed record AccountServices
{
    /// <summary>The accounts.</summary>
    public required AccountBook Book { get; init; }

    /// <summary>What they have spent.</summary>
    public required ISpendView Spend { get; init; }

    /// <summary>Deployments of run time; null where none can be added.</summary>
    public RuntimeModels? Models { get; init; }

    /// <summary>Seals their credentials; null where none can be added.</summary>
    public ISealer? Sealer { get; init; }

    /// <summary>32 random bytes for a new key.</summary>
    public Func<byte[]> Randomness { get; init; } = static () => RandomNumberGenerator.GetBytes(32);

    /// <summary>Accounts that live as long as the program.</summary>
    /// <param name="time">The clock.</param>
    public static AccountServices InMemory(TimeProvider time) => new()
    {
        Book = new AccountBook(new InMemoryAccountStore(), new Secret(Convert.ToHexString(RandomNumberGenerator.GetBytes(32))), time),
        Spend = new SpendView(new NoSpendHistory(), meters: null, time),
    };
}
