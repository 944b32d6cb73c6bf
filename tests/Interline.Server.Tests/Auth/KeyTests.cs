using System.Net;
using System.Text;
using Interline.Server.Tests.BadInput;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Auth;

/// <summary>Which keys open the gateway, and in which headers.</summary>
public sealed class KeyTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Key = RunningGateway.Key;

    [Theory]
    [InlineData("Authorization", "Bearer " + Key)]
    [InlineData("Authorization", "bearer " + Key)]
    [InlineData("Authorization", "Bearer  " + Key)]
    [InlineData("x-api-key", Key)]
    [InlineData("X-API-Key", Key)]
    [InlineData("api-key", Key)]
    [InlineData("x-goog-api-key", Key)]
    [InlineData("x-litellm-api-key", Key)]
    public async Task The_key_is_taken_from_every_SDKs_header(string header, string value) =>
        (await AskAsync((header, value))).ShouldBe(HttpStatusCode.OK);

    [Theory]
    [InlineData("Authorization", Key)]
    [InlineData("Authorization", "Bearer")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "Token " + Key)]
    [InlineData("Authorization", "Bearer " + Key + "0")]
    [InlineData("Authorization", "Bearer sk-gateway-0123456789abcde")]
    [InlineData("Authorization", "Bearer SK-GATEWAY-0123456789ABCDEF")]
    [InlineData("Authorization", "Bearer " + Key + "," + Key)]
    [InlineData("x-api-key", "Bearer " + Key)]
    [InlineData("x-api-key", "")]
    [InlineData("api-key", Key + " x")]
    [InlineData("key", Key)]
    [InlineData("Cookie", "key=" + Key)]
    public async Task A_near_miss_is_refused(string header, string value) =>
        (await AskAsync((header, value))).ShouldBe(HttpStatusCode.Unauthorized);

    [Fact]
    public async Task The_key_as_a_password_is_refused() =>
        (await AskAsync(("Authorization", "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("user:" + Key))))).ShouldBe(HttpStatusCode.Unauthorized);

    [Fact]
    public async Task The_key_in_the_query_is_refused()
    {
        using HttpResponseMessage response = await fixture.Gateway.Http.GetAsync($"/v1/models?key={Key}&api-key={Key}");
        await response.ErrorAsync(401);
    }

    [Theory]
    [InlineData("/v1beta/models?key=" + Key)]
    [InlineData("/v1beta/models?pageSize=3&key=" + Key)]
    [InlineData("/v1beta/models/ok?alt=sse&key=" + Key)]
    public async Task A_Gemini_client_may_send_the_key_in_the_query(string path)
    {
        using HttpResponseMessage response = await fixture.Gateway.Http.GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Answers.ShouldBeClean(await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/v1beta/models?key=" + Key + "0")]
    [InlineData("/v1beta/models?key=")]
    [InlineData("/v1beta/models?key")]
    [InlineData("/v1beta/models?api-key=" + Key)]
    [InlineData("/v1beta/models?key=sk-other&key=" + Key)]
    [InlineData("/v1beta/models?key=" + Key + "&key=" + Key)]
    [InlineData("/V1beta/models?key=" + Key)]
    [InlineData("/v1betamodels?key=" + Key)]
    [InlineData("/v1/models?key=" + Key)]
    [InlineData("/metrics?key=" + Key)]
    public async Task A_near_miss_in_the_query_is_refused(string path)
    {
        using HttpResponseMessage response = await fixture.Gateway.Http.GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        Answers.ShouldBeClean(await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_wrong_header_is_not_saved_by_a_right_key_in_the_query()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1beta/models?key={Key}");
        request.Headers.Add("x-goog-api-key", "AIza-other");
        using HttpResponseMessage response = await fixture.Gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_key_in_the_query_reaches_no_answer_log_or_metric()
    {
        foreach (string path in (string[])["/v1beta/models", "/v1beta/models/nope", "/v1beta/nothing", "/v1beta/models?pageToken=nope", "/v1beta/models/ok:generateContent"])
        {
            string mark = path.Contains('?', StringComparison.Ordinal) ? "&" : "?";
            using HttpResponseMessage response = await fixture.Gateway.Http.GetAsync($"{path}{mark}key={Key}");
            Answers.ShouldBeClean(await response.Content.ReadAsStringAsync());
            Answers.ShouldBeClean(response.Headers.ToString());
        }

        Answers.ShouldBeClean(string.Concat(fixture.Gateway.LogLines()));
        Answers.ShouldBeClean(await fixture.Gateway.GetTextAsync("/metrics"));
    }

    [Fact]
    public async Task A_wrong_Authorization_is_not_saved_by_a_right_key_elsewhere() =>
        (await AskAsync(("Authorization", "Bearer sk-other"), ("x-api-key", Key))).ShouldBe(HttpStatusCode.Unauthorized);

    [Theory]
    [InlineData("Authorization: Bearer " + Key + "\r\nAuthorization: Bearer sk-other\r\n")]
    [InlineData("Authorization: Bearer sk-other\r\nAuthorization: Bearer " + Key + "\r\n")]
    [InlineData("x-api-key: " + Key + "\r\nx-api-key: sk-other\r\n")]
    public async Task Several_headers_of_one_name_are_refused(string headers)
    {
        using RawConnection raw = await RawConnection.OpenAsync(fixture.Gateway.Address);
        await raw.SendAsync($"GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        string answer = await raw.ReadToEndAsync();
        (answer.StartsWith("HTTP/1.1 401", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal)).ShouldBeTrue(answer);
    }

    [Fact]
    public async Task A_refusal_names_no_key_and_says_how_to_send_one()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Authorization", "Bearer sk-somebody-elses");
        using HttpResponseMessage response = await fixture.Gateway.Http.SendAsync(request);
        string message = await response.ErrorAsync(401);
        message.ShouldNotContain("somebody");
        message.ShouldContain("x-api-key");
        response.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
    }

    private async Task<HttpStatusCode> AskAsync(params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        }

        using HttpResponseMessage response = await fixture.Gateway.Http.SendAsync(request);
        return response.StatusCode;
    }
}
