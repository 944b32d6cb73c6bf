namespace Interline.Protocols.Conversation;

/// <summary>How readers put fields aside.</summary>
internal static class NativeFieldsReading
{
    /// <summary>Keeps the field whose value the cursor is at.</summary>
    /// <param name="fields">The fields of the object being read.</param>
    /// <param name="json">At the field's value; afterwards at its end.</param>
    /// <param name="understood">See <see cref="NativeField.Understood"/>.</param>
    public static void Keep(this NativeFields fields, ref JsonCursor json, bool understood = false)
    {
        string name = json.NameText;
        fields.Add(new NativeField(name, json.Raw(), understood));
    }

    /// <summary>At null: keeps the field, as null and absent are not always the same, and is true.</summary>
    /// <param name="fields">The fields of the object being read.</param>
    /// <param name="json">At the field's value.</param>
    public static bool KeepNull(this NativeFields fields, ref JsonCursor json)
    {
        if (!json.IsNull)
        {
            return false;
        }

        fields.Add(new NativeField(json.NameText, RawJson.Null, Understood: true));
        return true;
    }
}
