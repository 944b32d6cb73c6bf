namespace Interline.Core.Routing;

/// <summary>What routing knows of a call. Part of a decision's kept inputs.</summary>
public readonly record struct RouteRequest
{
    /// <summary>A request of which nothing is known and that asks for nothing.</summary>
    public RouteRequest()
    {
    }

    /// <summary>Whether a stream is asked for.</summary>
    public bool Stream { get; init; }

    /// <summary>About how many tokens go in; 0 if nothing asks for it.</summary>
    public long InputTokens { get; init; }

    /// <summary>Whether it gives tools.</summary>
    public bool HasTools { get; init; }

    /// <summary>Whether it shows images.</summary>
    public bool HasImages { get; init; }

    /// <summary>What the caller asks of the router.</summary>
    public CallerOptions Options { get => field ?? CallerOptions.None; init; }
}
