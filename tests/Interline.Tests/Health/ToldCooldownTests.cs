using Interline.Core.Routing;
using Interline.Testing;

namespace Interline.Tests.Health;

public class ToldCooldownTests
{
    [Fact]
    public async Task A_deployment_that_begins_to_cool_is_told_once_with_its_rest()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.Json("{}", 429));
        second.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(first).With(second);
        List<(string Id, HealthReading State)> told = [];
        engine.Gateway.OnCooled((id, state) => told.Add((id, state)));
        await engine.SendAsync(Wire.Plain);
        await engine.SendAsync(Wire.Plain);
        told.ShouldHaveSingleItem().Id.ShouldBe("d1");
        told[0].State.RateLimited.ShouldBeTrue();
        told[0].State.CoolingFor.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_deployment_another_node_tells_of_is_left_alone_until_it_has_cooled()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        second.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(first).With(second);
        (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe("d1");
        engine.Gateway.Cool("d1", TimeSpan.FromSeconds(9), rateLimited: true);
        engine.Gateway.Cool("d1", TimeSpan.FromSeconds(2), rateLimited: false);
        engine.Gateway.Cool("unknown", TimeSpan.FromSeconds(2), rateLimited: false);
        engine.State("d1").Reading.ShouldBe(new HealthReading(TimeSpan.FromSeconds(9), true));
        (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe("d2");
        engine.Time.Advance(TimeSpan.FromSeconds(9));
        (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe("d1");
    }
}
