-- One row for each start of a node. name stays over restarts, id does not.
create table interline_node (
    id text primary key,
    name text not null,
    version text not null,
    configuration text not null,
    started_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    gone_at timestamptz
);
create index interline_node_by_name on interline_node (name);

-- One row for each counter of all nodes together. base: USD spent in the window before the first lease of it.
create table interline_meter (
    id bigint generated always as identity primary key,
    kind integer not null,
    scope text not null,
    model text not null,
    unit integer not null,
    begins bigint not null,
    ends bigint not null,
    base numeric not null,
    unique (kind, scope, model, unit, begins, ends)
);
create index interline_meter_by_end on interline_meter (ends);

-- What each node was granted of it in all. A node writes the whole of its own, never a difference: what is written twice counts once.
create table interline_lease (
    meter bigint not null references interline_meter on delete cascade,
    node text not null,
    granted numeric not null,
    primary key (meter, node)
);
create index interline_lease_by_node on interline_lease (node);

-- Grants a node more of a meter. outcome: 0 granted, 1 too little is left, 2 the meter is not there yet and its base has to be given.
-- The meter's row is held while it is decided, so that what all hold is never more than the limit. _unit 0 is USD; all others are whole numbers and begin at 0.
create function interline_take(
    _kind integer, _scope text, _model text, _unit integer, _begins bigint, _ends bigint, _base numeric,
    _node text, _mine numeric, _limit numeric, _needed numeric, _wished numeric, _share integer, _told text,
    out outcome integer, out amount numeric, out taken numeric)
language plpgsql volatile as $$
declare
    _meter interline_meter;
    _rest numeric;
begin
    select * into _meter from interline_meter m
        where m.kind = _kind and m.scope = _scope and m.model = _model and m.unit = _unit and m.begins = _begins and m.ends = _ends for no key update;
    if not found then
        if _unit = 0 and _base is null then
            outcome := 2; amount := 0; taken := 0;
            return;
        end if;
        insert into interline_meter (kind, scope, model, unit, begins, ends, base)
            values (_kind, _scope, _model, _unit, _begins, _ends, coalesce(_base, 0)) on conflict do nothing;
        select * into _meter from interline_meter m
            where m.kind = _kind and m.scope = _scope and m.model = _model and m.unit = _unit and m.begins = _begins and m.ends = _ends for no key update;
    end if;

    select _meter.base + _mine + coalesce(sum(l.granted), 0) into taken from interline_lease l where l.meter = _meter.id and l.node <> _node;
    _rest := _limit - taken;
    if _rest < _needed then
        outcome := 1; amount := 0;
        if _told is not null then
            perform pg_notify('interline', _told);
        end if;
        return;
    end if;

    -- To one of several never more than its part of what is left, as long as that does for it: else the first would hold the rest of everybody.
    amount := least(_wished, _rest);
    if _share > 1 then
        amount := greatest(_needed, least(amount, case when _unit = 0 then trunc(_rest / _share, 12) else trunc(_rest / _share) end));
    end if;
    insert into interline_lease (meter, node, granted) values (_meter.id, _node, _mine + amount)
        on conflict (meter, node) do update set granted = excluded.granted;
    outcome := 0;
    taken := taken + amount;
end
$$;

-- What was spent in a window that rolls before anybody leased of it is held by the node that says it first; true if that was this one.
create function interline_seed(_kind integer, _scope text, _model text, _unit integer, _begins bigint, _ends bigint, _node text, _spent numeric)
returns boolean language plpgsql volatile as $$
declare
    _id bigint;
begin
    insert into interline_meter (kind, scope, model, unit, begins, ends, base) values (_kind, _scope, _model, _unit, _begins, _ends, 0)
        on conflict do nothing returning id into _id;
    if _id is null then
        return false;
    end if;
    insert into interline_lease (meter, node, granted) values (_id, _node, _spent);
    return true;
end
$$;
