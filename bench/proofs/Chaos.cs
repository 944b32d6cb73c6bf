namespace Interline.Proofs;

internal static class Chaos
{
    public static Task<bool> RunAsync(TimeSpan length, int rate, int seed) => Task.FromResult(length > TimeSpan.Zero && rate > seed);
}
