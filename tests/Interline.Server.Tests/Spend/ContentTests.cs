using System.Text.Json;
using Interline.Accounts;
using Interline.Contents;
using Interline.Core.Configuration;
using Interline.Server.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace Interline.Server.Tests.Spend;

/// <summary>The content of calls: kept only where it is asked for, without secrets, within bounds, and shown to its owner.</summary>
public sealed class ContentTests
{
    private const string Yaml = "model_list: [{model_name: gpt, litellm_params: {model: openai/gpt-x, api_key: sk-provider-0123456789}}]";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_and_answer_are_kept_without_secrets(bool stream)
    {
        await using var log = new ContentLog(new InMemoryContentStore(), new ContentLogSettings(), TimeProvider.System);
        await using RunningGateway gateway = await StartAsync(log);
        string id = await CallAsync(gateway, "\"mock_response\":\"mail bob@example.org about it\"", stream, "my key is sk-abcdef0123456789");
        JsonElement content = await ContentAsync(gateway, log, id);
        content.GetProperty("request").GetString()!.ShouldContain("my key is ***");
        content.GetProperty("answer").GetString()!.ShouldContain("mail *** about it");
        content.GetRawText().ShouldNotContain("sk-abcdef");
        content.GetRawText().ShouldNotContain("bob@");
        content.GetProperty("request_bytes").GetInt64().ShouldBeGreaterThan(50);
        content.GetProperty("answer_bytes").GetInt64().ShouldBeGreaterThan(50);
    }

    [Fact]
    public async Task Without_the_setting_nothing_is_kept()
    {
        await using RunningGateway gateway = await StartAsync(null);
        string id = await CallAsync(gateway, "\"mock_response\":\"x\"");
        using HttpResponseMessage response = await gateway.GetAsync($"/v1/calls/{id}/content");
        (await response.ErrorAsync(404)).ShouldContain("general_settings.content_log");
    }

