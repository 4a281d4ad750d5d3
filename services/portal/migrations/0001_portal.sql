-- The read model of the pages: what they show, and nothing else of a person.
-- depends: 0000_runtime

-- migrate: apply

create table sites (
  site_id text primary key,
  version bigint not null check (version >= 1),
  name text not null,
  search_key text not null,
  type text not null,
  unit_code text not null,
  sample boolean not null
);

-- The overview lists sites by name.
create index sites_by_name on sites (search_key collate "C", site_id collate "C");

create table units (
  unit_code text not null,
  valid_from date not null,
  version bigint not null check (version >= 1),
  name text not null,
  level text not null,
  parent_code text,
  valid_to date,
  primary key (unit_code, valid_from)
);

create table notices (
  notice_id text primary key,
  version bigint not null check (version >= 1),
  site_id text not null,
  payer_name text,
  payer_group text,
  purpose text,
  period text,
  fee_kind text not null,
  amount bigint not null,
  status text not null
);

create table transactions (
  transaction_id text primary key,
  version bigint not null check (version >= 1),
  counter_name text
);

-- The entity holds no personal data (DESIGN §6.6): it is kept whole for the page of one payment.
create table credits (
  credit_id text primary key,
  version bigint not null check (version >= 1),
  site_id text not null,
  day date not null,
  occurred_at timestamptz not null,
  channel text not null,
  direction text not null,
  amount bigint not null check (amount > 0),
  suspense bigint not null check (suspense between 0 and amount),
  state text not null check (state in ('matched', 'review', 'ignored')),
  entity jsonb not null
);

-- A site's payments, newest first, page by page.
create index credits_of_site on credits (site_id, occurred_at desc, credit_id collate "C" desc);

create index credits_of_site_and_state on credits (site_id, state, occurred_at desc, credit_id collate "C" desc);

-- What a day's figures are counted from.
create index credits_of_day on credits (site_id, day);

-- Money in of one site and day, counted again from its credits whenever one of them changes.
create table day_figures (
  site_id text not null,
  day date not null,
  received_count bigint not null,
  received_dong bigint not null,
  matched_count bigint not null,
  allocated_dong bigint not null,
  review_count bigint not null,
  review_dong bigint not null,
  ignored_count bigint not null,
  suspense_dong bigint not null,
  allocated_count bigint not null,
  cashless_count bigint not null,
  primary key (site_id, day)
);

-- The same of all days of a site; the revision grows with whatever its pages show, and tells open pages to look again.
create table site_figures (
  site_id text primary key,
  revision bigint not null,
  received_count bigint not null default 0,
  received_dong bigint not null default 0,
  matched_count bigint not null default 0,
  allocated_dong bigint not null default 0,
  review_count bigint not null default 0,
  review_dong bigint not null default 0,
  ignored_count bigint not null default 0,
  suspense_dong bigint not null default 0,
  allocated_count bigint not null default 0,
  cashless_count bigint not null default 0
);

-- Entities without personal data that are kept as they came: campaigns, statements, days, discrepancies, metrics.
create table entities (
  topic text not null,
  key text not null,
  version bigint not null check (version >= 1),
  site_id text,
  entity jsonb not null,
  primary key (topic, key)
);

create index entities_of_site on entities (site_id, topic, key) where site_id is not null;

-- migrate: rollback

drop table entities;

drop table site_figures;

drop table day_figures;

drop table credits;

drop table transactions;

drop table notices;

drop table units;

drop table sites;
