-- One transaction, many eyes: what the comparison of reports looks up, and what people decided of doubtful ones.
-- depends: 0001_ingest

-- migrate: apply

-- The published JSON as it is: nothing queries inside it, and taking it apart cost more than storing it.
alter table transactions alter column entity type text using entity::text;

alter table transactions add column occurred_at timestamptz;

alter table transactions add column balance_after bigint;

-- "provider/way" of each sighting.
alter table transactions add column sources text[];

-- Whether only the local day of occurred_at is known.
alter table transactions add column day_only boolean not null default false;

alter table transactions add column merged_into text collate "C" references transactions;

alter table transactions add column possible_duplicate_of text collate "C" references transactions;

update transactions set
  occurred_at = (entity::json ->> 'occurred_at')::timestamptz,
  balance_after = (entity::json ->> 'balance_after')::bigint,
  sources = array(
    select distinct (each ->> 'provider') || '/' || (each ->> 'seen_by')
    from json_array_elements(entity::json -> 'sightings') as each
  );

alter table transactions alter column occurred_at set not null;

alter table transactions alter column sources set not null;

create index transactions_alike on transactions (account, amount, occurred_at);

create index transactions_alike_on_day on transactions (account, amount, occurred_at) where day_only;

create index transactions_merged on transactions (merged_into) where merged_into is not null;

create index transactions_doubtful on transactions (transaction_id) where possible_duplicate_of is not null;

-- Nobody asks for the names of a transaction.
drop index transaction_identities_transaction;

-- What persons decided of two transactions that may be one.
create table duplicate_decisions (
  transaction_id text collate "C" not null references transactions,
  other_id text collate "C" not null references transactions,
  decision text not null check (decision in ('merged', 'distinct')),
  decided_by text not null,
  decided_at timestamptz not null,
  reason text,
  primary key (transaction_id, other_id, decided_at)
);

alter table connections add column networks cidr[] not null default '{}';

-- Locks the accounts and sites of a group, then finds what is known of it. Locks come first, each in the same order for
-- everybody, and the statements behind them see what others committed before they gave the locks away: a volatile
-- function takes a new snapshot for each of its statements.
create function look_up(
  accounts text[], keys text[],
  like_accounts text[], like_amounts bigint[], like_directions text[], like_times timestamptz[], like_sources text[],
  like_balances bigint[]
) returns table (identity_key text, entity text, day_only boolean)
-- By indexes always: on a young table without statistics the planner would read it whole, and keep that plan.
language plpgsql volatile set search_path = ingest, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock_shared(hashtext('ingest/sites'));
  perform pg_advisory_xact_lock(hashtextextended('ingest/account/' || account, 0))
    from unnest(accounts) as account order by account;
  -- By the primary keys; what was merged into another is known as that other.
  return query
    select i.identity_key, coalesce(target.entity, t.entity), coalesce(target.day_only, t.day_only)
    from transaction_identities i
    join transactions t using (transaction_id)
    left join transactions target on target.transaction_id = t.merged_into
    where i.identity_key = any(keys);
  -- By transactions_alike and transactions_alike_on_day. What the same source reported is another transaction, unless
  -- nothing tells the two apart.
  return query
    select distinct on (t.transaction_id) null::text, t.entity, t.day_only
    from unnest(like_accounts, like_amounts, like_directions, like_times, like_sources, like_balances)
      as l(account, amount, direction, moment, source, balance)
    cross join lateral (
      select * from transactions a
      where a.account = l.account and a.amount = l.amount
        and a.occurred_at between l.moment - interval '10 minutes' and l.moment + interval '10 minutes'
      union all
      select * from transactions b
      where b.day_only and b.account = l.account and b.amount = l.amount
        and b.occurred_at = date_trunc('day', l.moment, 'Asia/Ho_Chi_Minh')
    ) t
    where t.direction = l.direction and t.merged_into is null
      and (not t.sources @> array[l.source] or (t.occurred_at = l.moment and t.balance_after = l.balance));
end
$$;

-- migrate: rollback

drop function look_up(text[], text[], text[], bigint[], text[], timestamptz[], text[], bigint[]);

alter table connections drop column networks;

drop table duplicate_decisions;

create index transaction_identities_transaction on transaction_identities (transaction_id);

alter table transactions
  drop column occurred_at, drop column balance_after, drop column sources, drop column day_only,
  drop column merged_into, drop column possible_duplicate_of;

alter table transactions alter column entity type jsonb using entity::jsonb;
