using System.Text;
using Interline.Protocols.ByteLane;

namespace Interline.Protocols.Tests.ByteLane;

public class MultipartPeekTests
{
    private const string Type = "multipart/form-data; boundary=bo";

    [Theory]
    [InlineData(Type)]
    [InlineData("multipart/form-data; boundary=\"bo\"")]
    [InlineData("Multipart/Form-Data; charset=x; Boundary=bo; y=z")]
    public void The_model_of_a_form_is_found_and_can_be_replaced(string type)
    {
        string form = Form(("file\"; filename=\"name=\"model\".mp3", "\u0001--b\u0002"), ("model", "whisper-1"), ("language", "de"));
        MultipartPeek.Read(Encoding.UTF8.GetBytes(form), type, out RequestFacts facts).ShouldBeNull();
        facts.ModelIsJson.ShouldBeFalse();
        form.Substring(facts.ModelStart, facts.ModelLength).ShouldBe("whisper-1");
        var edits = new BodyEdits();
        JsonSplice.Model(facts, "other"u8.ToArray(), edits);
        edits.Apply(form).ShouldBe(form.Replace("whisper-1", "other", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void Whether_to_stream_is_found(string value, bool stream)
    {
        MultipartPeek.Read(Encoding.UTF8.GetBytes(Form(("stream", value), ("model", "m"))), Type, out RequestFacts facts).ShouldBeNull();
        facts.Stream.ShouldBe(stream);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=")]
    public void A_body_without_a_boundary_is_refused(string? type) =>
        MultipartPeek.Read(Encoding.UTF8.GetBytes(Form(("model", "m"))), type, out _)!.Status.ShouldBe(400);

    [Fact]
    public void A_model_that_is_too_long_is_refused() =>
        MultipartPeek.Read(Encoding.UTF8.GetBytes(Form(("model", new string('x', 600)))), Type, out _)!.Param.ShouldBe("model");

    [Fact]
    public void A_form_cut_anywhere_is_read_without_a_fault()
    {
        byte[] form = Encoding.UTF8.GetBytes(Form(("a", "1"), ("model", "m"), ("stream", "true")));
        for (int length = 0; length <= form.Length; length++)
        {
            MultipartPeek.Read(form.AsSpan(0, length), Type, out RequestFacts facts).ShouldBeNull();
            (facts.ModelStart + facts.ModelLength).ShouldBeLessThanOrEqualTo(length);
        }
    }

    private static string Form(params (string Name, string Value)[] fields) =>
        string.Concat(fields.Select(x => $"--bo\r\nContent-Disposition: form-data; name=\"{x.Name}\"\r\n\r\n{x.Value}\r\n")) + "--bo--\r\n";
}
