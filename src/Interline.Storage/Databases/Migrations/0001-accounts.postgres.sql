create table interline_account (
    kind text not null,
    id text not null,
    document text,
    revision bigint not null,
    written_at bigint not null,
    primary key (kind, id)
);
create unique index interline_account_revision_index on interline_account (revision);

-- One row. newest: what the last change drew; floor: deleted rows up to this revision are gone for good.
create table interline_account_revision (
    one boolean primary key default true check (one),
    newest bigint not null,
    floor bigint not null
);
insert into interline_account_revision (newest, floor) values (0, 0);
