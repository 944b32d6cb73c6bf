namespace Interline.Storage.Nodes;

/// <summary>Moments of meters, whose ends may be never.</summary>
internal static class Moments
{
    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>A moment from seconds since 1970; what is beyond all dates is the last of them.</summary>
    public static DateTimeOffset Of(long seconds) => seconds >= Last ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeSeconds(seconds);
}
