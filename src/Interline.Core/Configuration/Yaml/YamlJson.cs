using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Interline.Core.Configuration.Yaml;

/// <summary>Writes a node as JSON.</summary>
internal static class YamlJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A node as JSON text.</summary>
    /// <param name="node">Node.</param>
    /// <param name="scope">For references to environment variables, which are followed except in plain list items, as LiteLLM does.</param>
    /// <param name="path">Path of the node.</param>
    public static string Write(YamlNode node, ReadScope scope, string path)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(writer, node is YamlScalar scalar ? scope.Follow(scalar, path) : node, scope, path);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A number as JSON text, as it was written where JSON allows that.</summary>
    public static string Number(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter writer, YamlNode node, ReadScope scope, string path)
    {
        switch (node)
        {
            case YamlMapping mapping:
                writer.WriteStartObject();
                foreach (YamlEntry entry in mapping.Entries)
                {
                    string place = $"{path}.{entry.Key}";
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value is YamlScalar value ? scope.Follow(value, place) : entry.Value, scope, place);
                }

                writer.WriteEndObject();
                break;
            case YamlSequence list:
                writer.WriteStartArray();
                for (int index = 0; index < list.Items.Length; index++)
                {
                    Write(writer, list.Items[index], scope, $"{path}[{index}]");
                }

                writer.WriteEndArray();
                break;
            case YamlScalar { IsNull: true }:
                writer.WriteNullValue();
                break;
            case YamlScalar { Type: YamlScalarType.Boolean, Boolean: { } value }:
                writer.WriteBooleanValue(value);
                break;
            case YamlScalar { Type: YamlScalarType.Integer or YamlScalarType.Float, Number: { } number }:
                writer.WriteRawValue(Number(number), skipInputValidation: true);
                break;
            case YamlScalar scalar:
                writer.WriteStringValue(scalar.Text);
                break;
        }
    }
}
