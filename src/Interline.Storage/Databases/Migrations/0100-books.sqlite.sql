-- Texts of calls, each once. used: day (since 1970) it was last used; the books' writers look again every day, so what was not used for days is in nobody's memory.
create table interline_name (
    id integer primary key,
    text text not null unique,
    used integer not null
) strict;

-- Up to where the journal of a process is in the books. Moved in the transaction that writes the calls.
create table interline_journal (
    run integer primary key,
    segment integer not null,
    byte integer not null,
    written_at integer not null
) strict;

-- Stretches of the hash chain, one chain for each process. They outlive their rows. Times in seconds; first_ and last_started in microseconds.
create table interline_segment (
    id integer primary key autoincrement,
    run integer not null,
    number integer not null,
    form integer not null,
    keyed integer not null,
    rows integer not null,
    first_started integer not null,
    last_started integer not null,
    previous blob not null,
    root blob not null,
    opened_at integer not null,
    closed_at integer,
    pruned_at integer,
    emptied_at integer,
    unique (run, number)
) strict;

-- A row for each call, in the order they were booked. started: microseconds since 1970; every _id is an interline_name.
-- flags: 1 streamed, 2 estimated, 4 usage known; mark: beginning of its link in the hash chain, to find the first row that was changed.
create table interline_call (
    segment integer not null,
    seq integer not null,
    started integer not null,
    run integer not null,
    number integer not null,
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
    status integer not null,
    flags integer not null,
    attempts integer not null,
    retries integer not null,
    fallbacks integer not null,
    malformed integer not null,
    input integer,
    cache_read integer,
    cache_write integer,
    cache_write_1h integer,
    input_audio integer,
    input_image integer,
    output integer,
    reasoning integer,
    output_audio integer,
    output_image integer,
    cost text,
    list_price text,
    billed_price text,
    duration_us integer not null,
    first_byte_us integer,
    overhead_us integer,
    mark integer not null,
    primary key (segment, seq)
) strict, without rowid;
create unique index interline_call_id on interline_call (run, number);
create index interline_call_started on interline_call (started);
create index interline_call_key on interline_call (key_id, started) where key_id is not null;

-- Sums. period: 0 hour, 1 day, 2 month, of UTC; start: seconds since 1970; dimension: see UsageDimension; id, model, provider: interline_name, 0 for none.
create table interline_usage (
    period integer not null,
    dimension integer not null,
    start integer not null,
    id integer not null,
    model integer not null,
    provider integer not null,
    calls integer not null,
    failed integer not null,
    estimated integer not null,
    input integer not null,
    cache_read integer not null,
    cache_write integer not null,
    cache_write_1h integer not null,
    input_audio integer not null,
    input_image integer not null,
    output integer not null,
    reasoning integer not null,
    output_audio integer not null,
    output_image integer not null,
    duration_us integer not null,
    cost text not null,
    list_price text not null,
    billed_price text not null,
    primary key (period, dimension, start, id, model, provider)
) strict, without rowid;
create index interline_usage_id on interline_usage (period, dimension, id, start);
