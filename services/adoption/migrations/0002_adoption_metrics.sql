-- More facts, and the steps from which every metric of docs/metrics.md is derived.
-- depends: 0001_adoption

-- migrate: apply

-- The facts are read again from the topics, as by a replay; figures published so far keep their versions.

-- A new installation has nothing to read again.
update replay_epoch set epoch = epoch + 1 where exists (select from units) or exists (select from credits);

truncate units, sites, campaigns, notices, transactions, credits, allocations, changes, touched_days, site_places, calendar;

drop table payments, site_days, site_windows;

-- stands: whether the site was anywhere at all at that time.
alter table site_places add column stands boolean not null;

alter table units
  add column population bigint,
  add column people_15_plus bigint,
  add column households bigint,
  add column group_members bigint;

alter table notices
  add column bill_id text not null,
  add column amount bigint not null,
  add column issued_on date not null,
  add column due_on date not null,
  add column is_due boolean not null,
  add column is_open boolean not null,
  add column unit_code text,
  add column link_opened_at timestamptz,
  add column helper_declared_at timestamptz;

create index notices_of_bill on notices (bill_id);

create index notices_of_unit on notices (unit_code) where unit_code is not null;

-- sightings: a list of [provider, seen_by, received_at], in the order in which they came.
alter table transactions
  drop column seen_by,
  add column status text not null,
  add column account text not null,
  add column bank text not null,
  add column occurred_at timestamptz not null,
  add column sightings jsonb not null;

create index transactions_of_account on transactions (account, occurred_at);

alter table credits
  add column is_income boolean not null,
  add column occurred_at timestamptz not null,
  add column received_at timestamptz not null,
  add column provider text not null,
  add column bank text not null,
  add column amount bigint not null,
  add column is_waiting boolean not null;

-- Also those that were taken back: undone_by says by whom, null for one that holds.
alter table allocations
  add column paid_through text not null,
  add column decided_by text not null,
  add column decided_at timestamptz not null,
  add column undone_by text;

alter table changes drop constraint changes_what_check;

alter table changes add constraint changes_what_check
  check (what in ('credit', 'notice', 'transaction', 'place', 'campaign'));

-- What a transfer costs its sender, by the payer's bank and the receiving provider ('*': any; '?': of some bank), from a day on. Acts: no replay
-- empties them. assumed: nobody checked the source.
create table transfer_fees (
  bank text not null,
  provider text not null,
  valid_from date not null,
  valid_to date check (valid_to >= valid_from),
  amount_from bigint not null check (amount_from >= 0),
  amount_to bigint check (amount_to >= amount_from),
  fee bigint not null check (fee >= 0),
  source text not null,
  assumed boolean not null,
  primary key (bank, provider, valid_from, amount_from, fee)
);

-- What stands beside the shares: figures of a unit that no event tells, each with its day and source. Acts, as above.
create table context (
  unit_code text not null,
  measure text not null,
  as_of date not null,
  value text not null,
  source text not null,
  assumed boolean not null,
  primary key (unit_code, measure, as_of)
);

-- One row per allocation that counts: what of which credit paid which fee of which payer, and when this payer first paid
-- without cash at this site.
create table payments (
  credit_id text not null,
  allocation_id text not null,
  notice_id text not null,
  site_id text not null,
  day date not null,
  fee_kind text not null,
  village text not null,
  payer text not null,
  cashless boolean not null,
  helped boolean not null,
  amount bigint not null,
  first_cashless_on date,
  primary key (credit_id, allocation_id)
);

create index payments_of_day on payments (site_id, day);

create index payments_of_payer on payments (site_id, payer);

-- What became of each notice that is not cancelled. A notice that is no duty has no due day here.
create table settlements (
  notice_id text primary key,
  bill_id text not null,
  site_id text not null,
  fee_kind text not null,
  village text not null,
  payer text not null,
  due_on date,
  settled_on date,
  settled_cashless boolean not null,
  days_to_pay bigint,
  opened_on date,
  from_afar boolean not null
);

create index settlements_by_due_day on settlements (site_id, due_on);

create index settlements_by_settled_day on settlements (site_id, settled_on);

create index settlements_by_opened_day on settlements (site_id, opened_on) where opened_on is not null;

-- What became of each bank credit that could pay a fee. waits_until: the first day at whose end it waits no more.
create table transfers (
  credit_id text primary key,
  site_id text not null,
  day date not null,
  provider text not null,
  bank text not null,
  automatic boolean not null,
  ever_automatic boolean not null,
  undone boolean not null,
  matched_seconds bigint,
  notices bigint not null,
  cost_dong bigint,
  short_dong bigint,
  waits_from date not null,
  waits_until date
);

