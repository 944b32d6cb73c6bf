namespace Interline.Tests;

/// <summary>Bytes of OpenAI's chat format, as clients and providers write them.</summary>
internal static class Wire
{
    public const string Plain = """{"model":"gpt","messages":[{"role":"user","content":"hi é 😀"}],"unknown_field":{"b":1, "a":[1.50,2]}}""";
    public const string Streamed = """{"model":"gpt","stream":true,"messages":[{"role":"user","content":"hi"}]}""";
    public const string StreamedWithUsage = """{"model":"gpt","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}""";

    public const string Answer = """{"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"héllo 😀"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110},"x_native":{"k": 1.0}}""";

    public const string First = "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hé\"},\"finish_reason\":null}]}\n\n";
    public const string Second = "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"llo 😀\"},\"finish_reason\":null}]}\n\n";
    public const string Finish = "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    public const string Usage = "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10,\"total_tokens\":110}}\n\n";
    public const string Done = "data: [DONE]\n\n";

    /// <summary>A whole stream as it comes from a provider that was asked for usage.</summary>
    public const string Events = First + Second + Finish + Usage + Done;

    /// <summary>The same as it goes to a client that did not ask for usage.</summary>
    public const string EventsWithoutUsage = First + Second + Finish + Done;

    /// <summary>Cost of <see cref="Answer"/> and of <see cref="Events"/> at <see cref="Engine.TestPrice"/>.</summary>
    public const decimal Cost = 0.0003m;
}
