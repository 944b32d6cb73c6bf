using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Interline.Books;
using Interline.Books.Export;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Tests.Books;

/// <summary>Rows as CSV and as JSON.</summary>
public sealed class RowsTests
{
    private static readonly ImmutableArray<Column<string>> Texts = [new("text", ColumnKind.Text, x => x)];

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a\r\nb", "\"a\r\nb\"")]
    [InlineData("häns 猫", "häns 猫")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("=\"a,b\"", "\"'=\"\"a,b\"\"\"")]
    [InlineData("a=1", "a=1")]
    public void A_text_is_quoted_by_RFC_4180_and_is_no_formula(string text, string cell) => Csv(Texts, text).ShouldBe(cell + "\r\n");

    [Fact]
    public void Any_text_comes_back_from_CSV()
    {
        const string Letters = "a=,\"\r\n;'@-+\t猫 ";
        var random = new Seeded(11);
        for (int round = 0; round < 2000; round++)
        {
            string[] row = [.. Enumerable.Range(0, 3).Select(_ => new string([.. Enumerable.Range(0, (int)(random.Next() % 6)).Select(_ => Letters[(int)(random.Next() % (ulong)Letters.Length)])]))];
            ImmutableArray<Column<string[]>> columns = [.. Enumerable.Range(0, 3).Select(i => new Column<string[]>("c" + i, ColumnKind.Text, x => x[i]))];
            string[] read = Parse(Csv(columns, row));
            read.ShouldBe(row.Select(x => "=+-@\t\r".Contains(x.FirstOrDefault('x'), StringComparison.Ordinal) ? "'" + x : x));
        }
    }

    [Fact]
    public void A_call_is_a_row_of_CSV()
    {
        var call = new StoredCall("0a", Records.Call(1, Records.Noon, 0.000001m, key: "k", customer: "=HYPERLINK(1)", tags: ["a", "b"]));
        var output = new ArrayBufferWriter<byte>();
        CsvRows.WriteHead(output, CallColumns.All);
        string head = Encoding.UTF8.GetString(output.WrittenSpan);
        head.ShouldBe(
            "id,time,operation,model_group,provider,model,deployment,status,error,finish,stream,key,team,user,customer,tags,input_tokens,cache_read_tokens,cache_write_tokens,cache_write_1h_tokens,"
            + "input_audio_tokens,input_image_tokens,output_tokens,reasoning_tokens,output_audio_tokens,output_image_tokens,total_tokens,estimated,upstream_cost_usd,list_price_usd,billed_price_usd,"
            + "price_source,price_version,plan_version,attempts,retries,fallbacks,duration_ms,first_byte_ms,configuration\r\n");
        Csv(CallColumns.All, call).ShouldBe(
            "0a,2026-11-20T12:00:00.0000000Z,openai.chat,gpt,openai,gpt-2026,d1,200,,,false,k,,,'=HYPERLINK(1),a;b,100,20,0,0,0,0,10,0,0,0,130,false,0.000001,0.000002,0.000003,,,,0,0,0,1500.000,,v1\r\n");
    }

    [Fact]
    public void A_call_is_a_line_of_JSON_with_money_as_text()
    {
        var call = new StoredCall("0a", Records.Call(1, Records.Noon, null, tags: ["a\n", "=b"], error: ErrorKind.RateLimit));
        var output = new ArrayBufferWriter<byte>();
        JsonRows.WriteLine(output, CallColumns.All, call);
        string text = Encoding.UTF8.GetString(output.WrittenSpan);
        text.ShouldEndWith("}\n");
        text.Count(x => x == '\n').ShouldBe(1);
        JsonElement json = JsonDocument.Parse(text).RootElement;
        json.EnumerateObject().Select(x => x.Name).ShouldBe(CallColumns.All.Select(x => x.Name));
        json.GetProperty("error").GetString().ShouldBe("rate_limit");
        json.GetProperty("tags").EnumerateArray().Select(x => x.GetString()).ShouldBe(["a\n", "=b"]);
        json.GetProperty("status").GetInt32().ShouldBe(500);
        json.GetProperty("input_tokens").ValueKind.ShouldBe(JsonValueKind.Null);
        json.GetProperty("billed_price_usd").ValueKind.ShouldBe(JsonValueKind.Null);
        output.ResetWrittenCount();
        JsonRows.WriteLine(output, UsageColumns.All, new UsageRow { BilledPrice = 0.00000000000000000001m, Calls = 2 });
        JsonElement usage = JsonDocument.Parse(output.WrittenMemory).RootElement;
        usage.GetProperty("billed_price_usd").GetString().ShouldBe("0.00000000000000000001");
        usage.GetProperty("calls").GetInt64().ShouldBe(2);
    }

    private static string Csv<T>(ImmutableArray<Column<T>> columns, T row)
    {
        var output = new ArrayBufferWriter<byte>();
        CsvRows.Write(output, columns, row);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>One record by RFC 4180.</summary>
    private static string[] Parse(string text)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted)
            {
                bool pair = c == '"' && i + 1 < text.Length && text[i + 1] == '"';
                quoted = c != '"' || pair;
                i += pair ? 1 : 0;
                cell.Append(quoted ? c.ToString() : "");
            }
            else if (c == '"')
            {
                quoted = true;
            }
            else if (c == ',' || (c == '\r' && i == text.Length - 2))
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (i < text.Length - 1)
            {
                cell.Append(c);
            }
        }

        return [.. cells];
    }
}
