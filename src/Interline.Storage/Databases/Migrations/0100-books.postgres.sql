-- Texts of calls, each once. used: day (since 1970) it was last used; the books' writers look again every day, so what was not used for days is in nobody's memory.
create table interline_name (
    id integer generated always as identity primary key,
    text text not null unique,
    used integer not null
);

-- Up to where the journal of a process is in the books. Moved in the transaction that writes the calls.
create table interline_journal (
    run bigint primary key,
    segment bigint not null,
    byte bigint not null,
    written_at bigint not null
);

-- Stretches of the hash chain, one chain for each process. They outlive their rows. Times in seconds; first_ and last_started in microseconds.
create table interline_segment (
    id bigint generated always as identity primary key,
    run bigint not null,
    number bigint not null,
    form smallint not null,
    keyed smallint not null,
    rows bigint not null,
    first_started bigint not null,
    last_started bigint not null,
    previous bytea not null,
    root bytea not null,
    opened_at bigint not null,
    closed_at bigint,
    pruned_at bigint,
    emptied_at bigint,
    unique (run, number)
);

-- A row for each call, a partition for each month, in the order they were booked. started: microseconds since 1970; every _id is an interline_name.
-- flags: 1 streamed, 2 estimated, 4 usage known; mark: beginning of its link in the hash chain, to find the first row that was changed.
create table interline_call (
    segment bigint not null,
    seq integer not null,
    started bigint not null,
    run bigint not null,
    number bigint not null,
    operation_id integer not null,
    model_id integer not null,
    deployment_id integer,
    provider_id integer,
    upstream_id integer,
    key_id integer,
    team_id integer,
    user_id integer,
    customer_id integer,
    tags_id integer,
    error_id integer,
    finish_id integer,
    price_source_id integer,
    price_version_id integer,
    plan_version_id integer,
    snapshot_id integer not null,
    status smallint not null,
    flags smallint not null,
    attempts integer not null,
    retries integer not null,
    fallbacks integer not null,
    malformed integer not null,
    input bigint,
    cache_read bigint,
    cache_write bigint,
    cache_write_1h bigint,
    input_audio bigint,
    input_image bigint,
    output bigint,
    reasoning bigint,
    output_audio bigint,
    output_image bigint,
    cost numeric,
    list_price numeric,
    billed_price numeric,
    duration_us bigint not null,
    first_byte_us bigint,
    overhead_us bigint,
    mark integer not null,
    unique (run, number, started)
) partition by range (started);
create index interline_call_started on interline_call (started);
create index interline_call_segment on interline_call using brin (segment) with (pages_per_range = 32, autosummarize = on);
create index interline_call_key on interline_call (key_id, started) where key_id is not null;

-- Sums. period: 0 hour, 1 day, 2 month, of UTC; start: seconds since 1970; dimension: see UsageDimension; id, model, provider: interline_name, 0 for none.
create table interline_usage (
    period smallint not null,
    dimension smallint not null,
    start bigint not null,
    id integer not null,
    model integer not null,
    provider integer not null,
    calls bigint not null,
    failed bigint not null,
    estimated bigint not null,
    input bigint not null,
    cache_read bigint not null,
    cache_write bigint not null,
    cache_write_1h bigint not null,
    input_audio bigint not null,
    input_image bigint not null,
    output bigint not null,
    reasoning bigint not null,
    output_audio bigint not null,
    output_image bigint not null,
    duration_us bigint not null,
    cost numeric not null,
    list_price numeric not null,
    billed_price numeric not null,
    primary key (period, dimension, start, id, model, provider)
) with (fillfactor = 70);
create index interline_usage_id on interline_usage (period, dimension, id, start);
