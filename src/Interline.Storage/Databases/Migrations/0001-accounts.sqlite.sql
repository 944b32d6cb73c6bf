create table interline_account (
    kind text not null,
    id text not null,
    document text,
    revision integer not null,
    written_at integer not null,
    primary key (kind, id)
) strict;
create unique index interline_account_by_revision on interline_account (revision);
create index interline_account_deleted on interline_account (written_at) where document is null;

-- One row. newest: what the last change drew; gone: deleted rows up to this revision are forgotten.
create table interline_account_revision (
    one integer primary key check (one = 1),
    newest integer not null,
    gone integer not null
) strict;
insert into interline_account_revision (one, newest, gone) values (1, 0, 0);
