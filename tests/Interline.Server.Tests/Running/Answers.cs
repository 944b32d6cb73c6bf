using System.Text.Json;

namespace Interline.Server.Tests.Running;

/// <summary>Reads answers.</summary>
internal static class Answers
{
    /// <summary>A header's only value.</summary>
    public static string Header(this HttpResponseMessage response, string name)
    {
        response.Headers.Contains(name).ShouldBeTrue($"there is no header {name}");
        return response.Headers.GetValues(name).Single();
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;

    /// <summary>Holds an error answer to OpenAI's envelope, and to what no error may hold; gives its message.</summary>
    public static async Task<string> ErrorAsync(this HttpResponseMessage response, int status)
    {
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        ShouldBeClean(text);
        JsonElement error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        error.EnumerateObject().Select(x => x.Name).Order().ShouldBe(["code", "message", "param", "type"]);
        error.GetProperty("type").GetString().ShouldNotBeNullOrEmpty();
        string message = error.GetProperty("message").GetString()!;
        message.ShouldNotBeNullOrWhiteSpace();
        return message;
    }

    /// <summary>No stack trace, no secret, no address of an upstream.</summary>
    public static void ShouldBeClean(string text)
    {
        foreach (string unwanted in (string[])["   at ", "Exception", "System.", ".cs:", RunningGateway.Key, GatewayFixture.UpstreamKey])
        {
            text.ShouldNotContain(unwanted, Case.Sensitive);
        }
    }
}
