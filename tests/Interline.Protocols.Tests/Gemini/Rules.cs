using System.Text.Json;

namespace Interline.Protocols.Tests.Gemini;

/// <summary>What the Gemini API refuses, as far as a request can show it: field names, roles, turns of calls and responses, signatures, limits.</summary>
internal static class Rules
{
    private static readonly string[] Top = ["contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "safetySettings", "cachedContent", "serviceTier"];

    private static readonly string[] Config =
    [
        "stopSequences", "responseMimeType", "responseSchema", "responseJsonSchema", "responseModalities", "candidateCount", "maxOutputTokens", "temperature", "topP", "topK", "seed",
        "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "thinkingConfig",
    ];

    private static readonly string[] Data = ["text", "inlineData", "fileData", "functionCall", "functionResponse"];

    public static void Hold(ReadOnlyMemory<byte> request, bool signed)
    {
        using JsonDocument document = JsonDocument.Parse(request);
        JsonElement root = document.RootElement;
        Names(root).ShouldBeSubsetOf(Top);
        Contents(root.GetProperty("contents"), signed);
        if (root.TryGetProperty("systemInstruction", out JsonElement instruction))
        {
            instruction.GetProperty("parts").GetArrayLength().ShouldBeGreaterThan(0);
        }

        bool functions = false;
        foreach (JsonElement tool in root.TryGetProperty("tools", out JsonElement tools) ? tools.EnumerateArray() : default)
        {
            functions = true;
            foreach (JsonElement function in tool.GetProperty("functionDeclarations").EnumerateArray())
            {
                Names(function).ShouldBeSubsetOf(["name", "description", "parametersJsonSchema"]);
                function.GetProperty("name").GetString().ShouldNotBeNullOrEmpty();
            }
        }

        if (root.TryGetProperty("toolConfig", out JsonElement choice))
        {
            functions.ShouldBeTrue();
            choice.GetProperty("functionCallingConfig").GetProperty("mode").GetString().ShouldBeOneOf("AUTO", "ANY", "NONE", "VALIDATED");
        }

        if (root.TryGetProperty("generationConfig", out JsonElement config))
        {
            Names(config).ShouldBeSubsetOf(Config);
            if (config.TryGetProperty("responseJsonSchema", out _))
            {
                config.GetProperty("responseMimeType").GetString().ShouldBe("application/json");
            }
        }
    }

    private static void Contents(JsonElement contents, bool signed)
    {
        contents.GetArrayLength().ShouldBeGreaterThan(0);
        List<JsonElement> all = [.. contents.EnumerateArray()];
        int lastAsk = all.FindLastIndex(c => Is(c, "user") && c.GetProperty("parts").EnumerateArray().Any(p => p.TryGetProperty("text", out _)));
        int open = 0;
        string before = "model";
        for (int i = 0; i < all.Count; i++)
        {
            string role = all[i].GetProperty("role").GetString()!;
            role.ShouldBeOneOf("user", "model");
            role.ShouldNotBe(before);
            before = role;
            List<JsonElement> parts = [.. all[i].GetProperty("parts").EnumerateArray()];
            parts.ShouldNotBeEmpty();
            parts.ForEach(p => Data.Count(d => p.TryGetProperty(d, out _)).ShouldBe(1));
            parts.ForEach(p => Names(p).ShouldBeSubsetOf([.. Data, "thought", "thoughtSignature"]));
            List<JsonElement> calls = [.. parts.Where(p => p.TryGetProperty("functionCall", out _))];
            List<JsonElement> responses = [.. parts.Where(p => p.TryGetProperty("functionResponse", out _))];
            (role is "model" ? responses : calls).ShouldBeEmpty();
            responses.Count.ShouldBe(open);
            responses.ForEach(r => r.GetProperty("functionResponse").GetProperty("response").ValueKind.ShouldBe(JsonValueKind.Object));
            responses.ForEach(r => r.GetProperty("functionResponse").GetProperty("name").GetString().ShouldNotBeNullOrEmpty());
            calls.ForEach(c => c.GetProperty("functionCall").GetProperty("args").ValueKind.ShouldBe(JsonValueKind.Object));
            if (signed && calls.Count > 0 && i > lastAsk)
            {
                calls[0].TryGetProperty("thoughtSignature", out _).ShouldBeTrue();
            }

            open = calls.Count;
        }
    }

    private static bool Is(JsonElement content, string role) => content.GetProperty("role").GetString() == role;

    private static IEnumerable<string> Names(JsonElement e) => e.EnumerateObject().Select(p => p.Name);
}
