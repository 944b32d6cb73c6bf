using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Core.Budgets;
using Interline.Protocols.Errors;

namespace Interline.Server.Accounts;

/// <summary>LiteLLM's <c>/customer/*</c>, <c>/budget/*</c> and <c>/tag/*</c>: accounts of which admins alone make and change any.</summary>
/// <param name="desk">Documents.</param>
/// <param name="kind">Kind of account.</param>
/// <param name="idField">Field its id stands in.</param>
/// <param name="fields">Its fields.</param>
/// <param name="scope">What its spend is counted as; null if it has none of its own.</param>
internal sealed class SimpleEndpoints(Desk desk, string kind, string idField, FieldTable fields, ScopeKind? scope)
{
    private const int MostAtOnce = 500;

    /// <summary>Makes one.</summary>
    /// <param name="call">The request.</param>
    /// <param name="makesId">Whether an id is made where none is given.</param>
    public async ValueTask<Answer> NewAsync(ManagementCall call, bool makesId = false)
    {
        string id = call.Text(idField) ?? (makesId ? Desk.NewId() : "");
        var warnings = new List<string>();
        JsonObject document = [];
        ApiError? error = Field.IdReason(id) is { } reason ? Answer.Bad(idField, reason) : null;
        error ??= fields.Lay(call.Body, FieldRight.Admin, document, warnings);
        error ??= await desk.AddAsync(call, kind, id, document, idField);
        return error is not null ? error : Desk.Warned(View(id, document), warnings);
    }

    /// <summary>Changes one.</summary>
    public async ValueTask<Answer> UpdateAsync(ManagementCall call)
    {
        string id = call.Text(idField) ?? "";
        var warnings = new List<string>();
        (JsonObject? document, ApiError? error) = await desk.ChangeAsync(call, kind, id, idField, x =>
        {
            warnings.Clear();
            return fields.Lay(call.Body, FieldRight.Admin, x, warnings);
        });
        return error is not null ? error : Desk.Warned(View(id, document!), warnings);
    }

    /// <summary>Deletes one or several.</summary>
    /// <param name="call">The request.</param>
    /// <param name="one">Field that names one.</param>
    /// <param name="many">Field that names several.</param>
    public async ValueTask<Answer> DeleteAsync(ManagementCall call, string one, string many)
    {
        string[] ids = call.Texts(many) ?? (call.Text(one) is { } id ? [id] : []);
        if (ids.Length is 0 or > MostAtOnce)
        {
            return Answer.Bad(many, $"expected 1 to {MostAtOnce} ids");
        }

        if (ids.Any(x => desk.Book.Find(kind, x) is null))
        {
            return Answer.Missing(kind, many);
        }

        if (kind == AccountKinds.Budget && ids.FirstOrDefault(IsUsed) is { } used)
        {
            // Whoever is limited by it would have no limit at all.
            return new ApiError(ErrorKind.BadRequest, 409, $"Accounts share the budget {used}. Give them another first.") { Code = "budget_in_use", Param = many };
        }

        ApiError? error = await desk.DeleteAsync(call, [.. ids.Distinct(StringComparer.Ordinal).Select(x => (kind, x))]);
        return error is not null ? error : new JsonObject { [$"deleted_{kind}s"] = Desk.Texts(ids) };
    }

    /// <summary>One.</summary>
    public async ValueTask<Answer> InfoAsync(ManagementCall call, string query) =>
        call.Query(query) is { } id && desk.Book.Find(kind, id) is { } row ? await WithSpendAsync(call, row) : Answer.Missing(kind, query);

    /// <summary>Several, by a list in the body; those that are not there are left out.</summary>
    /// <param name="call">The request.</param>
    /// <param name="many">Field of the list.</param>
    /// <param name="byName">Whether the answer is an object by their ids, not a list.</param>
    public async ValueTask<Answer> ManyAsync(ManagementCall call, string many, bool byName = false)
    {
        if (call.Texts(many) is not { Length: > 0 and <= MostAtOnce } ids)
        {
            return Answer.Bad(many, $"expected a list of 1 to {MostAtOnce} ids");
        }

        JsonArray list = [];
        JsonObject named = [];
        foreach (AccountRow row in ids.Distinct(StringComparer.Ordinal).Select(x => desk.Book.Find(kind, x)).OfType<AccountRow>())
        {
            JsonObject view = await WithSpendAsync(call, row);
            if (byName)
            {
                named[row.Id] = view;
            }
            else
            {
                list.Add((JsonNode)view);
            }
        }

        return byName ? named : list;
    }

    /// <summary>All, 5,000 at most, in the order of their ids; <c>after</c> goes on behind one.</summary>
    public ValueTask<Answer> ListAsync(ManagementCall call)
    {
        string? after = call.Query("after");
        JsonArray all = [.. desk.Book.All(kind).Where(x => after is null || string.CompareOrdinal(x.Id, after) > 0).OrderBy(static x => x.Id, StringComparer.Ordinal).Take(5000).Select(x => (JsonNode)View(x.Id, Desk.Parse(x)))];
        return new(all);
    }

    /// <summary>Blocks several, known or not, or unblocks them.</summary>
    public async ValueTask<Answer> BlockAsync(ManagementCall call, bool blocked)
    {
        if (call.Texts("user_ids") is not { Length: > 0 and <= MostAtOnce } ids || ids.Any(static x => Field.IdReason(x) is not null))
        {
            return Answer.Bad("user_ids", $"expected a list of 1 to {MostAtOnce} customers");
        }

        foreach (string id in ids)
        {
            ApiError? error = desk.Book.Find(kind, id) is null
                ? await desk.AddAsync(call, kind, id, new JsonObject { ["blocked"] = blocked }, "user_ids")
                : (await desk.ChangeAsync(call, kind, id, "user_ids", x =>
                {
                    x["blocked"] = blocked;
                    return null;
                })).Error;
            if (error is not null)
            {
                return error;
            }
        }

        return new JsonObject { [blocked ? "blocked_users" : "unblocked_users"] = Desk.Texts(ids) };
    }

    private async ValueTask<JsonObject> WithSpendAsync(ManagementCall call, AccountRow row)
    {
        JsonObject view = View(row.Id, Desk.Parse(row));
        if (scope is { } counted)
        {
            await desk.ShowSpendAsync(view, new Scope(counted, row.Id), call.Cancel);
        }

        return view;
    }

    private JsonObject View(string id, JsonObject document)
    {
        document[idField] = id;
        if (kind == AccountKinds.Customer)
        {
            document.TryAdd("alias", null);
            document.TryAdd("blocked", false);
        }

        return document;
    }

    private bool IsUsed(string budget)
    {
        string[] kinds = [AccountKinds.Team, AccountKinds.User, AccountKinds.Customer, AccountKinds.Tag];
        return desk.Book.DefaultCustomerBudget == budget
            || desk.Book.Keys.Select(static x => x.Row).Concat(kinds.SelectMany(desk.Book.All)).Any(x => x.Document!.Contains("\"budget_id\"", StringComparison.Ordinal) && Desk.Parse(x)["budget_id"]?.GetValue<string>() == budget);
    }
}
