using System.Collections.Frozen;

namespace Interline.Core.Configuration;

/// <summary>
/// Keys LiteLLM knows that nothing here reads (yet). They are told as ignored like unknown ones, but not as mistakes, and they are offered where a key is misspelt.
/// Source: LiteLLM 1.83.2 documentation and source; keys that something reads need not be here.
/// </summary>
internal static class KnownKeys
{
    public static FrozenSet<string> TopLevel { get; } = Set(
        "model_list litellm_settings general_settings router_settings environment_variables include credential_list callback_settings guardrails policies "
        + "policy_attachments prompts mcp_servers mcp_tools agent_list vector_store_registry search_tools assistant_settings files_settings finetune_settings "
        + "default_vertex_config worker_registry");

    public static FrozenSet<string> ModelItem { get; } = Set("model_name litellm_params model_info");

    public static FrozenSet<string> LiteLlmParams { get; } = Set(
        "model custom_llm_provider api_key api_base base_url api_version organization litellm_credential_name configurable_clientside_auth_params tpm rpm weight order "
        + "max_parallel_requests default_api_key_tpm_limit default_api_key_rpm_limit timeout stream_timeout stream_recovery max_retries num_retries cooldown_time allowed_fails "
        + "allowed_fails_policy retry_policy max_budget budget_duration tags tag_regex drop_params additional_drop_params allowed_openai_params region_name allowed_model_region "
        + "use_in_pass_through use_litellm_proxy merge_reasoning_content_in_choices mock_response mock_timeout model_info max_file_size_mb extra_headers headers extra_body rust "
        + "silent_model cache_control_injection_points prompt_id prompt_version prompt_variables prompt_label litellm_system_prompt guardrails user_continue_message "
        + "assistant_continue_message ensure_alternating_roles supports_system_message initial_prompt_value roles final_prompt_value bos_token eos_token hf_model_name "
        + "auto_router_config_path auto_router_config auto_router_default_model auto_router_embedding_model complexity_router_config complexity_router_default_model "
        + "vertex_project vertex_location vertex_credentials vertex_ai_project vertex_ai_location aws_access_key_id aws_secret_access_key aws_session_token aws_region_name "
        + "aws_session_name aws_profile_name aws_role_name aws_web_identity_token aws_sts_endpoint aws_external_id aws_bedrock_runtime_endpoint model_id azure_ad_token "
        + "azure_ad_token_provider tenant_id client_id client_secret azure_username azure_password azure_scope watsonx_region_name s3_bucket_name s3_encryption_key_id "
        + "gcs_bucket_name vector_store_id vector_bucket_name index_name embedding_model milvus_text_field fallbacks context_window_fallbacks content_policy_fallbacks caching "
        + "caching_groups realtime_protocol ssl_verify tiered_pricing");

    public static FrozenSet<string> ModelInfo { get; } = Set(
        "id db_model base_model mode tier team_id team_public_model_name access_groups supported_environments custom_tokenizer health_check_model health_check_timeout "
        + "health_check_max_tokens health_check_voice disable_background_health_check max_tokens max_input_tokens max_output_tokens pricing created_at created_by updated_at updated_by "
        + "litellm_provider key output_vector_size description");

    public static FrozenSet<string> Router { get; } = Set(
        "routing_strategy routing_strategy_args routing_groups redis_url redis_host redis_port redis_password redis_db redis_ssl cache_responses cache_kwargs caching_groups client_ttl "
        + "num_retries max_retries max_fallbacks timeout stream_timeout stream_recovery retry_after retry_policy model_group_retry_policy allowed_fails allowed_fails_policy cooldown_time disable_cooldowns "
        + "fallbacks context_window_fallbacks content_policy_fallbacks default_fallbacks model_group_alias enable_pre_call_checks enable_pre_call_check optional_pre_call_checks "
        + "deployment_affinity_ttl_seconds model_group_affinity_config enable_tag_filtering tag_filtering_match_any provider_budget_config model_budget_config default_litellm_params "
        + "default_max_parallel_requests stream_total_timeout connect_timeout heartbeat_interval write_timeout model_group_limits default_priority polling_interval enable_health_check_routing health_check_staleness_threshold health_check_ignore_transient_errors "
        + "ignore_invalid_deployments search_tools guardrail_list assistants_config alerting_config router_general_settings set_verbose debug_level plugins target_options hedging model_group_hedging");

    public static FrozenSet<string> Hedging { get; } = Set("enabled quantile max_share");

    public static FrozenSet<string> LiteLlmSettings { get; } = Set(
        "drop_params modify_params num_retries request_timeout max_fallbacks allowed_fails fallbacks default_fallbacks context_window_fallbacks content_policy_fallbacks model_alias_map "
        + "max_budget budget_duration default_soft_budget max_user_budget max_internal_user_budget default_max_internal_user_budget internal_user_budget_duration max_end_user_budget "
        + "max_end_user_budget_id max_ui_session_budget tag_budget_config default_key_generate_params upperbound_key_generate_params key_generation_settings default_internal_user_params "
        + "default_team_params default_team_settings budget_exceeded_status_code cache cache_params enable_redis_auth_cache caching caching_with_models default_in_memory_ttl "
        + "default_redis_ttl success_callback failure_callback callbacks service_callbacks service_callback audit_log_callbacks input_callback turn_off_message_logging "
        + "redact_user_api_key_info redact_messages_in_exceptions log_raw_request_response json_logs set_verbose suppress_debug_info telemetry prometheus_metrics_config "
        + "custom_prometheus_metadata_labels custom_prometheus_tags require_auth_for_metrics_endpoint prometheus_initialize_budget_metrics disable_end_user_cost_tracking "
        + "cost_discount_config cost_margin_config include_cost_in_streaming_usage extra_spend_tag_headers store_audit_logs guardrails custom_provider_map mcp_aliases "
        + "public_model_groups model_group_settings priority_reservation priority_reservation_settings force_ipv4 ssl_verify ssl_certificate api_base api_version organization "
        + "return_response_headers enable_json_schema_validation enable_preview_features enable_loadbalancing_on_batch_endpoints langfuse_default_tags s3_callback_params "
        + "global_disable_no_log_param retry_after retry_policy routing_strategy cooldown_time timezone");

