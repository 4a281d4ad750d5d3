-- Facts by id, the days and discrepancies as last published, and which days have to be derived again.
-- depends: 0000_runtime

-- migrate: apply

create table transactions (
  transaction_id text primary key,
  version bigint not null,
  site_id text,
  account text not null,
  day date not null,
  direction text not null check (direction in ('in', 'out')),
  amount bigint not null check (amount > 0),
  counts boolean not null,
  received_at timestamptz not null
);

create index transactions_of_day on transactions (site_id, account, day) where counts;

create table credits (
  credit_id text primary key,
  version bigint not null,
  site_id text,
  account text,
  channel text not null,
  direction text not null check (direction in ('in', 'out')),
  day date not null,
  amount bigint not null check (amount > 0),
  allocated bigint not null check (allocated >= 0),
  suspense bigint not null check (suspense >= 0),
  check (amount = allocated + suspense)
);

create index credits_cash_of_day on credits (site_id, day) where channel = 'cash';

create table statements (
  statement_id text primary key,
  version bigint not null,
  site_id text,
  account text not null,
  from_date date not null,
  to_date date not null,
  opening bigint not null,
  credits bigint not null,
  debits bigint not null,
  closing bigint not null
);

create index statements_of_account on statements (account, to_date);

create table statement_lines (
  statement_id text not null,
  line integer not null,
  transaction_id text,
  amount bigint not null,
  direction text not null check (direction in ('in', 'out')),
  day date not null,
  occurred_at timestamptz not null,
  primary key (statement_id, line)
);

create table sites (
  site_id text primary key,
  version bigint not null,
  name text not null
);

create table notices (
  notice_id text primary key,
  version bigint not null,
  site_id text not null,
  fee_kind text not null,
  round text
);

-- A queue without a unique key: two writers of one day must each leave a row, or one's change would go unseen.
create table touched_days (
  id bigint generated always as identity primary key,
  site_id text not null,
  account text not null,
  day date not null,
  traceparent text
);

-- As last published; no replay empties these two.
create table days (
  key text collate "C" primary key,
  site_id text not null,
  account text not null,
  day date not null,
  version bigint not null check (version >= 1),
  state text not null,
  entity jsonb not null,
  unique (site_id, day, account)
);

create index days_open on days (day) where state = 'open';

create table discrepancies (
  discrepancy_id text collate "C" primary key,
  site_id text not null,
  account text not null,
  day date not null,
  version bigint not null check (version >= 1),
  state text not null,
  entity jsonb not null
);

create index discrepancies_of_day on discrepancies (site_id, account, day);

create index discrepancies_open on discrepancies (day) where state = 'open';

-- The replay after which the facts were complete again; until then nothing is derived from them.
create table rebuilt (
  only_row boolean primary key default true check (only_row),
  epoch integer not null default 1
);

insert into rebuilt default values;

-- migrate: rollback

drop table rebuilt;

drop table discrepancies;

drop table days;

drop table touched_days;

drop table notices;

drop table sites;

drop table statement_lines;

drop table statements;

drop table credits;

drop table transactions;
