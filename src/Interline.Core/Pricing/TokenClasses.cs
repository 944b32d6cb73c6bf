namespace Interline.Core.Pricing;

/// <summary>Classes of tokens, as in <see cref="Protocols.Usage"/>.</summary>
[Flags]
public enum TokenClasses
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Fresh input.</summary>
    Input = 1 << 0,

    /// <summary>Input read from the prompt cache.</summary>
    CacheRead = 1 << 1,

    /// <summary>Input written to the prompt cache.</summary>
    CacheWrite = 1 << 2,

    /// <summary>Input written to the prompt cache for an hour.</summary>
    CacheWrite1h = 1 << 3,

    /// <summary>Audio input.</summary>
    InputAudio = 1 << 4,

    /// <summary>Image input.</summary>
    InputImage = 1 << 5,

    /// <summary>Output.</summary>
    Output = 1 << 6,

    /// <summary>Reasoning.</summary>
    Reasoning = 1 << 7,

    /// <summary>Audio output.</summary>
    OutputAudio = 1 << 8,

    /// <summary>Image output.</summary>
    OutputImage = 1 << 9,

    /// <summary>Every class.</summary>
    All = (1 << 10) - 1,
}
