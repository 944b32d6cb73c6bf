using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Core.Budgets;

namespace Interline.Server.Accounts;

/// <summary>Rows of the endpoint table for keys, users, teams, customers, budgets, tags and models, at LiteLLM's paths.</summary>
internal static class AccountEndpoints
{
    /// <summary>The rows.</summary>
    public static IEnumerable<Endpoint> Rows(Gateway gateway, AccountServices services, AuditLog audit, TimeProvider time)
    {
        var desk = new Desk(services, audit, time);
        return [.. Keys(desk), .. Users(desk), .. Teams(desk), .. Others(desk), .. Models(gateway, desk), Get("/v1/audit", Role.Viewer, "Accounts", "The newest 1,000 changes of accounts on this node: who, what, when.", _ => AuditAsync(audit))];
    }

    private static IEnumerable<Endpoint> Keys(Desk desk)
    {
        const string Tag = "Keys";
        var keys = new KeyEndpoints(desk);
        var making = new KeyMaking(desk, keys);
        yield return Post("/key/generate", Role.User, Tag, "Makes a key; the answer shows it, once.", x => making.GenerateAsync(x));
        yield return Post("/key/service-account/generate", Role.TeamAdmin, Tag, "Makes a key of a team that belongs to no user.", x => making.GenerateAsync(x, serviceAccount: true));
        yield return Post("/key/update", Role.User, Tag, "Changes a key.", making.UpdateAsync);
        yield return Post("/key/bulk_update", Role.User, Tag, "Changes several keys, each for itself.", making.UpdateManyAsync);
        yield return Post("/key/regenerate", Role.User, Tag, "Makes a key anew; the old one stays valid for grace_period.", making.RegenerateAsync);
        yield return Post("/key/{key}/regenerate", Role.User, Tag, "Makes a key anew; the old one stays valid for grace_period.", making.RegenerateAsync);
        yield return Post("/key/delete", Role.User, Tag, "Deletes keys.", keys.DeleteAsync);
        yield return Post("/key/block", Role.TeamAdmin, Tag, "Blocks a key.", x => keys.BlockAsync(x, blocked: true));
        yield return Post("/key/unblock", Role.TeamAdmin, Tag, "Unblocks a key.", x => keys.BlockAsync(x, blocked: false));
        yield return Get("/key/info", Role.Caller, Tag, "One key: what it may and has spent. Without `key` the one that asks.", keys.InfoAsync);
        yield return Read("/v2/key/info", Role.Caller, Tag, "Several keys.", keys.ManyAsync);
        yield return Get("/key/list", Role.Caller, Tag, "Keys the caller may see, by pages.", keys.ListAsync);
        yield return Get("/key/aliases", Role.Caller, Tag, "Aliases of the keys the caller may see.", keys.AliasesAsync);
    }

    private static IEnumerable<Endpoint> Users(Desk desk)
    {
        const string Tag = "Users";
        var users = new UserEndpoints(desk, new KeyMaking(desk, new KeyEndpoints(desk)));
        yield return Post("/user/new", Role.Admin, Tag, "Makes a user, and a key for it.", users.NewAsync);
        yield return Post("/user/update", Role.User, Tag, "Changes a user; users themselves their name and metadata.", users.UpdateAsync);
        yield return Post("/user/delete", Role.Admin, Tag, "Deletes users and their keys.", users.DeleteAsync);
        yield return Get("/user/info", Role.Caller, Tag, "One user with its keys and teams.", users.InfoAsync);
        yield return Get("/user/list", Role.Viewer, Tag, "All users, by pages.", users.ListAsync);
        yield return Get("/user/available_roles", Role.Caller, Tag, "Roles users can have.", _ => UserEndpoints.RolesAsync());
    }

    private static IEnumerable<Endpoint> Teams(Desk desk)
    {
        const string Tag = "Teams";
        var teams = new TeamEndpoints(desk);
        var members = new TeamMembers(desk, teams);
        yield return Post("/team/new", Role.Admin, Tag, "Makes a team.", teams.NewAsync);
        yield return Post("/team/update", Role.TeamAdmin, Tag, "Changes a team; its own admins its name and metadata.", teams.UpdateAsync);
        yield return Post("/team/delete", Role.Admin, Tag, "Deletes teams and their keys.", teams.DeleteAsync);
        yield return Get("/team/info", Role.Caller, Tag, "One team with its keys and members.", teams.InfoAsync);
        yield return Get("/team/list", Role.Caller, Tag, "Teams the caller may see.", teams.ListAsync);
        yield return Post("/team/member_add", Role.TeamAdmin, Tag, "Adds members to a team.", members.AddAsync);
        yield return Post("/team/member_update", Role.TeamAdmin, Tag, "Changes a member's role and limits.", members.UpdateAsync);
        yield return Post("/team/member_delete", Role.TeamAdmin, Tag, "Takes a member out of a team, and its keys of that team.", members.DeleteAsync);
        yield return Post("/team/block", Role.Admin, Tag, "Blocks a team's keys.", x => teams.BlockAsync(x, blocked: true));
        yield return Post("/team/unblock", Role.Admin, Tag, "Unblocks a team's keys.", x => teams.BlockAsync(x, blocked: false));
        yield return Post("/team/model/add", Role.Admin, Tag, "Adds models to a team's list.", x => teams.ModelsAsync(x, add: true));
        yield return Post("/team/model/delete", Role.Admin, Tag, "Takes models off a team's list.", x => teams.ModelsAsync(x, add: false));
    }

