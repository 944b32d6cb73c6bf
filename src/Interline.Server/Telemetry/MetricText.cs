using System.Globalization;
using System.Text;

namespace Interline.Server.Telemetry;

/// <summary>Prometheus' text format 0.0.4.</summary>
internal static class MetricText
{
    /// <summary>Writes a metric without labels.</summary>
    public static void Single(StringBuilder text, string name, string type, string help, long value)
    {
        Head(text, name, type, help);
        text.Append(name).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>Writes what stands before a metric's samples.</summary>
    public static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
}
