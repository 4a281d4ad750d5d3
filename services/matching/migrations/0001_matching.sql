-- The ledger of who paid what: credits, their allocations, and the notices that they can settle.
-- depends: 0000_runtime

-- migrate: apply

create table sites (
  site_id text primary key,
  version bigint not null,
  settings jsonb not null
);

-- What is known of a notice, and how much of it is paid. Rule 9: only an over-allocated one may hold more than is due.
create table notices (
  notice_id text primary key,
  version bigint not null,
  site_id text not null,
  reference text not null,
  virtual_account text,
  fee_kind text not null,
  obligation text not null check (obligation in ('due', 'voluntary', 'deposit')),
  due_on date not null,
  amount bigint not null check (amount > 0),
  is_cancelled boolean not null,
  allocated bigint not null default 0 check (allocated >= 0),
  is_over_allocated boolean not null default false,
  constraint never_more_than_due check (
    is_over_allocated or allocated <= case when is_cancelled then 0 else amount end
  )
);

create index notices_reference on notices (reference);

create index notices_virtual_account on notices (virtual_account) where virtual_account is not null;

create index notices_over_allocated on notices (site_id) where is_over_allocated;

-- Rule 10, the money identity: amount = allocated + suspense, suspense = the sum of its parts.
create table credits (
  credit_id text primary key,
  version bigint not null check (version >= 1),
  transaction_version bigint not null default 0,
  site_id text,
  account text,
  channel text not null check (channel in ('bank', 'cash', 'portal', 'opening')),
  direction text not null check (direction in ('in', 'out')),
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  provider text,
  counter_bank text,
  amount bigint not null check (amount > 0),
  allocated bigint not null default 0 check (allocated >= 0),
  unidentified bigint not null default 0 check (unidentified >= 0),
  balance bigint not null default 0 check (balance >= 0),
  to_return bigint not null default 0 check (to_return >= 0),
  returned bigint not null default 0 check (returned >= 0),
  not_a_fee bigint not null default 0 check (not_a_fee >= 0),
  status text not null check (status in ('matched', 'suggested', 'unmatched', 'ignored')),
  reason text not null,
  evidence jsonb not null,
  candidates jsonb not null,
  memo_references text[] not null default '{}',
  virtual_account text,
  intended_notice_id text,
  document_number text,
  partition_origin text not null,
  is_decided_by_person boolean not null default false,
  constraint money_identity check (amount = allocated + unidentified + balance + to_return + returned + not_a_fee),
  constraint money_out_pays_nothing check (direction = 'in' or allocated = 0)
);

-- What a notice that arrives later could still explain.
create index credits_waiting_references on credits using gin (memo_references)
  where allocated = 0 and status in ('unmatched', 'suggested') and not is_decided_by_person;

create index credits_waiting_virtual_account on credits (virtual_account)
  where allocated = 0 and status in ('unmatched', 'suggested') and not is_decided_by_person and virtual_account is not null;

create index credits_waiting_notice on credits (intended_notice_id)
  where allocated = 0 and intended_notice_id is not null;

-- The review queue of a site, oldest first.
create index credits_review on credits (site_id, occurred_at, credit_id)
  where status in ('unmatched', 'suggested') and unidentified > 0;

create table allocations (
  allocation_id text primary key,
  credit_id text not null references credits,
  notice_id text not null references notices,
  amount bigint not null check (amount > 0),
  paid_through text not null,
  decided_by text not null,
  decided_at timestamptz not null,
  undone_by text,
  undone_at timestamptz,
  undo_reason text,
  constraint undone_whole check ((undone_by is null) = (undone_at is null) and (undone_by is null) = (undo_reason is null))
);

create index allocations_credit on allocations (credit_id);

create index allocations_notice on allocations (notice_id) where undone_by is null;

-- The counters above are what CHECK constraints can see; these triggers hold them equal to the allocations at each commit,
-- whoever writes.
create function check_credit_counter() returns trigger language plpgsql as $$
declare
  id text := coalesce(new.credit_id, old.credit_id);
begin
  if exists (
    select 1 from credits c where c.credit_id = id and c.allocated <> (
      select coalesce(sum(a.amount), 0) from allocations a where a.credit_id = id and a.undone_by is null)
  ) then
    raise exception using errcode = 'check_violation', constraint = 'credit_counter',
      message = 'credits.allocated differs from the sum of the live allocations';
  end if;
  return null;
end
$$;

create function check_notice_counter() returns trigger language plpgsql as $$
declare
  id text := coalesce(new.notice_id, old.notice_id);
begin
  if exists (
    select 1 from notices n where n.notice_id = id and n.allocated <> (
      select coalesce(sum(a.amount), 0) from allocations a where a.notice_id = id and a.undone_by is null)
  ) then
    raise exception using errcode = 'check_violation', constraint = 'notice_counter',
      message = 'notices.allocated differs from the sum of the live allocations';
  end if;
  return null;
end
$$;

create constraint trigger allocations_credit_counter after insert or update or delete on allocations
  deferrable initially deferred for each row execute function check_credit_counter();

create constraint trigger allocations_notice_counter after insert or update or delete on allocations
  deferrable initially deferred for each row execute function check_notice_counter();

create constraint trigger credits_counter after update of allocated on credits
  deferrable initially deferred for each row execute function check_credit_counter();

create constraint trigger notices_counter after update of allocated on notices
  deferrable initially deferred for each row execute function check_notice_counter();

-- migrate: rollback

drop table allocations;

drop table credits;

drop table notices;

drop table sites;

drop function check_credit_counter;

drop function check_notice_counter;
