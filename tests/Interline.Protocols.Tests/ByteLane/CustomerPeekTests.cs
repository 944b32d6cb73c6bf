using System.Text;
using Interline.Protocols.ByteLane;

namespace Interline.Protocols.Tests.ByteLane;

/// <summary>Where requests name the customer.</summary>
public sealed class CustomerPeekTests
{
    [Theory]
    [InlineData("""{"model":"m","user":"ann"}""", "ann")]
    [InlineData("""{"model":"m","safety_identifier":"ben"}""", "ben")]
    [InlineData("""{"model":"m","metadata":{"user_id":"cat"}}""", "cat")]
    [InlineData("""{"model":"m","metadata":{"a":{"user_id":"inner"},"b":[1],"user_id":"dan"}}""", "dan")]
    [InlineData("""{"model":"m","metadata":{"a":{"user_id":"inner"}}}""", null)]
    [InlineData("""{"model":"m","metadata":"\"user_id\""}""", null)]
    [InlineData("""{"safety_identifier":"ben","user":"ann","metadata":{"user_id":"cat"}}""", "ann")]
    [InlineData("""{"user":"ann","safety_identifier":"ben"}""", "ann")]
    [InlineData("""{"user":"\u00e4nn"}""", "änn")]
    [InlineData("""{"user":7}""", null)]
    [InlineData("""{"user":null,"safety_identifier":"ben"}""", "ben")]
    [InlineData("""{"user":{"id":"x"}}""", null)]
    [InlineData("""{"user":""}""", null)]
    [InlineData("""{"model":"m"}""", null)]
    public void The_customer_is_read_where_it_stands(string body, string? customer)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        JsonPeek.Read(bytes, null, objects: false, out RequestFacts facts).ShouldBeNull();
        facts.ReadCustomer(bytes).ShouldBe(customer);
    }
}
