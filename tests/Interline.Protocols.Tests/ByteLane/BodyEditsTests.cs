using System.Text;
using Interline.Protocols.ByteLane;

namespace Interline.Protocols.Tests.ByteLane;

public class BodyEditsTests
{
    private const string Body = "0123456789";

    [Fact]
    public void Without_edits_the_body_stays() => new BodyEdits().Apply(Body).ShouldBe(Body);

    [Theory]
    [InlineData(0, 1, 2, 3)]
    [InlineData(3, 2, 1, 0)]
    [InlineData(2, 0, 3, 1)]
    [InlineData(1, 3, 0, 2)]
    public void Edits_come_in_any_order(params int[] order)
    {
        BodyEdit[] edits = [Edit(0, 1, "A"), Edit(2, 0, "insert"), Edit(4, 3, ""), Edit(10, 0, "end")];
        var all = new BodyEdits();
        foreach (int i in order)
        {
            all.Add(edits[i]);
        }

        all.Count.ShouldBe(4);
        all.Apply(Body).ShouldBe("A1insert23789end");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Text_put_in_where_something_is_taken_out_stands_before_it(bool insertFirst)
    {
        var all = new BodyEdits();
        all.Add(insertFirst ? Edit(3, 0, "in") : Edit(3, 2, "out"));
        all.Add(insertFirst ? Edit(3, 2, "out") : Edit(3, 0, "in"));
        all.Apply(Body).ShouldBe("012inout56789");
    }

    [Fact]
    public void Insertions_at_one_place_keep_the_order_they_were_added_in()
    {
        var all = new BodyEdits();
        all.Add(Edit(5, 0, "a"));
        all.Add(Edit(5, 0, "b"));
        all.Add(Edit(5, 1, "X"));
        all.Add(Edit(5, 0, "c"));
        all.Apply(Body).ShouldBe("01234abcX6789");
    }

    private static BodyEdit Edit(int start, int length, string text) => new(start, length, Encoding.UTF8.GetBytes(text));
}
