using Interline.Core.Catalog;
using Interline.Core.Pricing;

namespace Interline.Core.Configuration;

/// <summary>A key as the schema describes it.</summary>
/// <param name="Name">Key.</param>
/// <param name="Type">Kind of value: a word of <see cref="ConfigSchema"/>, the name of a definition, <c>[name]</c> a list of it, <c>{name}</c> a mapping to it.</param>
/// <param name="Description">What it says.</param>
internal readonly record struct SchemaKey(string Name, string Type, string Description);

/// <summary>Every key that is read. A test holds that each is, and that no key is read that stands nowhere here.</summary>
internal static class SchemaKeys
{
    public static SchemaKey[] TopLevel { get; } = Keys("""
        model_list | [model] | The deployments. Those of one model_name are a group.
        router_settings | router_settings | How calls are spread, retried and carried over.
        litellm_settings | litellm_settings | Further settings; where router_settings has the same, that wins.
        general_settings | general_settings | Settings of the server.
        environment_variables | mapping | Variables that come before those of the process.
        include | texts | Further files, relative to the first. Lists are appended, sections replaced whole.
        credential_list | [credential] | Named sets of parameters that deployments name by litellm_credential_name.
        """);

    public static SchemaKey[] ModelItem { get; } = Keys("""
        model_name | text | The name clients ask for. A star makes it a pattern.
        litellm_params | litellm_params | How it is called.
        model_info | model_info | What is known of the model.
        """);

    public static SchemaKey[] LiteLlmParams { get; } =
    [
        .. Keys("""
            model | text | provider/model.
            custom_llm_provider | text | The provider, where model does not say it.
            api_key | text | Key; else the provider's variable. Write os.environ/NAME, not the key.
            api_base | text | Absolute http or https URL; else the provider's variable, else the catalogue's.
            base_url | text | The same as api_base.
            organization | texts | OpenAI organisation; a list makes a deployment of each.
            litellm_credential_name | text | Entry of credential_list; what stands here wins over it.
            headers | mapping | Headers to add.
            extra_headers | mapping | Headers to add.
            extra_body | mapping | Parameters to add where the caller gives none.
            weight | number | Share of the traffic within the group.
            rpm | count | Requests per minute it takes; a weight where there is none.
            tpm | count | Tokens per minute it takes; a weight where there is neither.
            order | count | Lower is asked first.
            timeout | number | Seconds for a plain call in all, a stream's first event and each gap.
            stream_timeout | number | Seconds for a stream's first event and each gap.
            stream_recovery | recovery | What becomes of a stream of this group that breaks off. Not LiteLLM's.
            num_retries | count | Attempts after the first, when this deployment has failed.
            max_retries | count | The same, where num_retries is not given.
            cooldown_time | number | Seconds it cools; 0 never.
            allowed_fails | count | Failures in a minute before it cools.
            allowed_fails_policy | allowed_fails_policy | The same by class of error.
            retry_policy | retry_policy | Tries by class of error.
            max_parallel_requests | count | Calls it takes at once.
            max_budget | number | USD that may be spent in budget_duration.
            budget_duration | text | Window of max_budget: 30s, 5m, 12h, 7d, 1mo; a day if not given.
            tags | texts | Tags it serves.
            tag_regex | texts | Regular expressions tried on "User-Agent: ...".
            region_name | text | Region it stands in.
            drop_params | flag | Leave out what the provider refuses, instead of refusing the call.
            additional_drop_params | texts | Top-level parameters that are always left out.
            """),
        .. Prices(),
    ];

    public static SchemaKey[] ModelInfo { get; } =
    [
        .. Keys("""
            id | text | Id of the deployment; else a hash.
            base_model | text | Model whose facts and prices count.
            mode | text | chat, completion, embedding, responses, image_generation, audio_transcription, audio_speech, moderation, rerank.
            max_tokens | count | Most tokens of an answer, where max_output_tokens is not given.
            max_input_tokens | count | Window.
            max_output_tokens | count | Most tokens of an answer.
            supported_environments | texts | Values of LITELLM_ENVIRONMENT in which this deployment is loaded.
            """),
        .. LiteLLMCapabilities.Keys.Select(static pair => new SchemaKey(pair.Key, "flag", "Whether the model can; else the catalogue's word.")),
        .. Prices(),
    ];

