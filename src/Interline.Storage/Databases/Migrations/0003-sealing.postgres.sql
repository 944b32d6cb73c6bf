-- One row: a text sealed by the master secret, so that a node with another one is found out before it seals anything.
create table interline_seal (
    one integer primary key check (one = 1),
    sealed text not null
);
