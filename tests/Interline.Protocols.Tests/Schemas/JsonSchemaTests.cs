using System.Text.Json;

namespace Interline.Protocols.Tests.Schemas;

public sealed class JsonSchemaTests
{
    private static List<string> Problems(string schema, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. new JsonSchema(schema).Check(document.RootElement).Select(p => p.ToString())];
    }

    [Theory]
    [InlineData("""{"type":"string"}""", "\"a\"", "1")]
    [InlineData("""{"type":"integer"}""", "1.0", "1.5")]
    [InlineData("""{"type":"number"}""", "1.5", "\"1\"")]
    [InlineData("""{"type":"boolean"}""", "false", "null")]
    [InlineData("""{"type":"null"}""", "null", "{}")]
    [InlineData("""{"type":["string","integer"]}""", "7", "[]")]
    [InlineData("""{"const":"a"}""", "\"a\"", "\"b\"")]
    [InlineData("""{"enum":["a",1]}""", "1", "2")]
    [InlineData("""{"required":["a"]}""", """{"a":null}""", "{}")]
    [InlineData("""{"properties":{"a":{"type":"null"}}}""", """{"b":1}""", """{"a":1}""")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"a":1}""", """{"b":1}""")]
    [InlineData("""{"additionalProperties":{"type":"string"}}""", """{"a":"b"}""", """{"a":1}""")]
    [InlineData("""{"items":{"minimum":2}}""", "[2,3]", "[2,1]")]
    [InlineData("""{"maximum":2}""", "2", "2.1")]
    [InlineData("""{"exclusiveMinimum":0}""", "0.1", "0")]
    [InlineData("""{"exclusiveMaximum":1}""", "0.9", "1")]
    [InlineData("""{"minItems":1}""", "[1]", "[]")]
    [InlineData("""{"maxItems":1}""", "[1]", "[1,2]")]
    [InlineData("""{"minLength":2}""", "\"ab\"", "\"\\ud83d\\ude00\"")]
    [InlineData("""{"maxLength":1}""", "\"\\ud83d\\ude00\"", "\"ab\"")]
    [InlineData("""{"pattern":"^[a-z]+$"}""", "\"ab\"", "\"a-b\"")]
    [InlineData("""{"anyOf":[{"type":"string"},{"minimum":3,"type":"number"}]}""", "3", "2")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "1.5", "1")]
    [InlineData("""{"$ref":"#/$defs/A","$defs":{"A":{"properties":{"a":{"$ref":"#/$defs/A"}},"additionalProperties":false}}}""", """{"a":{"a":{}}}""", """{"a":{"a":{"b":1}}}""")]
    public void Each_keyword_lets_the_good_pass_and_finds_the_bad(string schema, string good, string bad)
    {
        Problems(schema, good).ShouldBeEmpty();
        Problems(schema, bad).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_keyword_that_is_not_known_is_an_error() =>
        Should.Throw<NotSupportedException>(() => new JsonSchema("""{"properties":{"a":{"items":{"multipleOf":2}}}}"""));

    [Fact]
    public void Where_no_branch_fits_the_nearest_one_is_told_by_its_tag() =>
        Problems(
            """
            {"items":{"oneOf":[{"$ref":"#/$defs/Cat"},{"$ref":"#/$defs/Dog"},{"type":"string"}]},"$defs":{
              "Cat":{"type":"object","properties":{"kind":{"const":"cat"}},"required":["kind"],"additionalProperties":false},
              "Dog":{"type":"object","properties":{"kind":{"const":"dog"},"age":{"type":"integer"},"name":{"type":"string"}},"required":["kind","name"],"additionalProperties":false}}}
            """,
            """[{"kind":"dog","age":"old"}]""")
        .ShouldBe(["[0]: must have name (as Dog)", "[0].age: must be \"integer\", but is \"old\" (as Dog)"]);
}
