-- Facts by id, what is derived from them step by step, and the metrics as last published.
-- depends: 0000_runtime

-- migrate: apply

create table units (
  unit_code text not null,
  valid_from date not null,
  version bigint not null,
  name text not null,
  level text not null,
  parent_code text,
  valid_to date,
  succeeded_by text[] not null,
  primary key (unit_code, valid_from)
);

create table sites (
  site_id text primary key,
  version bigint not null,
  name text not null,
  type text not null,
  units jsonb not null
);

create table campaigns (
  campaign_id text primary key,
  version bigint not null,
  name text not null,
  unit_code text not null,
  starts_on date not null,
  ends_on date not null,
  kind text not null
);

create table notices (
  notice_id text primary key,
  version bigint not null,
  site_id text not null,
  fee_kind text not null,
  payer text not null
);

create table transactions (
  transaction_id text primary key,
  version bigint not null,
  site_id text,
  day date not null,
  provider text not null,
  seen_by text not null
);

create table credits (
  credit_id text primary key,
  version bigint not null,
  site_id text,
  channel text not null,
  day date not null
);

create table allocations (
  credit_id text not null,
  allocation_id text not null,
  notice_id text not null,
  amount bigint not null check (amount > 0),
  primary key (credit_id, allocation_id)
);

create index allocations_of_notice on allocations (notice_id);

-- A queue without a unique key: two writers of one entity must each leave a row, or one's change would go unseen.
create table changes (
  id bigint generated always as identity primary key,
  what text not null check (what in ('credit', 'notice', 'place')),
  entity_id text not null,
  traceparent text
);

-- Days whose figures have to be computed again; only the refresh writes it, one at a time.
create table touched_days (
  site_id text not null,
  day date not null,
  primary key (day, site_id)
);

-- Where a site lay, from a day to a day, and its type; 'unknown' where that is not known.
create table site_places (
  site_id text not null,
  valid_from date not null,
  valid_to date not null,
  site_type text not null,
  village text not null,
  commune text not null,
  district text not null,
  province text not null,
  primary key (site_id, valid_from)
);

-- One row per allocation that counts: what of which credit paid which fee of which payer.
create table payments (
  credit_id text not null,
  allocation_id text not null,
  site_id text not null,
  day date not null,
  fee_kind text not null,
  payer text not null,
  cashless boolean not null,
  amount bigint not null,
  primary key (credit_id, allocation_id)
);

create index payments_of_day on payments (site_id, day);

-- fee_kind 'all': over all fee kinds, where a credit that pays two kinds counts once.
create table site_days (
  site_id text not null,
  day date not null,
  fee_kind text not null,
  site_type text not null,
  village text not null,
  commune text not null,
  district text not null,
  province text not null,
  cashless_count bigint not null,
  all_count bigint not null,
  cashless_value bigint not null,
  all_value bigint not null,
  primary key (site_id, day, fee_kind)
);

create index site_days_by_day on site_days (day);

-- A site's window; of two places where it lay in both during the window.
create table site_windows (
  site_id text not null,
  window_kind text not null,
  as_of date not null,
  site_type text not null,
  village text not null,
  commune text not null,
  district text not null,
  province text not null,
  cashless_payers bigint not null,
  all_payers bigint not null,
  cashless_count bigint not null,
  all_count bigint not null,
  cashless_value bigint not null,
  all_value bigint not null,
  primary key (site_id, window_kind, as_of, site_type, village, commune, district, province)
);

create index site_windows_by_day on site_windows (as_of, window_kind);

-- Up to which date the rolling windows were carried.
create table calendar (
  only_row boolean primary key default true check (only_row),
  carried_to date not null
);

-- As last published; no replay empties it.
create table metrics (
  key text collate "C" primary key,
  version bigint not null check (version >= 1),
  metric text not null,
  scope text not null,
  site_type text not null,
  fee_kind text not null,
  window_kind text not null,
  as_of date not null,
  numerator bigint not null,
  denominator bigint not null
);

create index metrics_by_day on metrics (as_of, window_kind);

-- The replay after which the facts were complete again; until then nothing is derived from them.
create table rebuilt (
  only_row boolean primary key default true check (only_row),
  epoch integer not null default 1
);

insert into rebuilt default values;

-- migrate: rollback

drop table rebuilt;

drop table metrics;

drop table calendar;

drop table site_windows;

drop table site_days;

drop table payments;

drop table site_places;

drop table touched_days;

drop table changes;

drop table allocations;

drop table credits;

drop table transactions;

drop table notices;

drop table campaigns;

drop table sites;

drop table units;
