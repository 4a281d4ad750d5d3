-- Fee kinds, notices with their bills, and what other services tell: sites, what is paid, how fresh the bank's data are.
-- depends: 0000_runtime

-- migrate: apply

create table sites (
  site_id text collate "C" primary key,
  version bigint not null check (version >= 1),
  entity jsonb not null
);

-- site_id is '' for a fee kind of all sites.
create table fee_kinds (
  site_id text not null,
  fee_kind text not null,
  valid_from date not null,
  valid_to date check (valid_to >= valid_from),
  name text not null,
  nature text not null check (nature in ('charge', 'service', 'collected_for', 'voluntary', 'deposit')),
  basis text,
  ceiling bigint check (ceiling > 0),
  priority integer check (priority >= 0),
  primary key (site_id, fee_kind, valid_from)
);

-- A payer's notices of one round under one reference. The reference is unique over all sites and for ever.
create table bills (
  bill_id text collate "C" primary key,
  site_id text not null,
  payer_code text not null,
  reference text not null unique,
  created_at timestamptz not null default now()
);

create index bills_payer on bills (site_id, payer_code);

create table notices (
  notice_id text collate "C" primary key,
  version bigint not null check (version >= 1),
  site_id text not null,
  bill_id text not null references bills,
  status text not null check (status in ('open', 'cancelled')),
  entity jsonb not null
);

create index notices_site on notices (site_id, notice_id);

create index notices_bill on notices (bill_id);

-- The newest version seen of each credit, and what it pays: Σ over a notice's rows is what is paid of it.
create table credits (
  credit_id text collate "C" primary key,
  version bigint not null check (version >= 1)
);

create table payments (
  allocation_id text not null,
  credit_id text not null references credits,
  notice_id text not null,
  amount bigint not null check (amount > 0),
  primary key (credit_id, allocation_id)
);

create index payments_notice on payments (notice_id) include (amount);

create table bank_freshness (
  site_id text primary key,
  fresh_until timestamptz not null
);

-- migrate: rollback

drop table bank_freshness;

drop table payments;

drop table credits;

drop table notices;

drop table bills;

drop table fee_kinds;

drop table sites;
