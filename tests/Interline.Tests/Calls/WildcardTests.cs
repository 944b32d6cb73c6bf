using Interline.Calls;
using Interline.Testing;

namespace Interline.Tests.Calls;

public class WildcardTests
{
    [Fact]
    public async Task A_name_that_fits_a_pattern_is_sent_on_as_it_stands()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider, x => x with { Group = "acme/*", UpstreamModel = "*" });

        Ended ended = await engine.SendAsync("""{"model":"acme/new-model","messages":[]}""");

        ended.Record.Group.ShouldBe("acme/new-model");
        provider.Requests[0].Text.ShouldContain("\"model\":\"new-model\"");
    }

    [Fact]
    public void Matches_are_kept_up_to_a_bound_and_served_beyond_it()
    {
        using Engine engine = new Engine().With(new Uri("http://127.0.0.1:1/v1"), x => x with { Group = "acme/*", UpstreamModel = "*" });
        ActiveSnapshot snapshot = engine.Gateway.Current;

        for (int i = 0; i < 10_000; i++)
        {
            snapshot.Resolve($"acme/{i}").ShouldNotBeNull();
        }

        snapshot.Resolve("acme/0").ShouldBeSameAs(snapshot.Resolve("acme/0"));
        snapshot.Resolve("acme/9999").ShouldBeSameAs(snapshot.Resolve("acme/9999"));
        CallableGroup beyond = snapshot.Resolve("acme/one-more").ShouldNotBeNull();
        snapshot.Resolve("acme/one-more").ShouldNotBeSameAs(beyond);
        beyond.Callables[0].Health.ShouldBeSameAs(snapshot.Resolve("acme/0")!.Callables[0].Health);
        snapshot.Resolve("other/0").ShouldBeNull();
    }
}
