-- The ledger: credits, notices, and allocations between them, with the money identity held by constraints.
-- depends: 0000_runtime

-- migrate: apply

create table sites (
  site_id text primary key,
  version bigint not null check (version >= 1),
  settings jsonb not null
);

-- A projection of fees.notices.v1, with what is allocated. Only the triggers on allocations change "allocated".
create table notices (
  notice_id text primary key,
  version bigint not null check (version >= 1),
  site_id text not null,
  bill_id text not null,
  round text,
  reference text not null,
  virtual_account text,
  payer_code text,
  payer_name text,
  class_name text,
  guardian_name text,
  fee_kind text not null,
  purpose text,
  period text,
  amount bigint not null check (amount > 0),
  issued_on date not null,
  due_on date not null,
  obligation text not null check (obligation in ('due', 'voluntary', 'deposit')),
  status text not null check (status in ('open', 'cancelled')),
  due bigint not null generated always as (case status when 'open' then amount else 0 end) stored,
  allocated bigint not null default 0 check (allocated >= 0),
  over_allocated boolean not null default false,
  constraint notices_never_paid_beyond_due check (allocated <= due or over_allocated)
);

create index notices_reference on notices (reference);

create index notices_virtual_account on notices (virtual_account) where virtual_account is not null;

create index notices_payer on notices (site_id, payer_code) where payer_code is not null;

create index notices_over_allocated on notices (site_id, notice_id) where over_allocated;

-- Money enters as unidentified; an allocation takes from there, an undo gives back to there (the triggers below). So at every
-- statement amount = allocated + the parts of the suspense, and nothing can be allocated that is not there.
create table credits (
  credit_id text primary key,
  version bigint not null check (version >= 1),
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
  suspense bigint not null generated always as (amount - allocated) stored,
  unidentified bigint not null check (unidentified >= 0),
  balance bigint not null default 0 check (balance >= 0),
  to_return bigint not null default 0 check (to_return >= 0),
  returned bigint not null default 0 check (returned >= 0),
  not_a_fee bigint not null default 0 check (not_a_fee >= 0),
  status text not null check (status in ('matched', 'suggested', 'unmatched', 'ignored')),
  reason text not null,
  evidence jsonb not null,
  candidates jsonb not null,
  intended_notice_id text,
  document_number text,
  reverses text,
  reversed_by text,
  partition_origin text not null,
  decided_by_person boolean not null,
  changed_by text not null,
  changed_at timestamptz not null,
  source_version bigint not null,
  source_status text not null check (source_status in ('live', 'merged_into', 'erased')),
  virtual_account text,
  memo text,
  counter_name text,
  counter_account text,
  constraint credits_money_identity
    check (amount = allocated + unidentified + balance + to_return + returned + not_a_fee)
);

-- What a person has to look at: money that nobody knows the purpose of, and what a person matched before it turned out to be no
-- transaction of its own.
create index credits_review on credits (site_id, occurred_at, credit_id)
  where unidentified > 0 or (source_status <> 'live' and allocated > 0);

-- The sums of the metrics, without reading the table.
create index credits_suspense on credits (direction) include (unidentified, balance, to_return, not_a_fee)
  where unidentified + balance + to_return + not_a_fee > 0;

create table allocations (
  allocation_id text primary key,
  credit_id text not null references credits,
  number integer not null check (number >= 1),
  notice_id text not null references notices,
  amount bigint not null check (amount > 0),
  paid_through text not null check (paid_through in ('self', 'family', 'staff', 'helper', 'unknown')),
  decided_by text not null,
  decided_at timestamptz not null,
  undone_by text,
  undone_at timestamptz,
  undone_reason text,
  unique (credit_id, number),
  constraint allocations_undone_by_whom_when_why check (
    (undone_by is null) = (undone_at is null) and (undone_by is null) = (undone_reason is null)
  )
);

create index allocations_live_by_notice on allocations (notice_id) where undone_by is null;

