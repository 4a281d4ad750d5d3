-- Money that goes back, cash on its way to the bank, money collected for others: acts, which no replay touches.
-- depends: 0003_reconciliation_closing

-- migrate: apply

-- A refund goes to the account that paid, or in cash against signature; whoever proposes it does not approve it.
create table refunds (
  refund_id text primary key, -- of the collation of all other items' ids: in another one no index of day_items would serve
  version bigint not null check (version >= 1),
  site_id text not null,
  credit_id text not null,
  credit_amount bigint not null,
  amount bigint not null check (amount > 0 and amount <= credit_amount),
  why text not null,
  way text not null check (way in ('transfer', 'cash')),
  state text not null check (state in ('proposed', 'approved', 'refused', 'withdrawn', 'listed', 'paid', 'told')),
  to_account text,
  to_bank text,
  to_name text,
  proposed_by text not null,
  proposed_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  decision_note text,
  list_id text,
  paid_by_transaction text,
  handed_by text,
  document_number text,
  paid_on date,
  paid_at timestamptz,
  told_at timestamptz,
  constraint two_people check (decided_by is null or state in ('refused', 'withdrawn') or decided_by <> proposed_by),
  constraint approved_first check (state in ('proposed', 'refused', 'withdrawn') or decided_by is not null),
  constraint to_the_account_that_paid check (
    way = 'cash' or to_account is not null or state in ('told', 'refused', 'withdrawn')),
  constraint in_a_list check (way = 'cash' or state not in ('listed', 'paid', 'told') or list_id is not null),
  constraint paid_somehow check (
    state not in ('paid', 'told') or (
      paid_on is not null and (
        (way = 'transfer' and paid_by_transaction is not null)
        or (way = 'cash' and handed_by is not null and document_number is not null))))
);

create index refunds_of_site on refunds (site_id, refund_id);

create index refunds_of_credit on refunds (credit_id) where state not in ('refused', 'withdrawn');

create index refunds_listed on refunds (site_id, to_account, amount) where state = 'listed';

create index refunds_in_cash on refunds (site_id, paid_on) where way = 'cash' and state in ('paid', 'told');

create index refunds_of_list on refunds (list_id) where list_id is not null;

create index refunds_paid on refunds (credit_id) where state = 'paid';

-- However many clerks at once: what goes back of a credit is never more than came.
create function check_refunds() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('refund/' || new.credit_id, 0));
  if (select sum(amount) from refunds where credit_id = new.credit_id and state not in ('refused', 'withdrawn'))
    > new.credit_amount
  then
    raise exception using errcode = 'check_violation', constraint = 'refunds_within_credit',
      message = 'refunds exceed the credit';
  end if;
  return null;
end
$$;

create constraint trigger refunds_within_credit after insert or update of amount, state on refunds
  for each row execute function check_refunds();

create table payment_lists (
  list_id text collate "C" primary key,
  site_id text not null,
  made_by text not null,
  made_at timestamptz not null
);

create index payment_lists_of_site on payment_lists (site_id, list_id);

-- Money out that returns a credit, and whether matching, which releases what the credit paid, has taken it.
create table returns (
  return_id text collate "C" primary key,
  site_id text not null,
  credit_id text not null,
  out_transaction_id text unique,
  refund_id text unique references refunds,
  amount bigint not null check (amount > 0),
  why text not null check (why in ('reversal', 'refund')),
  evidence text[] not null,
  decided_by text not null,
  decided_at timestamptz not null,
  told_at timestamptz,
  tried integer not null default 0,
  try_after timestamptz not null default now(),
  last_error text,
  constraint returned_somehow check (out_transaction_id is not null or refund_id is not null)
);

create index returns_untold on returns (try_after) where told_at is null;

create index returns_of_site on returns (site_id, return_id);

create index returns_of_credit on returns (credit_id);

create table return_refusals (
  out_transaction_id text not null,
  credit_id text not null,
  refused_by text not null,
  refused_at timestamptz not null,
  primary key (out_transaction_id, credit_id)
);

-- Which receipts a deposit brought to the bank.
create table deposit_links (
  deposit_id text not null,
  receipt_id text not null,
  site_id text not null,
  deposit_day date not null,
  receipt_day date not null,
  amount bigint not null check (amount > 0),
  linked_at timestamptz not null default now(),
  primary key (deposit_id, receipt_id)
);

create index deposit_links_of_receipt on deposit_links (receipt_id);

create index deposit_links_of_day on deposit_links (site_id, deposit_day);

create index deposit_links_cleared on deposit_links (site_id, receipt_day);

