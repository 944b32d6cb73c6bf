-- What was said in calls, without secrets; only where it is asked for. id: the call's, as answers tell it. started: microseconds since 1970. size: bytes the row counts for.
create table interline_content (
    id text primary key not null,
    started integer not null,
    key_id text,
    team_id text,
    user_id text,
    size integer not null,
    request_bytes integer not null,
    answer_bytes integer not null,
    request text not null,
    answer text not null
) strict;
create index interline_content_started on interline_content (started, size);
