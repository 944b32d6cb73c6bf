using Interline.Accounts;
using Interline.Books;
using Interline.Contents;
using Interline.Protocols.Errors;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary>What the endpoints that show the books need: the books, who asks, and names for ids.</summary>
/// <param name="gateway">The engine.</param>
/// <param name="reader">The books.</param>
/// <param name="time">The clock.</param>
public sealed class BookAccess(Gateway gateway, IUsageReader reader, TimeProvider time)
{
    /// <summary>The error where too much would have to be added up.</summary>
    internal static readonly ApiError TooMany = new(
        ErrorKind.BadRequest,
        400,
        $"No sums are kept for this combination, and there are more than {UsageBook.MostCalls} calls to add up one by one. Ask for a shorter time or with fewer filters, or export the calls (GET /v1/calls?format=csv).") { Code = "too_many_calls" };

    private readonly UsageBook _book = new(reader);

    /// <summary>The engine.</summary>
    public Gateway Gateway => gateway;

    /// <summary>The books.</summary>
    public IUsageReader Reader => reader;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Whether the books are the newest calls in memory and nothing else.</summary>
    public bool InMemory => reader is InMemoryUsageReader;

    /// <summary>Where contents of calls are kept; null if none are.</summary>
    public IContentStore? Contents { get; init; }

    /// <summary>Who asks.</summary>
    public Func<HttpContext, Principal> Who { get; init; } = static _ => Principal.Master;

    /// <summary>The id of a key that a script names by the key itself; null if there is none.</summary>
    public Func<string, string?> KeyId { get; init; } = static _ => null;

    /// <summary>A name for people of an id in a dimension: a key's alias, a team's; null if it has none.</summary>
    public Func<UsageDimension, string, string?> NameOf { get; init; } = static (_, _) => null;

    /// <summary>What the caller may see.</summary>
    /// <param name="http">The request.</param>
    public Sight SightOf(HttpContext http) => Sight.Of(Who(http));

    /// <summary>Sums what the caller may see of what is asked.</summary>
    /// <param name="http">The request.</param>
    /// <param name="query">What to sum.</param>
    /// <param name="filter">Of which calls; its times do not count.</param>
    /// <returns>The sums; null if the request was answered with an error.</returns>
    internal async ValueTask<IReadOnlyList<UsageRow>?> SumAsync(HttpContext http, UsageQuery query, CallQuery filter)
    {
        if (SightOf(http).Narrow(filter) is not { } visible)
        {
            return [];
        }

        if (await _book.SumAsync(query, visible, http.RequestAborted) is { } rows)
        {
            return rows;
        }

        await ErrorResponse.WriteAsync(http, TooMany);
        return null;
    }
}
