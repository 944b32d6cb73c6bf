-- Nodes and leases are PostgreSQL's: a SQLite file is one node's.
select 1;