    public static FrozenSet<string> General { get; } = Set(
        "master_key keep_books drain_timeout journal_max_mb journal_sync_ms database_url database_connection_pool_limit database_connection_timeout database_connection_pool_timeout database_type database_args "
        + "allow_requests_on_db_unavailable disable_prisma_schema_update store_model_in_db supported_db_objects use_redis_transaction_buffer proxy_batch_write_at "
        + "proxy_budget_rescheduler_min_time proxy_budget_rescheduler_max_time proxy_batch_polling_interval proxy_config_reload_interval_seconds user_api_key_cache_ttl disable_spend_logs "
        + "disable_spend_updates disable_error_logs disable_reset_budget store_prompts_in_spend_logs content_log maximum_spend_logs_retention_period maximum_spend_logs_retention_interval "
        + "disable_master_key_return custom_auth custom_key_generate custom_sso enable_jwt_auth litellm_jwtauth enable_oauth2_auth enforce_rbac role_permissions admin_only_routes "
        + "public_routes allowed_routes allow_user_auth litellm_key_header_name user_header_name user_header_mappings enforce_user_param enforced_params allowed_ips use_x_forwarded_for "
        + "max_request_size_mb max_response_size_mb max_parallel_requests global_max_parallel_requests token_rate_limit_type completion_model embedding_model infer_model_from_keys "
        + "background_health_checks health_check_interval health_check_concurrency health_check_details alerting alerting_threshold alert_types alert_to_webhook_url alerting_args "
        + "spend_report_frequency email_settings pass_through_endpoints forward_client_headers_to_llm_api forward_openai_org_id always_include_stream_usage key_management_system "
        + "key_management_settings service_account_settings default_team_disabled ui_access_mode enable_public_model_hub block_robots search_tools litellm_license otel fail_closed_budget_enforcement fail_closed_rate_limit_enforcement "
        + "budget_history_wait budget_lease_wait assumed_input_cost_per_token assumed_output_cost_per_token");

    public static FrozenSet<string> Credential { get; } = Set("credential_name credential_values credential_info");

    public static FrozenSet<string> Alias { get; } = Set("model hidden");

    public static FrozenSet<string> Budget { get; } = Set("budget_limit time_period max_budget budget_duration");

    public static FrozenSet<string> GroupLimit { get; } = Set("max_parallel_requests max_queue queue_timeout");

    public static FrozenSet<string> StrategyArguments { get; } = Set("ttl lowest_latency_buffer max_latency_list_size exploration");

    public static FrozenSet<string> RetryPolicy { get; } = Set(
        "AuthenticationErrorRetries TimeoutErrorRetries RateLimitErrorRetries ContentPolicyViolationErrorRetries BadRequestErrorRetries InternalServerErrorRetries");

    public static FrozenSet<string> AllowedFailsPolicy { get; } = Set(
        "AuthenticationErrorAllowedFails TimeoutErrorAllowedFails RateLimitErrorAllowedFails ContentPolicyViolationErrorAllowedFails BadRequestErrorAllowedFails "
        + "InternalServerErrorAllowedFails ServiceUnavailableErrorAllowedFails BadGatewayErrorAllowedFails NotFoundErrorAllowedFails");

    /// <summary>Parameters of an OpenAI request that may be given per deployment as defaults. Source: OpenAI's API reference and LiteLLM's list of OpenAI parameters.</summary>
    public static FrozenSet<string> RequestParameters { get; } = Set(
        "temperature top_p top_k min_p n max_tokens max_completion_tokens presence_penalty frequency_penalty repetition_penalty logit_bias logprobs top_logprobs seed stop user "
        + "tools tool_choice parallel_tool_calls functions function_call response_format reasoning_effort reasoning thinking verbosity modalities audio prediction metadata store "
        + "service_tier stream_options web_search_options safety_identifier prompt_cache_key prompt_cache_retention dimensions encoding_format voice speed size quality style "
        + "response_modalities enable_thinking chat_template_kwargs provider transforms route models plugins best_of echo suffix keep_alive num_ctx");

    /// <summary>Of these, the ones that are numbers: given as text they are sent as numbers.</summary>
    public static FrozenSet<string> NumericParameters { get; } = Set(
        "temperature top_p top_k min_p n max_tokens max_completion_tokens presence_penalty frequency_penalty repetition_penalty top_logprobs seed dimensions speed best_of num_ctx");

    /// <summary>Prefixes LiteLLM knows whose wire format has no room here yet. They must not be mistaken for a part of a model name.</summary>
    public static FrozenSet<string> OtherProviders { get; } = Set(
        "a2a aleph_alpha auto_router aws_polly azure azure_ai azure_text bedrock bedrock_converse black_forest_labs brave bytez cloudflare cohere cohere_chat "
        + "cursor dataforseo deepgram elevenlabs exa_ai fal_ai firecrawl gigachat google_pse infinity jina_ai langgraph linkup milvus nlp_cloud oci ollama ollama_chat oobabooga "
        + "parallel_ai petals predibase pydantic_ai_agents recraft replicate runwayml s3_vectors sagemaker sagemaker_chat sagemaker_nova sap searxng serper snowflake stability tavily "
        + "text-completion-codestral topaz triton vertex_ai vertex_ai_beta voyage watsonx watsonx_text");

    private static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
