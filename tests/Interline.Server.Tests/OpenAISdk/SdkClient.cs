using System.ClientModel;
using System.ClientModel.Primitives;
using Interline.Server.Tests.Running;
using OpenAI;

namespace Interline.Server.Tests.OpenAISdk;

/// <summary>The SDK as a user sets it up; without its own retries, so that a test sees each answer.</summary>
internal static class SdkClient
{
    public static OpenAIClient For(RunningGateway gateway, string key = RunningGateway.Key) =>
        new(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(gateway.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
}