    public static SchemaKey[] Router { get; } = Keys("""
        routing_strategy | strategy | How one of several deployments is chosen.
        routing_strategy_args | routing_strategy_args | What the strategy is told.
        num_retries | count | Attempts after the first in each group; 2.
        max_retries | count | The same, where num_retries is not given.
        timeout | number | Seconds for a plain call in all, a stream's first event and each gap; 600.
        stream_timeout | number | Seconds for a stream's first event and each gap.
        stream_recovery | recovery | What becomes of a stream that breaks off; off. Not LiteLLM's.
        stream_total_timeout | number | Seconds for a whole stream.
        heartbeat_interval | number | Seconds without a byte after which a stream's client is sent a sign of life; 15, 0 never. Not LiteLLM's.
        write_timeout | number | Seconds a client may take nothing of its answer before the call is ended; 120, 0 no limit. Not LiteLLM's.
        connect_timeout | number | Seconds for making a connection; 10.
        retry_after | number | Fewest seconds before the same deployment is asked again.
        retry_policy | retry_policy | Tries by class of error.
        model_group_retry_policy | {retry_policy} | The same for single groups.
        allowed_fails | count | Failures in a minute before a deployment cools.
        allowed_fails_policy | allowed_fails_policy | The same by class of error.
        hedging | hedging | When a slow call is asked of a second deployment as well. Not LiteLLM's.
        model_group_hedging | {hedging} | The same for single groups.
        cooldown_time | number | Seconds a deployment cools; 5.
        disable_cooldowns | flag | Never cool anything.
        fallbacks | fallbacks | Groups to ask when a group has failed.
        context_window_fallbacks | fallbacks | Groups to ask when a request is too long.
        content_policy_fallbacks | fallbacks | Groups to ask when a content policy has refused.
        default_fallbacks | texts | Groups to ask when a group without a rule has failed.
        max_fallbacks | count | Groups asked after the first; 5.
        model_group_alias | mapping | alias: group, or alias: {model: group, hidden: true}.
        enable_pre_call_checks | flag | Leave out deployments whose window, minute or region does not fit.
        enable_pre_call_check | flag | The same as enable_pre_call_checks.
        enable_tag_filtering | flag | Choose by the request's tags.
        tag_filtering_match_any | flag | Whether one tag is enough; true.
        provider_budget_config | {budget} | USD that may be spent with a provider in a window.
        model_budget_config | {budget} | USD that may be spent on a model group in a window. Not LiteLLM's.
        target_options | texts | The eligible set, each provider/model. Not LiteLLM's.
        default_litellm_params | mapping | Parameters under those of every deployment.
        default_max_parallel_requests | count | Calls at once for a deployment that says nothing of it.
        model_group_limits | {group_limit} | Calls at once for a group, and how many may wait; * for every group without its own. Not LiteLLM's.
        """);

    public static SchemaKey[] LiteLlmSettings { get; } = Keys("""
        drop_params | flag | Leave out what a provider refuses, for deployments that say nothing.
        num_retries | count | As in router_settings.
        request_timeout | number | As timeout in router_settings.
        allowed_fails | count | As in router_settings.
        max_fallbacks | count | As in router_settings.
        fallbacks | fallbacks | As in router_settings.
        default_fallbacks | texts | As in router_settings.
        context_window_fallbacks | fallbacks | As in router_settings.
        content_policy_fallbacks | fallbacks | As in router_settings.
        model_alias_map | mapping | alias: group, beside model_group_alias.
        tag_budget_config | {budget} | USD that may be spent on a tag in a window.
        include_cost_in_streaming_usage | flag | Add the cost to the usage of a stream.
        cost_discount_config | mapping | provider: fraction from 0 to 1 that it is cheaper than its prices.
        cost_margin_config | mapping | provider or global: fraction put on top for the caller, or {percentage, fixed_amount}.
        max_budget | number | USD that may be spent through the whole installation in a window; 0 is no budget.
        budget_duration | text | The window of max_budget: 30s, 5m, 12h, 7d, 1mo. Without one it never begins anew.
        budget_exceeded_status_code | count | HTTP status of a call that a budget refuses, 400 to 499; 422.
        max_end_user_budget_id | text | Id of the budget of customers that have none of their own.
        timezone | text | Zone whose days budgets count, such as Europe/Berlin; UTC.
        """);

