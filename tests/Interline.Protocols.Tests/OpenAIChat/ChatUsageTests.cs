using System.Buffers;
using System.Text;
using System.Text.Json;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.OpenAIChat;

public sealed class ChatUsageTests
{
    private static Usage Read(string json)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return ChatUsage.Read(ref reader);
    }

    [Fact]
    public void Cached_reasoning_and_audio_tokens_are_taken_out_of_the_counts_that_contain_them() =>
        Read("""{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10,"audio_tokens":5},"completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":10}}""")
            .ShouldBe(new Usage { Input = 25, CacheRead = 60, CacheWrite = 10, InputAudio = 5, Output = 20, Reasoning = 20, OutputAudio = 10 });

    [Fact]
    public void Reasoning_that_xAI_counts_beside_the_completion_is_added() =>
        Read("""{"prompt_tokens":291,"completion_tokens":26,"total_tokens":506,"prompt_tokens_details":{"cached_tokens":244},"completion_tokens_details":{"reasoning_tokens":189}}""")
            .ShouldBe(new Usage { Input = 47, CacheRead = 244, Output = 26, Reasoning = 189 });

    [Fact]
    public void Thinking_that_Google_hides_in_the_total_counts_as_reasoning() =>
        Read("""{"completion_tokens":6,"prompt_tokens":66,"total_tokens":100}""").ShouldBe(new Usage { Input = 66, Output = 6, Reasoning = 28 });

    [Fact]
    public void More_cached_than_prompt_tokens_never_make_a_class_negative() =>
        Read("""{"prompt_tokens":29,"completion_tokens":6,"total_tokens":35,"prompt_tokens_details":{"cached_tokens":157}}""")
            .ShouldBe(new Usage { CacheRead = 29, Output = 6 });

    [Fact]
    public void DeepSeeks_own_field_names_the_cached_tokens() =>
        Read("""{"prompt_tokens":343,"completion_tokens":58,"total_tokens":401,"prompt_cache_hit_tokens":256,"prompt_cache_miss_tokens":87}""")
            .ShouldBe(new Usage { Input = 87, CacheRead = 256, Output = 58 });

    [Fact]
    public void Transcripts_spell_their_details_another_way() =>
        Read("""{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,"audio_tokens":14},"output_tokens":45,"total_tokens":59}""")
            .ShouldBe(new Usage { InputAudio = 14, Output = 45 });

    [Fact]
    public void Details_that_add_up_to_more_than_their_whole_are_not_counted_twice() =>
        Read("""{"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":80,"cache_write_tokens":30,"audio_tokens":40,"image_tokens":10},"completion_tokens_details":{"reasoning_tokens":15,"audio_tokens":10}}""")
            .ShouldBe(new Usage { CacheRead = 80, CacheWrite = 20, Reasoning = 15, OutputAudio = 5 });

    [Fact]
    public void The_names_of_the_Responses_format_are_read_too() =>
        Read("""{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":17}""")
            .ShouldBe(new Usage { Input = 6, CacheRead = 4, Output = 4, Reasoning = 3 });

    [Theory]
    [InlineData("""{"prompt_tokens":null,"completion_tokens":null}""", 0)]
    [InlineData("""{"prompt_tokens":"12","completion_tokens":3.0,"total_tokens":15}""", 15)]
    [InlineData("""{"prompt_tokens":-5,"completion_tokens":3}""", 3)]
    [InlineData("""{"prompt_tokens":1e99}""", 1_000_000_000_000)]
    [InlineData("""{"prompt_tokens":[1],"completion_tokens":{"a":1},"prompt_tokens_details":7,"completion_tokens_details":null,"x":[{"prompt_tokens":3}]}""", 0)]
    [InlineData("""{"total_tokens":9}""", 9)]
    [InlineData("null", 0)]
    [InlineData("[1,2]", 0)]
    public void Odd_counts_are_tolerated(string json, long total) => Read(json).Total.ShouldBe(total);

    [Fact]
    public void The_reader_stands_at_the_end_of_the_object_afterwards()
    {
        Utf8JsonReader reader = new("""{"usage":{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":1}},"next":2}"""u8);
        reader.Read();
        reader.Read();
        reader.Read();
        ChatUsage.Read(ref reader);
        reader.TokenType.ShouldBe(JsonTokenType.EndObject);
        reader.Read();
        reader.GetString().ShouldBe("next");
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] json = """{"prompt_tokens":"100","completion_tokens":50,"prompt_tokens_details":{"cached_tokens":60},"cost":1.5,"x":{"y":[1]}}"""u8.ToArray();
        ReadOnce(json);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            ReadOnce(json);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void What_is_written_is_read_back_the_same()
    {
        Usage usage = new() { Input = 1, CacheRead = 2, CacheWrite = 3, InputAudio = 4, InputImage = 5, Output = 6, Reasoning = 7, OutputAudio = 8, OutputImage = 9 };
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter w = new(output))
        {
            ChatUsage.Write(w, usage);
        }

        Read(Encoding.UTF8.GetString(output.WrittenSpan)).ShouldBe(usage);
    }

    [Theory]
    [InlineData("stop", FinishReason.Stop)]
    [InlineData("eos", FinishReason.Stop)]
    [InlineData("model_length", FinishReason.Length)]
    [InlineData("function_call", FinishReason.ToolCalls)]
    [InlineData("content_filter", FinishReason.ContentFilter)]
    [InlineData("error", FinishReason.Error)]
    [InlineData("", FinishReason.Unknown)]
    [InlineData("a word of more than thirty-two letters", FinishReason.Unknown)]
    public void Finish_words_of_all_dialects_are_known(string word, FinishReason reason)
    {
        ChatFinish.Read(word).ShouldBe(reason);
        ChatFinish.Read(Encoding.UTF8.GetBytes(word)).ShouldBe(reason);
    }

    private static void ReadOnce(byte[] json)
    {
        Utf8JsonReader reader = new(json);
        reader.Read();
        ChatUsage.Read(ref reader);
    }
}