-- What a credit that is not settled yet would be decided again for: a reference, a virtual account or a notice that arrives.
create table awaited (
  kind text not null check (kind in ('reference', 'virtual_account', 'notice')),
  key text not null,
  credit_id text not null references credits,
  primary key (kind, key, credit_id)
);

create index awaited_credit on awaited (credit_id);

create function count_inserted_allocations() returns trigger language plpgsql set search_path from current as $$
begin
  update credits set allocated = allocated + moved.amount, unidentified = unidentified - moved.amount
  from (select credit_id, sum(amount) as amount from added where undone_by is null group by credit_id) as moved
  where credits.credit_id = moved.credit_id;
  -- More on an over-allocated notice drops its mark, and the constraint refuses.
  update notices set allocated = allocated + moved.amount, over_allocated = false
  from (select notice_id, sum(amount) as amount from added where undone_by is null group by notice_id) as moved
  where notices.notice_id = moved.notice_id;
  return null;
end;
$$;

create function count_undone_allocations() returns trigger language plpgsql set search_path from current as $$
begin
  update credits set allocated = allocated - moved.amount, unidentified = unidentified + moved.amount
  from (
    select removed.credit_id, sum(removed.amount) as amount from removed join added using (allocation_id)
    where added.undone_by is not null group by removed.credit_id
  ) as moved
  where credits.credit_id = moved.credit_id;
  update notices set allocated = allocated - moved.amount,
    over_allocated = over_allocated and allocated - moved.amount > due
  from (
    select removed.notice_id, sum(removed.amount) as amount from removed join added using (allocation_id)
    where added.undone_by is not null group by removed.notice_id
  ) as moved
  where notices.notice_id = moved.notice_id;
  return null;
end;
$$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%', tg_argv[0] using errcode = 'integrity_constraint_violation';
end;
$$;

create trigger count_inserted after insert on allocations referencing new table as added
  for each statement execute function count_inserted_allocations();

create trigger count_undone after update on allocations referencing old table as removed new table as added
  for each statement execute function count_undone_allocations();

-- An allocation is a fact: the only change is that it is undone, once.
create trigger undone_once before update on allocations for each row
  when (
    old.undone_by is not null or new.undone_by is null
    or (old.allocation_id, old.credit_id, old.number, old.notice_id, old.amount, old.paid_through, old.decided_by, old.decided_at)
      is distinct from
      (new.allocation_id, new.credit_id, new.number, new.notice_id, new.amount, new.paid_through, new.decided_by, new.decided_at)
  )
  execute function refuse_change('an allocation can only be undone, and only once');

create trigger never_deleted before delete on allocations for each statement
  execute function refuse_change('an allocation is undone, never deleted');

create trigger never_truncated before truncate on allocations for each statement
  execute function refuse_change('an allocation is undone, never deleted');

create trigger allocated_is_counted before update of allocated on credits for each statement
  when (pg_trigger_depth() = 0)
  execute function refuse_change('allocated is counted from allocations');

create trigger allocated_is_counted before update of allocated on notices for each statement
  when (pg_trigger_depth() = 0)
  execute function refuse_change('allocated is counted from allocations');

create trigger begins_unallocated before insert on credits for each row
  when (new.allocated <> 0)
  execute function refuse_change('allocated is counted from allocations');

create trigger begins_unallocated before insert on notices for each row
  when (new.allocated <> 0)
  execute function refuse_change('allocated is counted from allocations');

create trigger amount_never_changes before update of amount, partition_origin on credits for each row
  when ((old.amount, old.partition_origin) is distinct from (new.amount, new.partition_origin))
  execute function refuse_change('the amount and the partition of a credit never change');

-- migrate: rollback

drop table awaited;

drop table allocations;

drop table credits;

drop table notices;

drop table sites;

drop function count_inserted_allocations();

drop function count_undone_allocations();

drop function refuse_change();
