namespace Interline.Cli.Doctor;

/// <summary>How well something is.</summary>
internal enum Wellness
{
    /// <summary>As it should be.</summary>
    Well,

    /// <summary>Could not be tried, or may matter.</summary>
    Unsure,

    /// <summary>Calls will fail.</summary>
    Ill,
}

/// <summary>One thing the doctor looked at. It never holds a credential, nor what a provider answered: that may quote one.</summary>
/// <param name="Wellness">How well it is.</param>
/// <param name="Subject">What was looked at: <c>port</c>, <c>configuration</c>, <c>clock</c>, or a provider with its host.</param>
/// <param name="Message">What was found.</param>
/// <param name="Remedy">What to do; null where nothing is to be done.</param>
internal sealed record Finding(Wellness Wellness, string Subject, string Message, string? Remedy = null);
