-- What was said in calls, without secrets; only where it is asked for. id: the call's, as answers tell it. started: microseconds since 1970. size: bytes the row counts for.
create table interline_content (
    id text collate "C" primary key,
    started bigint not null,
    key_id text,
    team_id text,
    user_id text,
    request text not null,
    request_bytes bigint not null,
    answer text not null,
    answer_bytes bigint not null,
    size bigint not null
);
create index interline_content_started on interline_content (started) include (size);
