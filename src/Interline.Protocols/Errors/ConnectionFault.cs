namespace Interline.Protocols.Errors;

/// <summary>What became of a connection that failed.</summary>
public enum ConnectionFault : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The host's name could not be resolved.</summary>
    Name,

    /// <summary>It was refused or could not be made.</summary>
    Refused,

    /// <summary>TLS could not be agreed on.</summary>
    Secure,

    /// <summary>It was not made in time.</summary>
    Slow,

    /// <summary>It was made, and lost before the answer was whole.</summary>
    Lost,
}