create index transfers_of_day on transfers (site_id, day);

create index transfers_by_day on transfers (day);

create index transfers_waiting on transfers (site_id, waits_from) where waits_until is null or waits_until > waits_from;

-- By which provider and way word of each transaction came; one row a transaction and provider.
create table deliveries (
  transaction_id text not null,
  provider text not null,
  bank text not null,
  site_id text not null,
  day date not null,
  first_at timestamptz,
  lateness_seconds bigint,
  watched boolean not null,
  healed boolean not null,
  reports bigint not null,
  duplicate_reports bigint not null,
  primary key (transaction_id, provider)
);

create index deliveries_of_provider on deliveries (provider, first_at);

create index deliveries_of_day on deliveries (site_id, day);

create index deliveries_by_day on deliveries (day);

-- The provider that sends an account's webhooks.
create table account_providers (
  account text primary key,
  provider text not null
);

-- A site's day: over everything (fee_kind and village 'all'), of one fee kind, or of one village.
create table site_days (
  site_id text not null,
  day date not null,
  fee_kind text not null,
  village text not null,
  all_count bigint not null, cashless_count bigint not null, helped_count bigint not null, all_value bigint not null,
  cashless_value bigint not null, helped_value bigint not null, due_notices bigint not null,
  on_time_notices bigint not null, settled_notices bigint not null, issue_to_paid_days bigint not null,
  opened_bills bigint not null, from_afar_bills bigint not null,
  primary key (site_id, day, fee_kind, village)
);

create index site_days_by_day on site_days (day);

-- A site's day as to transfers, which have neither fee kind nor village.
create table transfer_days (
  site_id text not null,
  day date not null,
  bank_credits bigint not null, automatic_credits bigint not null, ever_automatic_credits bigint not null,
  undone_credits bigint not null, matched_credits bigint not null, matched_seconds bigint not null,
  matched_1s bigint not null, matched_5s bigint not null, matched_1m bigint not null, matched_1h bigint not null,
  matched_1d bigint not null, transferred_notices bigint not null, priced_credits bigint not null,
  cost_dong bigint not null, short_credits bigint not null, short_dong bigint not null,
  waiting_credits bigint not null, waiting_days bigint not null, webhook_transactions bigint not null,
  late_transactions bigint not null, lateness_seconds bigint not null, watched_transactions bigint not null,
  healed_transactions bigint not null, reports bigint not null, duplicate_reports bigint not null,
  primary key (site_id, day)
);

-- A day of a provider or of a payer's bank ('provider:sepay', 'bank:BIDV').
create table channel_days (
  channel text not null,
  day date not null,
  bank_credits bigint not null, automatic_credits bigint not null, ever_automatic_credits bigint not null,
  undone_credits bigint not null, matched_credits bigint not null, matched_seconds bigint not null,
  matched_1s bigint not null, matched_5s bigint not null, matched_1m bigint not null, matched_1h bigint not null,
  matched_1d bigint not null, transferred_notices bigint not null, priced_credits bigint not null,
  cost_dong bigint not null, short_credits bigint not null, short_dong bigint not null,
  waiting_credits bigint not null, waiting_days bigint not null, webhook_transactions bigint not null,
  late_transactions bigint not null, lateness_seconds bigint not null, watched_transactions bigint not null,
  healed_transactions bigint not null, reports bigint not null, duplicate_reports bigint not null,
  primary key (day, channel)
);

-- A site's range of days by cell as in site_days, and by place where it lay in two within the range. level says for which
-- scopes a row counts: every one, or only those of a level; of a campaign, inside its unit (campaign) or elsewhere.
create table site_windows (
  site_id text not null,
  starts_on date not null,
  ends_on date not null,
  campaign_id text not null,
  fee_kind text not null,
  village text not null,
  level text not null check (level in ('every', 'site', 'commune', 'district', 'province', 'campaign', 'elsewhere')),
  site_type text not null,
  commune text,
  district text,
  province text,
  all_payers bigint not null, cashless_payers bigint not null, helped_payers bigint not null,
  first_time_payers bigint not null, known_payers bigint not null, returning_payers bigint not null,
  due_payers bigint not null, adopted_payers bigint not null,
  all_count bigint not null, cashless_count bigint not null, helped_count bigint not null, all_value bigint not null,
  cashless_value bigint not null, helped_value bigint not null, due_notices bigint not null,
  on_time_notices bigint not null, settled_notices bigint not null, issue_to_paid_days bigint not null,
  opened_bills bigint not null, from_afar_bills bigint not null
);

create index site_windows_of_range on site_windows (ends_on, starts_on, site_id);

