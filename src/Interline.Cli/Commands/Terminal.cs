namespace Interline.Cli.Commands;

/// <summary>Colour for people: only where a terminal shows it and nobody has said <c>NO_COLOR</c>.</summary>
/// <param name="IsColoured">Whether colour is shown.</param>
internal readonly record struct Terminal(bool IsColoured)
{
    /// <summary>Standard output.</summary>
    public static Terminal Output { get; } = new(!Console.IsOutputRedirected && IsWanted);

    /// <summary>Standard error.</summary>
    public static Terminal Error { get; } = new(!Console.IsErrorRedirected && IsWanted);

    private static bool IsWanted => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public string Red(string text) => Paint(text, 31);

    public string Green(string text) => Paint(text, 32);

    public string Yellow(string text) => Paint(text, 33);

    public string Faint(string text) => Paint(text, 2);

    private string Paint(string text, int colour) => IsColoured ? $"\u001b[{colour}m{text}\u001b[0m" : text;
}
