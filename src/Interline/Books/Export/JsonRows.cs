using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Interline.Books.Export;

/// <summary>Rows as JSON objects; as lines each stands on one of its own.</summary>
public static class JsonRows
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    /// <summary>Writes a row and the end of its line.</summary>
    /// <typeparam name="T">What a row is made of.</typeparam>
    /// <param name="output">Where it goes.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="row">The row.</param>
    public static void WriteLine<T>(IBufferWriter<byte> output, ImmutableArray<Column<T>> columns, T row)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            Write(json, columns, row);
        }

        output.Write("\n"u8);
    }

    /// <summary>Writes a row as an object.</summary>
    /// <typeparam name="T">What a row is made of.</typeparam>
    /// <param name="json">The writer.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="row">The row.</param>
    public static void Write<T>(Utf8JsonWriter json, ImmutableArray<Column<T>> columns, T row)
    {
        json.WriteStartObject();
        foreach (Column<T> column in columns)
        {
            json.WritePropertyName(column.Name);
            if (column.Items is { } items)
            {
                json.WriteStartArray();
                foreach (string item in items(row))
                {
                    json.WriteStringValue(item);
                }

                json.WriteEndArray();
                continue;
            }

            switch (column.Text(row))
            {
                case null:
                    json.WriteNullValue();
                    break;
                case { } text when column.Kind is ColumnKind.Number or ColumnKind.Flag:
                    json.WriteRawValue(text, skipInputValidation: true);
                    break;
                case { } text:
                    json.WriteStringValue(text);
                    break;
            }
        }

        json.WriteEndObject();
    }
}
