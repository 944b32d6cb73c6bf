using Interline.Accounts;
using Interline.Books;
using Interline.Ledger;

namespace Interline.Tests.Books;

/// <summary>Who may see which calls.</summary>
public sealed class SightTests
{
    private static readonly CallRecord Own = Records.Call(1, Records.Noon, key: "k1", team: "t1", user: "u1");
    private static readonly CallRecord Mate = Records.Call(2, Records.Noon, key: "k2", team: "t1", user: "u2");
    private static readonly CallRecord OtherKey = Records.Call(3, Records.Noon, key: "k3", team: "t2", user: "u1");
    private static readonly CallRecord Master = Records.Call(4, Records.Noon);

    [Theory]
    [InlineData(Role.Admin, true, true, true, true)]
    [InlineData(Role.Viewer, true, true, true, true)]
    [InlineData(Role.TeamAdmin, true, true, true, false)]
    [InlineData(Role.User, true, false, true, false)]
    [InlineData(Role.UserViewer, true, false, true, false)]
    [InlineData(Role.Caller, true, false, false, false)]
    [InlineData(Role.Anonymous, false, false, false, false)]
    public void A_role_sees_what_is_its_own(Role role, bool own, bool mate, bool otherKey, bool master)
    {
        Sight sight = Sight.Of(new Principal { Role = role, KeyId = "k1", TeamId = "t1", UserId = "u1", AdminOf = role == Role.TeamAdmin ? ["t1"] : [] });
        (sight.Sees(Own), sight.Sees(Mate), sight.Sees(OtherKey), sight.Sees(Master)).ShouldBe((own, mate, otherKey, master));
    }

    [Theory]
    [InlineData(Role.TeamAdmin)]
    [InlineData(Role.User)]
    [InlineData(Role.UserViewer)]
    [InlineData(Role.Caller)]
    [InlineData(Role.Anonymous)]
    public void Who_stands_for_nobody_does_not_see_the_calls_of_nobody(Role role)
    {
        Sight sight = Sight.Of(new Principal { Role = role });
        sight.Sees(Master).ShouldBeFalse();
        sight.Narrow(new CallQuery()).ShouldBeNull();
    }

    [Fact]
    public void A_question_is_narrowed_to_the_own_and_one_for_anothers_is_nothing()
    {
        Sight key = Sight.Of(new Principal { Role = Role.Caller, KeyId = "k1", UserId = "u1" });
        key.Narrow(new CallQuery { Model = "m" }).ShouldBe(new CallQuery { Model = "m", KeyId = "k1" });
        key.Narrow(new CallQuery { KeyId = "k1" }).ShouldBe(new CallQuery { KeyId = "k1" });
        key.Narrow(new CallQuery { KeyId = "k2" }).ShouldBeNull();

        // Somebody else's user with the own key: the reader finds nothing, for both have to hold.
        key.Narrow(new CallQuery { UserId = "u2" }).ShouldBe(new CallQuery { UserId = "u2", KeyId = "k1" });
        Sight.Of(new Principal { Role = Role.TeamAdmin, TeamId = "t1", AdminOf = ["t1"] }).Narrow(new CallQuery { KeyId = "k9" }).ShouldBe(new CallQuery { KeyId = "k9", TeamId = "t1" });
        Sight.Of(Principal.Master).Narrow(new CallQuery { KeyId = "k9" }).ShouldBe(new CallQuery { KeyId = "k9" });
    }

    [Fact]
    public void An_admin_of_one_team_sees_with_a_key_of_another_only_its_own_calls_of_that_one()
    {
        Sight sight = Sight.Of(new Principal { Role = Role.TeamAdmin, KeyId = "k3", TeamId = "t2", UserId = "u2", AdminOf = ["t1"] });
        sight.Sees(OtherKey).ShouldBeFalse();
        sight.Sees(OtherKey with { UserId = "u2" }).ShouldBeTrue();
        sight.Sees(Mate).ShouldBeTrue();
        sight.Narrow(new CallQuery()).ShouldBe(new CallQuery { TeamId = "t1" });
        sight.Narrow(new CallQuery { TeamId = "t2" }).ShouldBe(new CallQuery { TeamId = "t2", UserId = "u2" });
        sight.Narrow(new CallQuery { TeamId = "t2", UserId = "u1" }).ShouldBeNull();
        sight.Narrow(new CallQuery { UserId = "u2" }).ShouldBe(new CallQuery { UserId = "u2" });
    }

    [Fact]
    public void An_admin_of_several_teams_sees_each_of_them()
    {
        Sight sight = Sight.Of(new Principal { Role = Role.TeamAdmin, KeyId = "k1", TeamId = "t1", AdminOf = ["t1", "t2"] });
        (sight.Sees(Own), sight.Sees(OtherKey), sight.Sees(Own with { TeamId = "t3" }), sight.Sees(Master)).ShouldBe((true, true, false, false));
        sight.Narrow(new CallQuery { Model = "m" })!.TeamIds.ShouldBe(["t1", "t2"]);
        sight.Narrow(new CallQuery { TeamId = "t2" }).ShouldBe(new CallQuery { TeamId = "t2" });
        sight.Narrow(new CallQuery { TeamId = "t3" }).ShouldBeNull();
    }
}
