using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Core.Budgets;
using Interline.Protocols.Errors;

namespace Interline.Server.Accounts;

/// <summary>Reads, changes and shows documents: what all management endpoints do alike.</summary>
internal sealed class Desk(AccountServices services, AuditLog audit, TimeProvider time)
{
    private const int Tries = 5;
    private const int LongestDocument = 64 << 10;

    public AccountServices Services => services;

    public AccountBook Book => services.Book;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>A new id.</summary>
    public static string NewId() => Guid.NewGuid().ToString();

    /// <summary>Makes an account.</summary>
    /// <returns>Null, or what kept it from being made.</returns>
    public async ValueTask<ApiError?> AddAsync(ManagementCall call, string kind, string id, JsonObject document, string idField)
    {
        document["created_at"] = JsonValue.Create(Now);
        document["created_by"] = call.Who.UserId ?? call.Who.KeyId ?? "master key";
        document["updated_at"] = JsonValue.Create(Now);
        if (Write(document, out string text) is { } tooLong)
        {
            return tooLong;
        }

        (bool done, ApiError? error) = await WriteAsync([new(kind, id, text, 0)], call.Cancel);
        if (done)
        {
            audit.Note(call.Who, call.Action, kind, id);
        }

        return error ?? (done ? null : Answer.Exists(kind, idField));
    }

    /// <summary>Changes an account. The edit is made again where somebody else was faster.</summary>
    /// <param name="call">The request.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="id">Id.</param>
    /// <param name="field">Field that named it.</param>
    /// <param name="edit">Changes the document; gives an error, or null.</param>
    public async ValueTask<(JsonObject? Document, ApiError? Error)> ChangeAsync(ManagementCall call, string kind, string id, string field, Func<JsonObject, ApiError?> edit)
    {
        for (int i = 0; i < Tries; i++)
        {
            if (Book.Find(kind, id) is not { } row)
            {
                return (null, Answer.Missing(kind, field));
            }

            JsonObject document = Parse(row);
            ApiError? wrong = edit(document);
            document["updated_at"] = JsonValue.Create(Now);
            string text = "";
            wrong ??= Write(document, out text);
            if (wrong is not null)
            {
                return (null, wrong);
            }

            (bool done, ApiError? error) = await WriteAsync([new(kind, id, text, row.Revision)], call.Cancel);
            if (done)
            {
                audit.Note(call.Who, call.Action, kind, id);
                return (document, null);
            }

            if (error is not null)
            {
                return (null, error);
            }
        }

        return (null, new ApiError(ErrorKind.BadRequest, 409, $"This {kind} is being changed by others all the time. Nothing was changed; try again.") { Code = "conflict" });
    }

    /// <summary>Deletes accounts, all or none.</summary>
    public async ValueTask<ApiError?> DeleteAsync(ManagementCall call, IReadOnlyList<(string Kind, string Id)> accounts)
    {
        if (accounts.Count == 0)
        {
            return null;
        }

        (bool done, ApiError? error) = await WriteAsync([.. accounts.Select(static x => new AccountChange(x.Kind, x.Id, null, null))], call.Cancel);
        foreach ((string kind, string id) in done ? accounts : [])
        {
            audit.Note(call.Who, call.Action, kind, id);
        }

        return error;
    }

    /// <summary>A row's document; empty if it cannot be read.</summary>
    public static JsonObject Parse(AccountRow row)
    {
        try
        {
            return JsonNode.Parse(row.Document!) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>Adds to a document what it has spent and when that begins anew.</summary>
    public async ValueTask ShowSpendAsync(JsonObject to, Scope scope, CancellationToken cancel)
    {
        string? duration = to["budget_duration"] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        try
        {
            SpendReading spend = await services.Spend.ReadAsync(scope, BudgetWindowText.Read(duration, services.Book.Zone), cancel);
            to["spend"] = spend.Spent;
            to["reserved"] = spend.Reserved;
            to["budget_reset_at"] = spend.ResetsAt is { } at ? JsonValue.Create(at) : null;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            // The accounts are known without the database, what was spent is not: that is said, and never as zero.
            to["spend"] = null;
            to["budget_reset_at"] = null;
        }
    }

    /// <summary>Adds warnings, if there are any.</summary>
    public static JsonObject Warned(JsonObject to, List<string> warnings)
    {
        if (warnings.Count > 0)
        {
            to["warnings"] = Texts(warnings);
        }

        return to;
    }

    /// <summary>A list of texts.</summary>
    public static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(static x => (JsonNode)JsonValue.Create(x))];

    private static ApiError? Write(JsonObject document, out string text)
    {
        text = document.ToJsonString();
        return text.Length <= LongestDocument ? null : new(ErrorKind.BadRequest, 400, $"This account would be {text.Length} characters long; {LongestDocument} are kept at most. Put less into metadata and lists.");
    }

    private async ValueTask<(bool Done, ApiError? Error)> WriteAsync(IReadOnlyList<AccountChange> changes, CancellationToken cancel)
    {
        try
        {
            return (await Book.WriteAsync(changes, cancel) is not null, null);
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return (false, new(ErrorKind.Overloaded, 503, "The database cannot be reached: accounts cannot be changed now. Calls with known keys go on. Try again later.") { Code = "database_unavailable", RetryAfter = TimeSpan.FromSeconds(5) });
        }
    }
}
