using Interline.Accounts;
using Interline.Books;
using Interline.Contents;
using Interline.Protocols.Errors;
using Interline.Server.Endpoints;
using Interline.Server.Errors;
using Interline.Storage.Databases;

namespace Interline.Server.Spend;

/// <summary><c>GET /v1/calls/{id}/content</c>.</summary>
internal sealed class ContentEndpoint(BookAccess books)
{
    private static readonly ApiError Unreachable = new(ErrorKind.Overloaded, 503, "The database cannot be reached: contents of calls cannot be read now. Try again later.") { Code = "database_unavailable", RetryAfter = TimeSpan.FromSeconds(5) };

    public async Task GetAsync(HttpContext http, string? id)
    {
        if (books.Contents is not { } store)
        {
            await ErrorResponse.WriteAsync(http, new ApiError(ErrorKind.BadRequest, 404, "The content of calls is not kept here. general_settings.content_log turns it on.") { Code = "content_not_kept" });
            return;
        }

        Principal principal = books.Who(http);
        StoredContent? content;
        try
        {
            content = await store.FindAsync(id!.ToLowerInvariant(), http.RequestAborted);
        }
        catch (DatabaseUnavailableException)
        {
            await ErrorResponse.WriteAsync(http, Unreachable);
            return;
        }

        // A viewer may see every figure, but what was said is the owner's.
        if (content is null || principal.Role == Role.Viewer || !Sight.Of(principal).Sees(content.KeyId, content.TeamId, content.UserId))
        {
            await ErrorResponse.WriteAsync(http, new ApiError(ErrorKind.BadRequest, 404, "No content is kept of a call with this id: it was not in the sample, its caller asked for none, or it is too old.") { Code = "content_not_found", Param = "id" });
            return;
        }

        await JsonResponse.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("id"u8, content.Id);
            json.WriteString("time"u8, content.StartedAt.UtcDateTime);
            json.WriteNumber("request_bytes"u8, content.RequestBytes);
            json.WriteString("request"u8, content.Request);
            json.WriteNumber("answer_bytes"u8, content.AnswerBytes);
            json.WriteString("answer"u8, content.Answer);
            json.WriteEndObject();
        });
    }
}
