-- More of each fact: how it was heard of, what follows from whom it moved, and every allocation.
-- depends: 0001_reconciliation

-- migrate: apply

-- What was stored before lacks the new columns: the topics are read again from their start.
update replay_epoch set epoch = epoch + 1 where exists (select from days);

truncate transactions, credits, statements, statement_lines, sites, notices, touched_days;

alter table transactions
  add column occurred_at timestamptz not null,
  add column heard_at timestamptz,
  add column is_on_webhook boolean not null,
  add column is_on_statement boolean not null,
  add column balance_after bigint,
  add column possible_duplicate_of text,
  add column counter_account text,
  add column counter_name text,
  add column counter_bank text,
  add column memo_says text check (memo_says in ('reversal', 'refund', 'remittance')),
  drop column received_at;

create index transactions_unrouted on transactions (account) where counts and site_id is null;

create index transactions_of_counter on transactions (account, counter_account, occurred_at)
  where counts and counter_account is not null;

create index transactions_out on transactions (site_id, occurred_at, transaction_id) where counts and direction = 'out';

create index transactions_suspected on transactions (possible_duplicate_of) where counts and possible_duplicate_of is not null;

alter table credits
  add column occurred_at timestamptz not null,
  add column status text not null,
  add column reason text not null,
  add column unidentified bigint not null,
  add column balance bigint not null,
  add column to_return bigint not null,
  add column returned bigint not null,
  add column not_a_fee bigint not null,
  add column document_number text,
  add column reverses text,
  add column reversed_by text,
  add constraint money_identity check (suspense = unidentified + balance + to_return + returned + not_a_fee);

create index credits_in_suspense on credits (day) where unidentified + to_return > 0;

create index credits_of_site on credits (site_id, day);

create table allocations (
  credit_id text not null,
  allocation_id text not null,
  notice_id text not null,
  amount bigint not null check (amount > 0),
  primary key (credit_id, allocation_id)
);

create index allocations_of_notice on allocations (notice_id);

alter table statements add column received_at timestamptz;

create index statements_beginning on statements (account, from_date);

create index statement_lines_of_transaction on statement_lines (transaction_id) where transaction_id is not null;

alter table sites add column is_sample boolean not null;

create table site_accounts (
  site_id text not null,
  account text not null,
  valid_from date not null,
  valid_to date,
  primary key (site_id, account, valid_from)
);

alter table notices
  add column bill_id text not null,
  add column reference text not null,
  add column payer_code text,
  add column payer_name text,
  add column group_name text,
  add column purpose text,
  add column period text,
  add column amount bigint not null check (amount > 0),
  add column issued_on date not null,
  add column due_on date not null,
  add column is_cancelled boolean not null,
  add column nature text;

create index notices_of_round on notices (site_id, round) where round is not null;

create index notices_issued on notices (site_id, issued_on, notice_id);

create index notices_collected_for on notices (site_id, fee_kind) where nature = 'collected_for';

create index notices_of_reference on notices (site_id, reference);

create index notices_of_payer on notices (site_id, payer_code) where payer_code is not null;

-- Whether the touch comes from a fact and may say something of the days beside it.
alter table touched_days add column is_first_hand boolean not null default true;

-- migrate: rollback

alter table touched_days drop column is_first_hand;

drop index notices_of_payer, notices_of_reference, notices_collected_for, notices_issued, notices_of_round;

alter table notices drop column bill_id, drop column reference, drop column payer_code, drop column payer_name,
  drop column group_name, drop column purpose, drop column period, drop column amount, drop column issued_on,
  drop column due_on, drop column is_cancelled, drop column nature;

drop table site_accounts;

alter table sites drop column is_sample;

drop index statement_lines_of_transaction, statements_beginning;

alter table statements drop column received_at;

drop table allocations;

drop index credits_of_site, credits_in_suspense;

alter table credits drop constraint money_identity, drop column occurred_at, drop column status, drop column reason,
  drop column unidentified, drop column balance, drop column to_return, drop column returned, drop column not_a_fee,
  drop column document_number, drop column reverses, drop column reversed_by;

drop index transactions_suspected, transactions_out, transactions_of_counter, transactions_unrouted;

truncate transactions;

alter table transactions drop column occurred_at, drop column heard_at, drop column is_on_webhook,
  drop column is_on_statement, drop column balance_after, drop column possible_duplicate_of, drop column counter_account,
  drop column counter_name, drop column counter_bank, drop column memo_says, add column received_at timestamptz not null;
