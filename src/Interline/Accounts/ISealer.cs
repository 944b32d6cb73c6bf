namespace Interline.Accounts;

/// <summary>Keeps secrets that must be read again, such as providers' credentials.</summary>
public interface ISealer
{
    /// <summary>Seals a secret.</summary>
    /// <param name="plaintext">The secret.</param>
    /// <param name="boundTo">What it belongs to, such as a model's id and host; it opens for nothing else.</param>
    /// <returns>Text that can be kept.</returns>
    string Seal(string plaintext, string boundTo);

    /// <summary>Opens one.</summary>
    /// <param name="sealedText">What <see cref="Seal"/> gave.</param>
    /// <param name="boundTo">What it was sealed for.</param>
    /// <returns>The secret; null if it was sealed for something else, by another key, or was changed.</returns>
    string? Unseal(string sealedText, string boundTo);
}
