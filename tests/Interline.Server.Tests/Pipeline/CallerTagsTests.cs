using Interline.Server.Pipeline;

namespace Interline.Server.Tests.Pipeline;

public class CallerTagsTests
{
    [Fact]
    public void Tags_of_the_key_come_first_so_that_no_request_can_push_them_out_of_the_books() =>
        CallerRequest.Tags([.. Enumerable.Range(0, 100).Select(x => $"t{x}")], ["mine", "t5"])[..3].ShouldBe(["mine", "t5", "t0"]);

    [Fact]
    public void A_tag_that_is_said_twice_counts_once()
    {
        CallerRequest.Tags(["a", "a", "b"], []).ShouldBe(["a", "b"]);
        CallerRequest.Tags(["a", "b"], ["b"]).ShouldBe(["b", "a"]);
        CallerRequest.Tags(default, ["b"]).ShouldBe(["b"]);
        CallerRequest.Tags(["a"], []).ShouldBe(["a"]);
    }
}
