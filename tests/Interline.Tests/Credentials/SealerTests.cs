using Interline.Core.Configuration;
using Interline.Credentials;

namespace Interline.Tests.Credentials;

public class SealerTests
{
    private const string Here = "credential openai host api.openai.com";

    private static readonly Secret Old = new("the-first-master-secret");
    private static readonly Secret New = new("the-second-master-secret");
    private static readonly Sealer First = new(Old);

    [Theory]
    [InlineData("sk-secret")]
    [InlineData("")]
    [InlineData("ü\n\"'🗝")]
    public void What_was_sealed_opens_for_what_it_was_sealed_for(string secret)
    {
        string text = First.Seal(secret, Here);
        First.Unseal(text, Here).ShouldBe(secret);
        new Sealer(Old).Unseal(text, Here).ShouldBe(secret);
        secret.Length.ShouldBe(First.Unseal(text, Here)!.Length);
    }

    [Fact]
    public void It_does_not_open_for_anything_else()
    {
        string text = First.Seal("sk-secret", Here);
        First.Unseal(text, "credential openai host evil.example").ShouldBeNull();
        First.Unseal(text, "").ShouldBeNull();
    }

    [Fact]
    public void Nothing_of_the_secret_is_in_the_text_and_no_two_texts_are_alike()
    {
        string text = First.Seal("sk-secret", Here);
        text.ShouldStartWith("v1:" + First.KeyId + ":");
        text.ShouldNotContain("secret");
        text.ShouldNotBe(First.Seal("sk-secret", Here));
    }

    [Fact]
    public void A_text_with_any_sign_changed_taken_out_or_added_does_not_open()
    {
        string text = First.Seal("sk-secret", Here);
        for (int i = 0; i < text.Length; i++)
        {
            foreach (char other in "AB01:_-z=\n ")
            {
                if (text[i] != other)
                {
                    First.Unseal(text[..i] + other + text[(i + 1)..], Here).ShouldBeNull($"sign {i} as {other}");
                }
            }

            First.Unseal(text.Remove(i, 1), Here).ShouldBeNull($"without sign {i}");
        }

        First.Unseal(text + "A", Here).ShouldBeNull();
        First.Unseal(text + "=", Here).ShouldBeNull();
        First.Unseal("", Here).ShouldBeNull();
    }

    [Fact]
    public void Parts_of_two_texts_do_not_open_together()
    {
        string[] one = First.Seal("one", Here).Split(':');
        string[] two = First.Seal("two", Here).Split(':');
        for (int i = 2; i < one.Length; i++)
        {
            string[] mixed = [.. one];
            mixed[i] = two[i];
            First.Unseal(string.Join(':', mixed), Here).ShouldBeNull();
        }
    }

    [Fact]
    public void Another_master_secret_does_not_open_it_and_has_another_id()
    {
        var other = new Sealer(New);
        other.KeyId.ShouldNotBe(First.KeyId);
        other.Unseal(First.Seal("sk-secret", Here), Here).ShouldBeNull();
    }

    [Fact]
    public void The_master_secret_is_changed_by_sealing_the_keys_anew()
    {
        string old = First.Seal("sk-secret", Here);
        var both = new Sealer(New, Old);
        both.Unseal(old, Here).ShouldBe("sk-secret");
        string anew = both.Rewrap(old).ShouldNotBeNull();
        new Sealer(New).Unseal(anew, Here).ShouldBe("sk-secret");
        new Sealer(New).Unseal(anew, Here + "x").ShouldBeNull();
        First.Unseal(anew, Here).ShouldBeNull();
        both.Rewrap(anew).ShouldBe(anew);
        new Sealer(New).Rewrap(old).ShouldBeNull();
        both.Rewrap("v1:nothing").ShouldBeNull();
    }

    [Fact]
    public void A_short_master_secret_is_refused_without_being_shown() =>
        Should.Throw<ArgumentException>(() => new Sealer(new Secret("sk-1234"))).Message.ShouldNotContain("1234");
}
