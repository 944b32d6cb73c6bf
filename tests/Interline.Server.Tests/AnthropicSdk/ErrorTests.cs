using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Interline.Testing;

namespace Interline.Server.Tests.AnthropicSdk;

/// <summary>What goes wrong, as Anthropic's SDK sees it: its own exceptions, with status, type and text.</summary>
public sealed class ErrorTests
{
    public static TheoryData<string> Wires => MessageTests.Wires;

    [Fact]
    public async Task A_wrong_key_is_an_unauthorized_exception_that_says_which_key_is_wanted()
    {
        await using Backend backend = await Backend.StartAsync("openai");

        AnthropicUnauthorizedException e = await Should.ThrowAsync<AnthropicUnauthorizedException>(() => backend.NewClient("sk-wrong").Messages.Create(Backend.Ask()));

        Word(e).ShouldBe("authentication_error");
        e.ApiMessage.ShouldNotBeNull().ShouldContain("gateway's key");
        e.RequestID.ShouldNotBeNullOrEmpty();
        backend.Provider.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unknown_model_is_a_not_found_exception_that_names_it()
    {
        await using Backend backend = await Backend.StartAsync("openai");

        AnthropicNotFoundException e = await Should.ThrowAsync<AnthropicNotFoundException>(() => backend.Client.Messages.Create(Backend.Ask() with { Model = "no-such-model" }));

        Word(e).ShouldBe("not_found_error");
        e.ApiMessage.ShouldNotBeNull().ShouldContain("no-such-model");
        e.RequestID.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_providers_limit_is_a_rate_limit_exception_with_its_text(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Error(wire, 429, "Slow down, please."), 2);

        AnthropicRateLimitException plain = await Should.ThrowAsync<AnthropicRateLimitException>(() => backend.Client.Messages.Create(Backend.Ask()));
        AnthropicRateLimitException streamed = await Should.ThrowAsync<AnthropicRateLimitException>(() => MessageTests.StreamAsync(backend, Backend.Ask()));

        (Word(plain), plain.ApiMessage).ShouldBe(("rate_limit_error", "Slow down, please."));
        (Word(streamed), streamed.ApiMessage).ShouldBe(("rate_limit_error", "Slow down, please."));
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_providers_failure_is_a_server_exception_with_its_text(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Error(wire, 500, "It fell over."));

        Anthropic5xxException e = await Should.ThrowAsync<Anthropic5xxException>(() => backend.Client.Messages.Create(Backend.Ask()));

        ((int)e.StatusCode, Word(e), e.ApiMessage).ShouldBe((500, "api_error", "It fell over."));
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_providers_key_that_is_refused_is_not_shown(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Error(wire, 401, $"Bad key {Backend.UpstreamKey}."));

        AnthropicUnauthorizedException e = await Should.ThrowAsync<AnthropicUnauthorizedException>(() => backend.Client.Messages.Create(Backend.Ask()));

        e.ApiMessage.ShouldBe("Bad key ***.");
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task An_error_in_mid_stream_is_an_exception_after_the_first_half(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Half(wire, "error"));

        (string text, AnthropicServiceException e) = await BrokenAsync(backend);

        text.ShouldBe("Hello");
        e.ApiMessage.ShouldBe("Busy now.");
        Word(e).ShouldBe("overloaded_error");
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_stream_that_is_cut_is_an_exception_and_no_short_answer(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Half(wire, "cut"));

        (string text, AnthropicServiceException e) = await BrokenAsync(backend);

        text.ShouldBe("Hello");
        e.ApiMessage.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_caller_that_leaves_in_mid_stream_cancels_the_provider(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Half(wire, "hang"));
        using var leave = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (RawMessageStreamEvent e in backend.Client.Messages.CreateStreaming(Backend.Ask(), leave.Token))
            {
                if (e.TryPickContentBlockDelta(out _))
                {
                    await leave.CancelAsync();
                }
            }
        });

        FakeRequest request = await backend.Provider.RequestAsync(1).WaitAsync(Waiting.Limit);
        await request.Aborted.WaitAsync(Waiting.Limit);
    }

    private static string? Word(AnthropicServiceException e) => e.Type?.Raw();

    private static async Task<(string Text, AnthropicServiceException Error)> BrokenAsync(Backend backend)
    {
        string text = "";
        AnthropicServiceException e = await Should.ThrowAsync<AnthropicServiceException>(async () =>
        {
            await foreach (RawMessageStreamEvent x in backend.Client.Messages.CreateStreaming(Backend.Ask(), TestContext.Current.CancellationToken))
            {
                text += MessageTests.Deltas([x.Json], "text");
                x.Json.GetProperty("type").GetString().ShouldNotBe("message_stop");
            }
        });
        return (text, e);
    }
}
