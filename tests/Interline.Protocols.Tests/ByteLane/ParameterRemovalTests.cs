using System.Text;
using System.Text.Json.Nodes;
using Interline.Protocols.ByteLane;

namespace Interline.Protocols.Tests.ByteLane;

public class ParameterRemovalTests
{
    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":1,\"b\":\"x,y\"}")]
    [InlineData("{ \"a\" : [1,2] , \"b\" : {\"c\":{}} , \"c\" : null }")]
    [InlineData("{\"a\":\"}\",\"b\":true,\"c\":\"\\\"\",\"d\":[]}")]
    [InlineData("{\n  \"a\": 1,\n  \"b\": 2.50,\n  \"c\": {\n    \"a\": 1\n  },\n  \"d\": 4,\n  \"e\": \"é\"\n}\n")]
    public void Every_subset_of_the_properties_can_go(string body)
    {
        JsonObject whole = JsonNode.Parse(body)!.AsObject();
        string[] names = [.. whole.Select(x => x.Key)];
        for (int mask = 0; mask < 1 << names.Length; mask++)
        {
            HashSet<string> gone = [.. names.Where((_, i) => (mask >> i & 1) == 1)];
            JsonObject expected = JsonNode.Parse(body)!.AsObject();
            foreach (string name in gone)
            {
                expected.Remove(name);
            }

            string result = Remove(body, gone).Apply(body);
            JsonNode.DeepEquals(JsonNode.Parse(result), expected).ShouldBeTrue($"{mask}: {result}");
            if (mask == 0)
            {
                result.ShouldBe(body);
            }
        }
    }

    [Theory]
    [InlineData("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}")]
    [InlineData("{ \"a\":1 , \"b\":2 , \"c\":3 , \"d\":4 }")]
    public void Removing_renaming_and_inserting_go_together(string body)
    {
        for (int mask = 0; mask < 81; mask++)
        {
            var edits = new BodyEdits();
            var removal = new ParameterRemoval(edits);
            var at = new JsonParameters(Encoding.UTF8.GetBytes(body));
            var expected = new JsonObject { ["first"] = 0 };
            int digits = mask;
            int value = 1;
            bool any = false;
            while (at.MoveNext())
            {
                int action = digits % 3;
                digits /= 3;
                if (action == 0)
                {
                    removal.Remove(at);
                }
                else
                {
                    any = true;
                    removal.Keep(at);
                    string name = action == 1 ? at.Name : at.Name + "2";
                    if (action == 2)
                    {
                        edits.Add(at.Rename(name));
                    }

                    expected[name] = value;
                }

                value++;
            }

            removal.End();
            JsonPeek.Read(Encoding.UTF8.GetBytes(body), null, false, out RequestFacts facts).ShouldBeNull();
            if (!any)
            {
                continue;
            }

            JsonSplice.Insert(facts, "first", "0", edits);
            string result = edits.Apply(body);
            JsonNode.DeepEquals(JsonNode.Parse(result), expected).ShouldBeTrue($"{mask}: {result}");
        }
    }

    [Fact]
    public void A_default_put_in_where_every_property_goes_leaves_a_proper_object()
    {
        // The model is always among the properties that stay or that are put in, so this is the smallest case there is.
        const string Body = "{\"model\":\"m\",\"a\":1,\"b\":2}";
        JsonPeek.Read(Encoding.UTF8.GetBytes(Body), null, false, out RequestFacts facts).ShouldBeNull();
        BodyEdits edits = Remove(Body, ["a", "b"]);
        JsonSplice.Insert(facts, "c", "3", edits);
        edits.Apply(Body).ShouldBe("{\"c\":3,\"model\":\"m\"}");
    }

    private static BodyEdits Remove(string body, HashSet<string> gone)
    {
        var edits = new BodyEdits();
        var removal = new ParameterRemoval(edits);
        var at = new JsonParameters(Encoding.UTF8.GetBytes(body));
        while (at.MoveNext())
        {
            if (gone.Contains(at.Name))
            {
                removal.Remove(at);
            }
            else
            {
                removal.Keep(at);
            }
        }

        removal.End();
        return edits;
    }
}