    private static IEnumerable<Endpoint> Others(Desk desk)
    {
        var customers = new SimpleEndpoints(desk, AccountKinds.Customer, "user_id", FieldTable.Customer, ScopeKind.Customer);
        foreach (string path in (string[])["/customer", "/end_user"])
        {
            const string Tag = "Customers";
            yield return Post(path + "/new", Role.Admin, Tag, "Makes a customer (end user).", x => customers.NewAsync(x));
            yield return Post(path + "/update", Role.Admin, Tag, "Changes a customer.", customers.UpdateAsync);
            yield return Post(path + "/delete", Role.Admin, Tag, "Deletes customers.", x => customers.DeleteAsync(x, "user_id", "user_ids"));
            yield return Get(path + "/info", Role.Viewer, Tag, "One customer.", x => customers.InfoAsync(x, "end_user_id"));
            yield return Get(path + "/list", Role.Viewer, Tag, "Customers that have an entry.", customers.ListAsync);
            yield return Post(path + "/block", Role.Admin, Tag, "Blocks customers.", x => customers.BlockAsync(x, blocked: true));
            yield return Post(path + "/unblock", Role.Admin, Tag, "Unblocks customers.", x => customers.BlockAsync(x, blocked: false));
        }

        var budgets = new SimpleEndpoints(desk, AccountKinds.Budget, "budget_id", FieldTable.Budget, scope: null);
        yield return Post("/budget/new", Role.Admin, "Budgets", "Makes a budget that accounts can share.", x => budgets.NewAsync(x, makesId: true));
        yield return Post("/budget/update", Role.Admin, "Budgets", "Changes a budget.", budgets.UpdateAsync);
        yield return Post("/budget/delete", Role.Admin, "Budgets", "Deletes a budget nobody uses.", x => budgets.DeleteAsync(x, "id", "ids"));
        yield return Read("/budget/info", Role.Viewer, "Budgets", "Several budgets.", x => budgets.ManyAsync(x, "budgets"));
        yield return Get("/budget/list", Role.Viewer, "Budgets", "All budgets.", budgets.ListAsync);

        var tags = new SimpleEndpoints(desk, AccountKinds.Tag, "name", FieldTable.Tag, ScopeKind.Tag);
        yield return Post("/tag/new", Role.Admin, "Tags", "Gives a tag terms.", x => tags.NewAsync(x));
        yield return Post("/tag/update", Role.Admin, "Tags", "Changes a tag's terms.", tags.UpdateAsync);
        yield return Post("/tag/delete", Role.Admin, "Tags", "Takes a tag's terms away.", x => tags.DeleteAsync(x, "name", "names"));
        yield return Read("/tag/info", Role.Viewer, "Tags", "Several tags.", x => tags.ManyAsync(x, "names", byName: true));
        yield return Get("/tag/list", Role.Viewer, "Tags", "Tags that have terms.", tags.ListAsync);
    }

    private static IEnumerable<Endpoint> Models(Gateway gateway, Desk desk)
    {
        // Not "Models": that tag is of what clients of the models themselves ask for.
        const string Tag = "Deployments";
        var admin = new ModelAdminEndpoints(gateway, desk);
        var info = new ModelInfoEndpoints(gateway, desk.Book);
        yield return Post("/model/new", Role.Admin, Tag, "Adds a deployment at run time.", admin.NewAsync);
        yield return Post("/model/update", Role.Admin, Tag, "Changes a deployment of run time.", admin.UpdateAsync);
        yield return Post("/model/delete", Role.Admin, Tag, "Takes a deployment of run time away.", admin.DeleteAsync);
        yield return Get("/model/info", Role.Caller, Tag, "Deployments of the models a caller may ask for.", info.ModelsAsync);
        yield return Get("/v1/model/info", Role.Caller, Tag, "Deployments of the models a caller may ask for.", info.ModelsAsync);
        yield return Get("/model_group/info", Role.Caller, Tag, "Groups of the models a caller may ask for.", info.GroupsAsync);
    }

    private static ValueTask<Answer> AuditAsync(AuditLog audit) => new(new JsonObject
    {
        ["changes"] = new JsonArray([.. audit.Newest.Reverse().Select(static x => (JsonNode)new JsonObject { ["at"] = JsonValue.Create(x.At), ["key"] = x.Key, ["user_id"] = x.UserId, ["action"] = x.Action, ["kind"] = x.Kind, ["id"] = x.Id })]),
    });

    private static Endpoint Get(string path, Role role, string tag, string summary, Func<ManagementCall, ValueTask<Answer>> handle) =>
        new() { Method = "GET", Path = path, Role = role, Tag = tag, Summary = summary, Handle = ManagementCall.Handler(path, handle) };

    private static Endpoint Post(string path, Role role, string tag, string summary, Func<ManagementCall, ValueTask<Answer>> handle) =>
        new() { Method = "POST", Path = path, Role = role, Tag = tag, Summary = summary, Handle = ManagementCall.Handler(path, handle) };

    /// <summary>A POST that changes nothing.</summary>
    private static Endpoint Read(string path, Role role, string tag, string summary, Func<ManagementCall, ValueTask<Answer>> handle) =>
        Post(path, role, tag, summary, handle) with { ReadsOnly = true };
}
