using System.Text.Json;

namespace Interline.Server.Tests.Fakes;

/// <summary>A request as the fake provider got it.</summary>
internal sealed record ReceivedRequest(string Path, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>All header names and values as one text, to look for what must not be there.</summary>
    public string HeaderText => string.Join('\n', Headers.Select(x => $"{x.Key}: {x.Value}"));
}
