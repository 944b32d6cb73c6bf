namespace Interline.Core.Routing;

/// <summary>Why a deployment is not chosen. The first rule that holds, in this order, is the one that is told.</summary>
public enum Exclusion : byte
{
    /// <summary>It can be chosen.</summary>
    None,

    /// <summary>Not one of <c>target_options</c>, and its group contains one.</summary>
    Target,

    /// <summary>The caller asked for others by name.</summary>
    Pinned,

    /// <summary>It does not serve the request's tags.</summary>
    Tag,

    /// <summary>It stands in another region than asked for, or its region is not known.</summary>
    Region,

    /// <summary>It costs more than the caller's limit, or its price is not known.</summary>
    Price,

    /// <summary>Its context window is too small for the request.</summary>
    Window,

    /// <summary>It lacks what the request needs (tools, vision), and another of the group has it.</summary>
    Capability,

    /// <summary>Its budget, or its provider's, is spent.</summary>
    Budget,

    /// <summary>It cools.</summary>
    Cooling,

    /// <summary>Its cooldown is over, and another call is trying it.</summary>
    Probing,

    /// <summary>Its requests of this minute are used up.</summary>
    Requests,

    /// <summary>Its tokens of this minute are used up.</summary>
    Tokens,

    /// <summary>As many calls are under way on it as it takes.</summary>
    Busy,

    /// <summary>Tried in this call already.</summary>
    Tried,

    /// <summary>Its credentials were refused in this call, here or through another deployment that shares them.</summary>
    Barred,
}
