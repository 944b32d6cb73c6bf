using Interline.Storage.Databases;

namespace Interline.Storage.Tests.Databases;

public sealed class DatabaseUrlTests
{
    [Fact]
    public void A_url_is_taken_apart()
    {
        var url = DatabaseUrl.Parse("postgres://an%40a:p%2Fw%25@db.internal:6000/led%20ger?sslmode=require&connection_limit=7");
        url.Dialect.ShouldBe(SqlDialect.Postgres);
        (url.Host, url.Port, url.User, url.Password, url.Name).ShouldBe(("db.internal", 6000, "an@a", "p/w%", "led ger"));
        url.Options["SSLMODE"].ShouldBe("require");
        url.Shown.ShouldBe("postgresql://an@a:***@db.internal:6000/led ger");
    }

    [Theory]
    [InlineData("postgresql://u:se/c#ret@h/n", "se/c#ret")]
    [InlineData("postgresql://u:sec@ret@h/n", "sec@ret")]
    public void A_password_with_signs_that_should_have_been_encoded_is_understood(string url, string password)
    {
        DatabaseUrl.Parse(url).Password.ShouldBe(password);
        DatabaseUrl.Parse(url).Host.ShouldBe("h");
    }

    [Fact]
    public void An_address_of_version_6_keeps_its_colons() => DatabaseUrl.Parse("postgresql://u@[::1]:6000/n").Host.ShouldBe("::1");

    [Theory]
    [InlineData("sqlite:///var/lib/x.db", "/var/lib/x.db")]
    [InlineData("sqlite:x.db", "x.db")]
    [InlineData("file:x.db", "x.db")]
    [InlineData("data/x.db", "data/x.db")]
    public void A_file_is_for_sqlite(string url, string file)
    {
        var parsed = DatabaseUrl.Parse(url);
        parsed.Dialect.ShouldBe(SqlDialect.Sqlite);
        parsed.File.ShouldBe(file);
    }

    [Theory]
    [InlineData("mysql://u:hidden@h/n", "no kind that is known")]
    [InlineData("sqlite://x.db", "three slashes")]
    [InlineData("sqlite::memory:", "outlive")]
    [InlineData("", "file")]
    [InlineData("postgresql://u:hidden@h", "name")]
    [InlineData("postgresql://u:hidden@h:port/n", "port")]
    [InlineData("postgresql://u:hid?den@h/n", "%3F")]
    [InlineData("postgresql://u:hidden@a,b/n", "one host")]
    public void What_is_no_url_is_refused_without_showing_a_password(string url, string because)
    {
        DatabaseException error = Should.Throw<DatabaseException>(() => DatabaseUrl.Parse(url));
        error.Message.ShouldContain(because);
        error.Message.ShouldNotContain("hid");
    }

    [Theory]
    [InlineData("sslmode=sometimes")]
    [InlineData("connection_limit=0")]
    [InlineData("connection_limit=x")]
    [InlineData("conection_limit=3")]
    public void An_option_that_is_wrong_or_unknown_is_refused(string option)
    {
        DatabaseException error = Should.Throw<DatabaseException>(() => Database.Open("postgresql://u:hidden@h/n?" + option, TimeProvider.System));
        error.Message.ShouldContain(option.Split('=')[0]);
        error.Message.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task Options_of_prisma_are_understood()
    {
        await using Database database = Database.Open(
            "postgresql://u:p@h/n?connection_limit=5&pool_timeout=20&schema=public&pgbouncer=true&sslmode=verify-full&connect_timeout=3", TimeProvider.System);
        database.Shown.ShouldBe("postgresql://u:***@h:5432/n");
    }
}
