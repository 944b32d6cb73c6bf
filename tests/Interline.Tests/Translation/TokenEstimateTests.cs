using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;
using Interline.Translation;

namespace Interline.Tests.Translation;

public sealed class TokenEstimateTests
{
    [Fact]
    public void Recorded_requests_are_estimated_within_half_of_what_OpenAI_counted_and_within_a_fifth_on_the_whole()
    {
        long estimated = 0, counted = 0;
        foreach (string path in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Recordings"), "openai-chat-*.json"))
        {
            using JsonDocument recording = JsonDocument.Parse(File.ReadAllBytes(path));
            if (PromptTokens(recording.RootElement) is not { } prompt || !recording.RootElement.TryGetProperty("request", out JsonElement request) || request.ValueKind != JsonValueKind.Object
                || request.GetRawText().Contains("image_url", StringComparison.Ordinal) || request.GetRawText().Contains("input_audio", StringComparison.Ordinal)
                || request.GetRawText().Contains("\"file\"", StringComparison.Ordinal))
            {
                continue;
            }

            RequestReader.TryRead(Encoding.UTF8.GetBytes(request.GetRawText()), out ConversationRequest? read, out _).ShouldBeTrue();
            long estimate = TokenEstimate.Of(read!);
            Math.Abs(estimate - prompt).ShouldBeLessThanOrEqualTo(Math.Max(20, prompt / 2), $"{Path.GetFileName(path)}: {estimate} for {prompt}");
            estimated += estimate;
            counted += prompt;
        }

        counted.ShouldBeGreaterThan(500);
        ((double)estimated / counted).ShouldBeInRange(0.8, 1.2);
    }

    [Fact]
    public void A_longer_text_has_more_tokens()
    {
        TokenEstimate.Of("").ShouldBe(0);
        TokenEstimate.Of("word").ShouldBe(1);
        TokenEstimate.Of("word word").ShouldBe(2);
        TokenEstimate.Of("12345678").ShouldBe(3);
        TokenEstimate.Of("\u4f60\u597d\u4e16\u754c").ShouldBeInRange(2, 4);
    }

    [Fact]
    public void Tools_images_and_results_count_too()
    {
        ConversationRequest bare = new("m", [new Message(Role.User, [new TextPart("hi")])]);
        long before = TokenEstimate.Of(bare);
        TokenEstimate.Of(bare with { Tools = [new FunctionTool("weather") { Description = "Tells the weather of a city." }] }).ShouldBeGreaterThan(before + 8);
        TokenEstimate.Of(bare with { Messages = [.. bare.Messages, new Message(Role.User, [new ImagePart(new UrlSource("https://x"))])] }).ShouldBeGreaterThan(before + 500);
        TokenEstimate.Of(bare with { Messages = [.. bare.Messages, new Message(Role.Tool, [new ToolResultPart("a", [new TextPart("four words of result")])])] }).ShouldBeGreaterThan(before + 4);
    }

    private static long? PromptTokens(JsonElement recording)
    {
        if (recording.TryGetProperty("body", out JsonElement body) && body.ValueKind == JsonValueKind.Object && body.TryGetProperty("usage", out JsonElement usage))
        {
            return usage.GetProperty("prompt_tokens").GetInt64();
        }

        return null;
    }
}
