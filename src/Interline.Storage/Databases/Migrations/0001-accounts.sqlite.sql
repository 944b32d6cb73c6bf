create table interline_account (
    kind text not null,
    id text not null,
    document text,
    revision integer not null,
    written_at integer not null,
    primary key (kind, id)
) strict, without rowid;
create unique index interline_account_revision_index on interline_account (revision);

-- One row. newest: what the last change drew; floor: deleted rows up to this revision are gone for good.
create table interline_account_revision (
    one integer primary key default 1 check (one = 1),
    newest integer not null,
    floor integer not null
) strict;
insert into interline_account_revision (newest, floor) values (0, 0);