    public static SchemaKey[] General { get; } = Keys("""
        master_key | text | The key callers send. Write os.environ/NAME, not the key.
        store_prompts_in_spend_logs | flag | Keep the content of calls, by the defaults of content_log.
        content_log | content_log | Keep the content of calls, redacted. Not LiteLLM's.
        max_request_size_mb | number | Largest request body in MiB; 64.
        keep_books | flag | Whether calls and accounts are kept in a database; true.
        database_url | text | postgresql://..., or the path of a SQLite file. Write os.environ/NAME, not a password.
        database_connection_pool_limit | count | Most connections of this node to PostgreSQL; 10.
        maximum_spend_logs_retention_period | text | How long single calls are kept: 30d, 12h; 90d. Their sums stay.
        journal_max_mb | number | Most megabytes that may wait for the database before calls are refused; 1024.
        journal_sync_ms | count | Milliseconds between forcing the journal to the disk; left to the system.
        always_include_stream_usage | flag | Send the usage event to clients that did not ask for it.
        drain_timeout | number | Seconds that calls under way have to end after SIGTERM; 30. Not LiteLLM's.
        proxy_config_reload_interval_seconds | number | Seconds between looks at the file for changes; 1, 0 never.
        fail_closed_budget_enforcement | flag | Refuse calls whose budget cannot be read or leased.
        fail_closed_rate_limit_enforcement | flag | Refuse calls whose rate limit cannot be leased, instead of holding this node's share of it.
        budget_history_wait | number | Seconds a call waits for what its budget has spent before; 2. Not LiteLLM's.
        budget_lease_wait | number | Seconds a call waits for a share of its limits from the other nodes; 0.5. Not LiteLLM's.
        assumed_input_cost_per_token | number | USD a token of a model of unknown price is taken to cost while a budget applies. Not LiteLLM's.
        assumed_output_cost_per_token | number | The same for output. Without both, such calls are refused. Not LiteLLM's.
        """);

    public static SchemaKey[] ContentLog { get; } = Keys("""
        sample | number | Share of the calls whose content is kept, 0 to 1; 1.
        max_bytes | count | Most bytes kept of a request, and of an answer; 65536.
        redact | texts | Regular expressions hidden beside the built-in ones.
        retention | text | How long content is kept: 12h, 7d, 1mo; 7d.
        queue_mb | number | Megabytes of content that may wait to be stored; 64.
        max_stored_mb | number | Megabytes of content kept in the database, the oldest go first; 1024.
        """);

    public static SchemaKey[] Credential { get; } = Keys("""
        credential_name | text | Its name.
        credential_values | litellm_params | Parameters that deployments take over.
        credential_info | mapping | For people.
        """);

    public static SchemaKey[] GroupLimit { get; } = Keys("""
        max_parallel_requests | count | Calls at once on each node, from 1; no limit but those of the deployments.
        max_queue | count | Calls that may wait for a place; 100, 0 none.
        queue_timeout | number | Seconds a call waits for a place; 30.
        """);

    public static SchemaKey[] Budget { get; } = Keys("""
        budget_limit | number | USD.
        time_period | text | Window: 30s, 5m, 12h, 7d, 1mo.
        max_budget | number | The same as budget_limit.
        budget_duration | text | The same as time_period.
        """);

    public static SchemaKey[] Hedging { get; } = Keys("""
        enabled | flag | Whether it is done; true where the section is there.
        quantile | number | Share of a deployment's answers that have begun by then, 0 to 1; 0.95.
        max_share | number | Most calls of a group that are asked twice, 0 to 1; 0.05.
        """);

    public static SchemaKey[] StrategyArguments { get; } = Keys("""
        ttl | number | Seconds a measurement counts.
        lowest_latency_buffer | number | Share by which another may be slower than the fastest and still be drawn.
        max_latency_list_size | count | Measurements kept of each deployment; 10.
        exploration | number | Share of calls, 0 to 1, that go to another than the best. Not LiteLLM's.
        """);

    private static IEnumerable<SchemaKey> Prices() => PriceKeys.Known.Select(static key => new SchemaKey(key, "number", "USD per unit; else the catalogue's price."))
        .Append(new SchemaKey(PriceKeys.Search, "mapping", "USD for each web search: search_context_size_low, _medium, _high."));

    private static SchemaKey[] Keys(string table) =>
    [
        .. table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static line => line.Split(" | ", 3)).Select(static parts => new SchemaKey(parts[0], parts[1], parts[2])),
    ];
}