create table transfer_windows (
  site_id text not null,
  starts_on date not null,
  ends_on date not null,
  site_type text not null,
  commune text not null,
  district text not null,
  province text not null,
  bank_credits bigint not null, automatic_credits bigint not null, ever_automatic_credits bigint not null,
  undone_credits bigint not null, matched_credits bigint not null, matched_seconds bigint not null,
  matched_1s bigint not null, matched_5s bigint not null, matched_1m bigint not null, matched_1h bigint not null,
  matched_1d bigint not null, transferred_notices bigint not null, priced_credits bigint not null,
  cost_dong bigint not null, short_credits bigint not null, short_dong bigint not null,
  waiting_credits bigint not null, waiting_days bigint not null, webhook_transactions bigint not null,
  late_transactions bigint not null, lateness_seconds bigint not null, watched_transactions bigint not null,
  healed_transactions bigint not null, reports bigint not null, duplicate_reports bigint not null
);

create index transfer_windows_of_range on transfer_windows (ends_on, starts_on, site_id);

-- Windows that have to be computed again; only the refresh writes these two, one at a time.
create table touched_windows (
  ends_on date not null,
  starts_on date not null,
  campaign_id text not null,
  site_id text not null,
  primary key (ends_on, starts_on, campaign_id, site_id)
);

-- Ranges whose sums have to be compared with what was published, though no site's window changed.
create table touched_ranges (
  ends_on date not null,
  starts_on date not null,
  primary key (ends_on, starts_on)
);

-- As last published; no replay empties it. One row a cell, its metrics by their places in services/adoption/metrics.py;
-- version 0: never published.
create table figures (
  scope text collate "C" not null,
  site_type text collate "C" not null,
  fee_kind text collate "C" not null,
  window_kind text collate "C" not null,
  as_of date not null,
  versions bigint[] not null,
  numerators bigint[] not null,
  denominators bigint[] not null,
  primary key (scope, site_type, fee_kind, window_kind, as_of)
);

create index figures_by_day on figures (as_of, window_kind);

insert into figures
select scope, site_type, fee_kind, window_kind, as_of,
  array[
    coalesce(max(version) filter (where metric = 'cashless_share_payers'), 0),
    coalesce(max(version) filter (where metric = 'cashless_share_count'), 0),
    coalesce(max(version) filter (where metric = 'cashless_share_value'), 0)
  ],
  array[
    coalesce(max(numerator) filter (where metric = 'cashless_share_payers'), 0),
    coalesce(max(numerator) filter (where metric = 'cashless_share_count'), 0),
    coalesce(max(numerator) filter (where metric = 'cashless_share_value'), 0)
  ],
  array[
    coalesce(max(denominator) filter (where metric = 'cashless_share_payers'), 0),
    coalesce(max(denominator) filter (where metric = 'cashless_share_count'), 0),
    coalesce(max(denominator) filter (where metric = 'cashless_share_value'), 0)
  ]
from metrics group by scope, site_type, fee_kind, window_kind, as_of;

drop table metrics;

-- migrate: rollback

drop table touched_ranges, touched_windows, transfer_windows, site_windows, channel_days, transfer_days, site_days, account_providers, deliveries, transfers,
  settlements, payments, context, transfer_fees;

update replay_epoch set epoch = epoch + 1;

truncate units, sites, campaigns, notices, transactions, credits, allocations, changes, touched_days, site_places, calendar;

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

insert into metrics
select concat_ws('/', metric, scope, site_type, fee_kind, window_kind, as_of::text), versions[place], metric, scope, site_type,
  fee_kind, window_kind, as_of, numerators[place], denominators[place]
from figures cross join (values
  (1, 'cashless_share_payers'), (2, 'cashless_share_count'), (3, 'cashless_share_value')
) as m(place, metric)
where versions[place] > 0;

drop table figures;

alter table site_places drop column stands;

alter table changes drop constraint changes_what_check;

alter table changes add constraint changes_what_check check (what in ('credit', 'notice', 'place'));

alter table allocations drop column paid_through, drop column decided_by, drop column decided_at, drop column undone_by;

alter table credits
  drop column is_income, drop column occurred_at, drop column received_at, drop column provider, drop column bank,
  drop column amount, drop column is_waiting;

drop index transactions_of_account;

alter table transactions
  add column seen_by text not null,
  drop column status, drop column account, drop column bank, drop column occurred_at, drop column sightings;

drop index notices_of_unit;

drop index notices_of_bill;

alter table notices
  drop column bill_id, drop column amount, drop column issued_on, drop column due_on, drop column is_due, drop column is_open,
  drop column unit_code, drop column link_opened_at, drop column helper_declared_at;

alter table units
  drop column population, drop column people_15_plus, drop column households, drop column group_members;

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
