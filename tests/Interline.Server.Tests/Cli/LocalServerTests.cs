using System.Net;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Cli;

/// <summary>A local server by its base-URL variable, without a file.</summary>
public sealed class LocalServerTests : IAsyncLifetime
{
    private const string Key = "sk-of-the-environment-0123456789";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-local");
    private FakeProvider? _provider;

    private (string, string) Data => ("INTERLINE_DATA", _folder.FullName);

    public async ValueTask InitializeAsync() => _provider = await FakeProvider.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _provider!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("LM_STUDIO_API_BASE", "lm_studio/x", "/v1")]
    public async Task Without_a_file_a_local_server_is_reached_by_its_base_URL_at_its_OpenAI_side(string variable, string model, string path)
    {
        await using CliProcess process = CliProcess.Start(["--port", "0"], Data, ("LITELLM_MASTER_KEY", Key), (variable, _provider!.Address.ToString().TrimEnd('/') + path));
        using HttpClient client = await process.ClientAsync(Key);
        using HttpResponseMessage answer = await client.PostAsync("/v1/chat/completions", new StringContent(RunningGateway.Chat(model)));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        _provider.Received("x").Single().Path.ShouldBe("/v1/chat/completions");
    }
}