create table shifts (
  shift_id text collate "C" primary key,
  version bigint not null check (version >= 1),
  site_id text not null,
  counter text not null,
  cashiers text[] not null check (cardinality(cashiers) > 0),
  opened_at timestamptz not null,
  opening bigint not null check (opening >= 0),
  closed_by text,
  closed_at timestamptz,
  closed_on date,
  denominations jsonb,
  counted bigint,
  expected bigint,
  handed_over bigint,
  left_in_till bigint,
  reason text,
  constraint closed_whole check (
    num_nulls(closed_by, closed_at, closed_on, denominations, counted, expected, handed_over, left_in_till) in (0, 8)),
  constraint whoever_takes_cash_closes_not check (closed_by is null or not closed_by = any(cashiers)),
  constraint all_is_somewhere check (closed_by is null or (
    counted = handed_over + left_in_till and handed_over >= 0 and left_in_till >= 0)),
  constraint a_difference_has_a_reason check (closed_by is null or counted = expected or reason is not null)
);

create unique index one_open_shift_a_counter on shifts (site_id, counter) where closed_by is null;

create index shifts_of_site on shifts (site_id, opened_at);

create index shifts_differing on shifts (site_id, closed_on) where counted <> expected;

-- A receipt that a person put into a shift; others belong to the only one that was open.
create table shift_receipts (
  credit_id text primary key,
  shift_id text not null references shifts,
  put_by text not null,
  put_at timestamptz not null
);

create index shift_receipts_of_shift on shift_receipts (shift_id);

-- To whom what is collected for others goes.
create table bodies (
  site_id text not null,
  fee_kind text not null,
  version bigint not null check (version >= 1),
  body text not null,
  account text,
  bank text,
  set_by text not null,
  set_at timestamptz not null,
  primary key (site_id, fee_kind)
);

create index bodies_of_account on bodies (site_id, account) where account is not null;

-- Money out that hands collected money on.
create table remittances (
  transaction_id text not null,
  site_id text not null,
  fee_kind text not null,
  body text not null,
  amount bigint not null check (amount > 0),
  day date not null,
  decided_by text not null,
  decided_at timestamptz not null,
  primary key (transaction_id, fee_kind)
);

-- Payments of which a person said that they hand nothing on, or something else than the automaton took them for.
create table remittance_refusals (
  transaction_id text primary key,
  refused_by text not null,
  refused_at timestamptz not null
);

create index remittances_of_site on remittances (site_id, fee_kind, day);

-- The statutory document of a notice, which the unit's own system issued.
create table documents (
  site_id text not null,
  notice_id text not null,
  series text not null,
  number text not null,
  kind text not null,
  issued_on date,
  amount bigint check (amount > 0),
  link text,
  imported_by text not null,
  imported_at timestamptz not null,
  primary key (site_id, notice_id, series, number)
);

create index documents_of_number on documents (site_id, series, number);

-- Signed closes of a round and of a month.
create table closes (
  close_id text collate "C" primary key,
  site_id text not null,
  kind text not null check (kind in ('round', 'month')),
  subject text not null,
  first_day date not null,
  last_day date not null,
  figures jsonb not null,
  digest text not null,
  signed_by text not null,
  signed_at timestamptz not null,
  unique (site_id, kind, subject)
);

create index closes_of_site on closes (site_id, close_id);

-- Everything that counts on a day: movements of bank accounts with what was decided about them; of the cash box receipts,
-- what was paid out of it and what was brought to the bank. An item is one movement on one account.
create view day_items as
select t.transaction_id as item_id, t.site_id, t.account, t.day,
  case t.direction when 'in' then t.amount else 0 end as credits,
  case t.direction when 'out' then t.amount else 0 end as debits,
  coalesce(case t.direction when 'in' then c.allocated end, 0) as allocated,
  coalesce(case t.direction when 'in' then c.suspense end, 0) as suspense,
  0::bigint as cash,
  case when t.direction = 'in' and c.reason = 'cash_deposit' then t.amount else 0 end as deposits,
  c.credit_id is null as is_undecided
from transactions t left join credits c on c.credit_id = t.transaction_id and c.direction = t.direction
where t.counts and t.site_id is not null
union all
select c.credit_id, c.site_id, 'cash', c.day, 0, case c.direction when 'out' then c.amount else 0 end,
  case c.direction when 'in' then c.allocated else 0 end, case c.direction when 'in' then c.suspense else 0 end,
  case c.direction when 'in' then c.amount else 0 end, 0, false
from credits c
where c.channel = 'cash' and c.site_id is not null
union all
select t.transaction_id, t.site_id, 'cash', t.day, 0, 0, 0, 0, 0, t.amount, false
from transactions t join credits c on c.credit_id = t.transaction_id
where t.counts and t.site_id is not null and t.direction = 'in' and c.reason = 'cash_deposit'
union all
select r.refund_id, r.site_id, 'cash', r.paid_on, 0, r.amount, 0, 0, 0, 0, false
from refunds r
where r.way = 'cash' and r.state in ('paid', 'told');

create index transactions_in_of_day on transactions (site_id, day) where counts and direction = 'in';

-- migrate: rollback

drop index transactions_in_of_day;

drop view day_items;

drop table closes;

drop table documents;

drop table remittance_refusals;

drop table remittances;

drop table bodies;

drop table shift_receipts;

drop table shifts;

drop table deposit_links;

drop table return_refusals;

drop table returns;

drop table payment_lists;

drop table refunds;

drop function check_refunds;
