-- The fast road of messages that nobody has seen before: one statement, and so one round trip and one commit, for a group.
-- depends: 0003_ingest_statements

-- migrate: apply

-- JSON as text, like entities: nothing queries inside it.
alter table vault alter column headers type text using headers::text;

-- Grows with every change of sites: who keeps sites in memory compares it, under the lock of look_up.
create table site_epoch (
  only_row boolean primary key default true check (only_row),
  epoch bigint not null default 1
);

insert into site_epoch default values;

-- Takes the messages of a group of which nothing is known, each with its one transaction, and returns the places (from 1) of
-- the others, of which it stores nothing; all of them where the sites are not those of the given epoch.
-- `names` holds three a message: the provider's id, the connection's, the bank's reference or null.
create function take_new(
  wanted_epoch bigint, locked_accounts text[],
  message_ids uuid[], received_ats timestamptz[], connection_ids text[], providers text[], headers text[], bodies bytea[],
  names text[], transaction_ids text[], accounts text[], site_ids text[], amounts bigint[], directions text[],
  occurred_ats timestamptz[], balances bigint[], entities text[], topic text, traceparents text[]
) returns integer[]
-- Every look-up here is by an index. On a young table without statistics the planner would read it whole, and keep that plan.
language plpgsql volatile set search_path = ingest, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_variable
declare
  known integer[];
begin
  perform pg_advisory_xact_lock_shared(hashtext('ingest/sites'));
  if not exists (select from site_epoch where epoch = wanted_epoch) then
    return array(select generate_subscripts(message_ids, 1));
  end if;
  perform pg_advisory_xact_lock(hashtextextended('ingest/account/' || each, 0)) from unnest(locked_accounts) as each;
  -- By the primary key; then by transactions_alike and transactions_alike_on_day, as in look_up.
  known := array(
    select (n.place + 2) / 3 from unnest(names) with ordinality as n(name, place)
    where (select true from transaction_identities i where i.identity_key = n.name)
    union
    select m.place
    from unnest(accounts, amounts, directions, occurred_ats, providers, balances) with ordinality
      as m(account, amount, direction, moment, provider, balance, place)
    where exists (
      select from transactions a
      where a.account = m.account and a.amount = m.amount
        and a.occurred_at between m.moment - interval '10 minutes' and m.moment + interval '10 minutes'
        and a.direction = m.direction and a.merged_into is null
        and (not a.sources @> array[m.provider || '/webhook'] or (a.occurred_at = m.moment and a.balance_after = m.balance))
    ) or exists (
      select from transactions b
      where b.day_only and b.account = m.account and b.amount = m.amount
        and b.occurred_at = date_trunc('day', m.moment, 'Asia/Ho_Chi_Minh') and b.direction = m.direction
        and b.merged_into is null
    )
  );
  insert into transactions (
    transaction_id, version, account, site_id, amount, direction, occurred_at, balance_after, sources, entity
  )
  select m.transaction_id, 1, m.account, m.site_id, m.amount, m.direction, m.moment, m.balance,
    array[m.provider || '/webhook'], m.entity
  from unnest(transaction_ids, accounts, site_ids, amounts, directions, occurred_ats, balances, providers, entities)
    with ordinality
    as m(transaction_id, account, site_id, amount, direction, moment, balance, provider, entity, place)
  where not m.place = any(known);
  insert into transaction_identities (identity_key, transaction_id)
  select n.name, transaction_ids[(n.place + 2) / 3] from unnest(names) with ordinality as n(name, place)
  where n.name is not null and not (n.place + 2) / 3 = any(known);
  insert into vault (message_id, received_at, connection_id, provider, headers, body, outcome, transaction_ids)
  select m.message_id, m.received_at, m.connection_id, m.provider, m.headers, m.body, 'new', array[m.transaction_id]
  from unnest(message_ids, received_ats, connection_ids, providers, headers, bodies, transaction_ids) with ordinality
    as m(message_id, received_at, connection_id, provider, headers, body, transaction_id, place)
  where not m.place = any(known);
  insert into outbox (topic, key, partition_key, version, value, traceparent)
  select topic, m.transaction_id, m.account, 1, convert_to(m.entity, 'UTF8'), m.traceparent
  from unnest(transaction_ids, accounts, entities, traceparents) with ordinality
    as m(transaction_id, account, entity, traceparent, place)
  where not m.place = any(known) order by m.place;
  return known;
end
$$;

-- migrate: rollback

drop function take_new(
  bigint, text[], uuid[], timestamptz[], text[], text[], text[], bytea[], text[], text[], text[], text[], bigint[], text[],
  timestamptz[], bigint[], text[], text, text[]
);

drop table site_epoch;

alter table vault alter column headers type jsonb using headers::jsonb;
