using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Protocols.Errors;

namespace Interline.Server.Accounts;

/// <summary>The fields of one kind of account. What is not in it cannot be set: it is named in a warning instead.</summary>
internal sealed class FieldTable
{
    private static readonly Field[] Terms =
    [
        new("max_budget", FieldType.Money), new("soft_budget", FieldType.Money), new("budget_duration", FieldType.Duration), new("budget_limits", FieldType.Budgets),
        new("model_max_budget", FieldType.BudgetMap), new("model_rpm_limit", FieldType.CountMap), new("model_tpm_limit", FieldType.CountMap),
        new("tpm_limit", FieldType.Count), new("rpm_limit", FieldType.Count), new("max_parallel_requests", FieldType.Slots),
        new("temp_budget_increase", FieldType.Money, FieldRight.Admin), new("temp_budget_expiry", FieldType.Moment, FieldRight.Admin), new("metadata", FieldType.Object),
    ];

    private readonly FrozenDictionary<string, Field> _fields;

    private FieldTable(IEnumerable<Field> fields, string kept) =>
        _fields = fields.Concat(kept.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static x => new Field(x, FieldType.Kept))).ToFrozenDictionary(static x => x.Name, StringComparer.Ordinal);

    public static FieldTable Key { get; } = new(
        [
            .. Terms, new("budget_id", FieldType.Id, FieldRight.Admin), new("key_alias", FieldType.Id), new("user_id", FieldType.Id), new("team_id", FieldType.Id), new("models", FieldType.Names),
            new("aliases", FieldType.TextMap), new("tags", FieldType.Names), new("allowed_routes", FieldType.Names), new("blocked", FieldType.Flag, FieldRight.TeamAdmin),
            new("key", FieldType.Own), new("duration", FieldType.Own), new("key_type", FieldType.Own), new("expires", FieldType.Own), new("grace_period", FieldType.Own), new("new_key", FieldType.Own),
        ],
        "config permissions guardrails policies prompts object_permission allowed_cache_controls enforced_params allowed_passthrough_routes allowed_vector_store_indexes rpm_limit_type tpm_limit_type "
        + "router_settings access_group_ids send_invite_email auto_rotate rotation_interval organization_id project_id agent_id");

    public static FieldTable Team { get; } = new(
        [
            .. Terms.Select(static x => x.Name == "metadata" ? x : x with { Right = FieldRight.Admin }), new("budget_id", FieldType.Id, FieldRight.Admin), new("team_alias", FieldType.Text),
            new("team_id", FieldType.Own), new("models", FieldType.Names, FieldRight.Admin), new("model_aliases", FieldType.TextMap, FieldRight.Admin), new("tags", FieldType.Names, FieldRight.Admin),
            new("blocked", FieldType.Flag, FieldRight.Admin), new("team_member_budget", FieldType.Money, FieldRight.Admin), new("team_member_budget_duration", FieldType.Duration, FieldRight.Admin),
            new("team_member_rpm_limit", FieldType.Count, FieldRight.Admin), new("team_member_tpm_limit", FieldType.Count, FieldRight.Admin),
            new("members_with_roles", FieldType.Own, FieldRight.Admin), new("members", FieldType.Own, FieldRight.Admin), new("admins", FieldType.Own, FieldRight.Admin),
        ],
        "organization_id guardrails policies prompts object_permission allowed_passthrough_routes secret_manager_settings rpm_limit_type tpm_limit_type team_member_permissions router_settings "
        + "access_group_ids allowed_vector_store_indexes team_member_key_duration enforced_batch_output_expires_after enforced_file_expires_after");

    public static FieldTable Member { get; } = new(
        [
            new("user_id", FieldType.Id), new("role", FieldType.Own), new("max_budget_in_team", FieldType.Money), new("budget_duration", FieldType.Duration), new("rpm_limit", FieldType.Count),
            new("tpm_limit", FieldType.Count), new("team_id", FieldType.Own), new("member", FieldType.Own), new("user_email", FieldType.Own),
        ],
        "");

    public static FieldTable User { get; } = new(
        [
            .. Terms.Select(static x => x.Name == "metadata" ? x : x with { Right = FieldRight.Admin }), new("budget_id", FieldType.Id, FieldRight.Admin), new("user_id", FieldType.Own),
            new("user_email", FieldType.Text), new("user_alias", FieldType.Text), new("user_role", FieldType.Own, FieldRight.Admin), new("models", FieldType.Names, FieldRight.Admin),
            new("blocked", FieldType.Flag, FieldRight.Admin), new("teams", FieldType.Own, FieldRight.Admin), new("auto_create_key", FieldType.Own, FieldRight.Admin),
            new("duration", FieldType.Own, FieldRight.Admin), new("key_alias", FieldType.Own, FieldRight.Admin),
        ],
        "organizations organization_id sso_user_id send_invite_email aliases config permissions guardrails policies prompts object_permission allowed_cache_controls");

    public static FieldTable Customer { get; } = new(
        [.. Terms, new("budget_id", FieldType.Id), new("user_id", FieldType.Own), new("alias", FieldType.Text), new("blocked", FieldType.Flag)],
        "allowed_model_region default_model object_permission");

    public static FieldTable Budget { get; } = new([.. Terms.Where(static x => x.Right == FieldRight.Owner), new("budget_id", FieldType.Own)], "budget_reset_at");

    public static FieldTable Tag { get; } = new(
        [.. Terms, new("budget_id", FieldType.Id), new("name", FieldType.Own), new("description", FieldType.Text)], "models model_info");

    /// <summary>Names of all fields.</summary>
    public IEnumerable<string> Names => _fields.Keys;

    /// <summary>Checks a body and lays its fields over a document.</summary>
    /// <param name="body">The body.</param>
    /// <param name="right">What the caller has a right to.</param>
    /// <param name="document">Where the fields go; a null takes one away.</param>
    /// <param name="warnings">Told about fields that are unknown or have no effect.</param>
    /// <returns>Null, or a 400 or 403; then the document is of no use.</returns>
    public ApiError? Lay(JsonElement body, FieldRight right, JsonObject document, List<string> warnings)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (JsonProperty given in body.EnumerateObject())
        {
            if (!_fields.TryGetValue(given.Name, out Field? field))
            {
                warnings.Add($"{(given.Name.Length > 100 ? given.Name[..100] : given.Name)}: not known here, or counted and not set; ignored");
                continue;
            }

            if (field.Check(given.Value) is { } reason)
            {
                return Answer.Bad(field.Name, reason);
            }

            if (field.Right > right)
            {
                return Auth.Authorization.Refuse($"`{field.Name}` can be set by {(field.Right == FieldRight.Admin ? "an admin" : "an admin of the team")} only.") with { Param = field.Name };
            }

            if (field.Type == FieldType.Kept && given.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
            {
                warnings.Add($"{field.Name}: kept, without effect here");
            }

            if (field.Type == FieldType.Own)
            {
                continue;
            }

            if (given.Value.ValueKind == JsonValueKind.Null)
            {
                document.Remove(field.Name);
            }
            else
            {
                document[field.Name] = field.Type == FieldType.Moment ? JsonValue.Create(Field.Moment(given.Value.GetString())!.Value) : JsonNode.Parse(given.Value.GetRawText());
            }
        }

        return null;
    }
}