    [Fact]
    public async Task A_caller_can_keep_its_content_out()
    {
        await using var log = new ContentLog(new InMemoryContentStore(), new ContentLogSettings(), TimeProvider.System);
        await using RunningGateway gateway = await StartAsync(log);
        using HttpRequestMessage request = gateway.Post("/v1/chat/completions", RunningGateway.Chat("gpt", more: ",\"mock_response\":\"x\""));
        request.Headers.Add("x-litellm-enable-message-redaction", "true");
        using HttpResponseMessage response = await gateway.Http.SendAsync(request);
        string id = response.Header("x-litellm-call-id");
        string later = await CallAsync(gateway, "\"mock_response\":\"x\"");
        await ContentAsync(gateway, log, later);
        (await log.Store.FindAsync(id, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Only_the_sample_is_kept()
    {
        await using var log = new ContentLog(new InMemoryContentStore(), new ContentLogSettings { Sample = 0.5 }, TimeProvider.System);
        await using RunningGateway gateway = await StartAsync(log);
        var ids = new List<string>();
        for (int i = 0; i < 40; i++)
        {
            ids.Add(await CallAsync(gateway, "\"mock_response\":\"x\""));
        }

        string[] sample = [.. ids.Where(id => ContentLog.IsSampled(gateway.Gateway.FindCall(id)!.Value.Seed, 0.5))];
        sample.Length.ShouldBeInRange(5, 35);
        await Waiting.UntilAsync(() => sample.All(id => Find(log, id) is not null), "the sample is kept");
        ids.Except(sample).ShouldAllBe(id => Find(log, id) == null);
    }

    [Fact]
    public async Task Each_direction_is_kept_up_to_its_cap()
    {
        await using var log = new ContentLog(new InMemoryContentStore(), new ContentLogSettings { MaxBytes = 1024 }, TimeProvider.System);
        await using RunningGateway gateway = await StartAsync(log);
        string id = await CallAsync(gateway, $"\"mock_response\":\"{string.Concat(Enumerable.Repeat("word ", 5000))}\"", stream: false, string.Concat(Enumerable.Repeat("ask ", 5000)));
        JsonElement content = await ContentAsync(gateway, log, id);
        content.GetProperty("request_bytes").GetInt64().ShouldBeGreaterThan(20_000);
        content.GetProperty("request").GetString()!.Length.ShouldBeLessThan(1100);
        content.GetProperty("answer_bytes").GetInt64().ShouldBeGreaterThan(25_000);
        content.GetProperty("answer").GetString()!.Length.ShouldBeInRange(500, 1100);
        await Waiting.UntilAsync(() => log.Waiting == 0, "nothing is set aside any more");
    }

    [Fact]
    public async Task What_does_not_fit_the_queue_is_shed_and_counted_and_the_call_is_well()
    {
        var store = new StuckStore();
        await using var log = new ContentLog(store, new ContentLogSettings { QueueBytes = 20_000 }, TimeProvider.System);
        await using RunningGateway gateway = await StartAsync(log);
        for (int i = 0; i < 20; i++)
        {
            await CallAsync(gateway, $"\"mock_response\":\"{new string('x', 3000)}\"");
            log.Waiting.ShouldBeLessThanOrEqualTo(20_000);
        }

        log.Shed.ShouldBeGreaterThanOrEqualTo(10);
        store.Go.SetResult();
        await Waiting.UntilAsync(() => log.Waiting == 0, "what waits is stored");
    }

    [Theory]
    [InlineData("admin", 200)]
    [InlineData("k1", 200)]
    [InlineData("k2", 404)]
    [InlineData("viewer", 404)]
    public async Task Content_is_shown_to_its_owner_and_to_admins(string who, int status)
    {
        await using var log = new ContentLog(new InMemoryContentStore(), new ContentLogSettings(), TimeProvider.System);
        await using RunningGateway gateway = await StartAsync(log);
        string id = new('a', 32);
        await log.Store.WriteAsync([new StoredContent { Id = id, StartedAt = DateTimeOffset.UnixEpoch, KeyId = "k1", Request = "a private question", Answer = "" }], default);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/calls/{id}/content");
        request.Headers.Authorization = new("Bearer", RunningGateway.Key);
        request.Headers.Add("x-test-who", who);
        using HttpResponseMessage response = await gateway.Http.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadAsStringAsync()).Contains("a private question", StringComparison.Ordinal).ShouldBe(status == 200);
    }

    /// <summary>The store in memory answers at once.</summary>
    private static StoredContent? Find(ContentLog log, string id)
    {
        Task<StoredContent?> found = log.Store.FindAsync(id, CancellationToken.None).AsTask();
        found.IsCompleted.ShouldBeTrue();
        return found.Result;
    }

    private static Task<RunningGateway> StartAsync(ContentLog? log) => RunningGateway.StartAsync(Yaml, change: options => options with { Contents = log, Who = Who });

    private static Principal Who(HttpContext http) => http.Request.Headers["x-test-who"].ToString() switch
    {
        "viewer" => new() { Role = Role.Viewer },
        ['k', ..] key => new() { Role = Role.Caller, KeyId = key },
        _ => Principal.Master,
    };

    private static async Task<string> CallAsync(RunningGateway gateway, string more, bool stream = false, string question = "a private question")
    {
        using HttpResponseMessage response = await gateway.PostAsync("/v1/chat/completions", RunningGateway.Chat("gpt", stream, "," + more).Replace("a private question", question, StringComparison.Ordinal));
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(200, text);
        return response.Header("x-litellm-call-id");
    }

    private static async Task<JsonElement> ContentAsync(RunningGateway gateway, ContentLog log, string id)
    {
        await Waiting.UntilAsync(() => Find(log, id) is not null, "the content is stored");
        return JsonDocument.Parse(await gateway.GetTextAsync($"/v1/calls/{id}/content")).RootElement;
    }

    private sealed class StuckStore : IContentStore
    {
        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask WriteAsync(IReadOnlyList<StoredContent> batch, CancellationToken cancel) => await Go.Task.WaitAsync(cancel);

        public ValueTask<StoredContent?> FindAsync(string id, CancellationToken cancel) => ValueTask.FromResult<StoredContent?>(null);

        public ValueTask PruneAsync(DateTimeOffset before, CancellationToken cancel) => ValueTask.CompletedTask;
    }
}
